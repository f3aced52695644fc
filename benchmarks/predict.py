"""How soon and how fast pictures are answered over the API, beside fastai on the same files.

    python -m benchmarks.predict [--quick]

squeezenet1_1 at 224 px, trained for an epoch from scratch on photos of 256 x 341 px from ../shared/data or made
up; those and photos of 12 megapixels are asked about. Ours is `POST /api/v1/…/predict` of a running server, HTTP to
JSON, with how familiar each picture is. `learn.predict` in a loop and `learn.get_preds` on a test_dl open the exported
pickle in a process of their own, in the same run. Ratios `_over_learn` of seconds: lower is better; of rates
(clients32_over_learn, batch_over_get_preds, batch_over_bare): higher is better.

cold_start_s: the server is up, no model process yet; a picture's upload to its answer. small_over_learn,
large_over_learn: one picture after the other. clients32_over_learn: pictures a second of 32 clients on the same cores,
over the loop's. batch_over_bare: 1,000 pictures a second in forms of 100, over what bare onnxruntime makes of ready
squares. p99_ms: of the 32 clients' pictures. rss_mb: of the model process in the end.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
import psutil
from PIL import Image

ROOT = Path(__file__).parents[1]
PHOTOS = ROOT.parent / "shared" / "data" / "photos" / "trashnet"
LABELS = ["cardboard", "glass", "metal", "paper", "plastic", "trash"]
N_CLIENTS = 32
N_TRAINED = 120
SLUG = "bench"


def main() -> None:
    """Measure and print; the last line is the JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer pictures")
    parser.add_argument("--clients", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.clients:  # a process of our own, see `_clients`
        print(json.dumps(_latencies(chosen.clients, chosen.url)))
        return
    n_many, n_small, n_large = (200, 40, 6) if chosen.quick else (1000, 200, 20)
    with tempfile.TemporaryDirectory() as place:
        os.environ |= {
            "CURATE_HOME": str(Path(place) / "home"),
            "CURATE_API_RATE": "100000",
            "CURATE_STANDBY_MINUTES": "0",
        }
        print(json.dumps(_measure(Path(place), n_many, n_small, n_large)))


def _measure(place: Path, n_many: int, n_small: int, n_large: int) -> dict[str, float]:
    from benchmarks.pages import serving

    home = place / "home"
    many, large = _small_photos(place / "small", n_many), _large_photos(place / "large", n_large)
    folder = _make_run(place, many)
    learn = json.loads(
        _in_a_process(f"from benchmarks.predict import ask_fastai; ask_fastai({str(place)!r}, {n_small})")
    )
    print("learn.predict, seconds:", learn, flush=True)
    with serving(ROOT / "Home.py", home) as (url, server), httpx.Client(base_url=url, timeout=60) as client:
        _get_ready(client, server.pid, folder, many[0].read_bytes())
        cold_start_s = _seconds(lambda: _ask(client, many[0].read_bytes()))
        small_s = _seconds(lambda: [_ask(client, file.read_bytes()) for file in many[:n_small]]) / n_small
        large_s = _seconds(lambda: [_ask(client, file.read_bytes()) for file in large]) / len(large)
        latencies, clients_s = _clients(place, url)
        batch_s = _seconds(lambda: [_ask_form(client, many[at : at + 100]) for at in range(0, n_many, 100)]) / n_many
        model = _model_process(server.pid)
        rss_mb = model.memory_info().rss / 1e6
        model.kill()  # bare onnxruntime has the cores for itself
    bare_s = float(_in_a_process(f"from benchmarks.predict import ask_bare; ask_bare({str(folder)!r})"))
    ours = {"small_s": small_s, "large_s": large_s, "clients_s": clients_s, "batch_s": batch_s, "bare_s": bare_s}
    print("ours, seconds:", {name: round(value, 4) for name, value in ours.items()}, flush=True)
    return {
        "cold_start_s": round(cold_start_s, 2),
        "small_over_learn": round(small_s / learn["small_s"], 3),
        "large_over_learn": round(large_s / learn["large_s"], 3),
        "clients32_over_learn": round(learn["small_s"] / clients_s, 2),
        "batch_over_get_preds": round(learn["batch_s"] / batch_s, 2),
        "batch_over_bare": round(bare_s / batch_s, 3),
        "p99_ms": round(float(np.percentile(latencies, 99)) * 1000, 1),
        "rss_mb": round(rss_mb, 1),
    }


def _make_run(place: Path, photos: Sequence[Path]) -> Path:
    """Trains on some of the photos, under six labels in turn, and unpacks the exported model; the run's folder."""
    for number, photo in enumerate(photos[:N_TRAINED]):
        target = place / "set" / LABELS[number % len(LABELS)] / photo.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(photo.read_bytes())
    network = ["--arch", "squeezenet1_1", "--scratch", "--size", "224", "--resize", "crop", "--epochs", "1"]
    for command in (
        ["import", SLUG, str(place / "set")],
        ["train", SLUG, *network],
        ["export-model", SLUG, str(place / "model.zip")],
    ):
        subprocess.run([sys.executable, "-m", "curate", *command], cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(place / "model.zip") as archive:
        pickle = next(name for name in archive.namelist() if name.endswith("export.pkl"))
        (place / "export.pkl").write_bytes(archive.read(pickle))
    return next((place / "home").glob("**/model.onnx")).parent


def _get_ready(client: httpx.Client, server_pid: int, run_folder: Path, photo: bytes) -> None:
    """Have the job done that a run's first question starts (it keeps the known pictures), and no model process."""
    from curate.catalog.jobs import open_jobs
    from curate.prediction.familiarity import is_written

    _ask(client, photo)
    while open_jobs() or not is_written(run_folder):
        time.sleep(0.5)
    model = _model_process(server_pid)
    model.kill()
    while model.is_running() and model.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.05)


def _ask(client: httpx.Client, data: bytes) -> str:
    answer = client.post(f"/api/v1/projects/{SLUG}/predict", content=data, headers={"Content-Type": "image/jpeg"})
    top: str = answer.raise_for_status().json()["predictions"][0]["top"]
    assert top in LABELS
    return top


def _ask_plainly(connection: HTTPConnection, data: bytes) -> None:
    """As `_ask`; http.client takes a third of httpx's processor time, of which the server has the rest."""
    connection.request("POST", f"/api/v1/projects/{SLUG}/predict", data, {"Content-Type": "image/jpeg"})
    answer = json.loads(connection.getresponse().read())
    assert answer["predictions"][0]["top"] in LABELS


def _ask_form(client: httpx.Client, files: Sequence[Path]) -> int:
    form = [("files", (file.name, file.read_bytes(), "image/jpeg")) for file in files]
    answer = client.post(f"/api/v1/projects/{SLUG}/predict", files=form)
    n_answered = len(answer.raise_for_status().json()["predictions"])
    assert n_answered == len(files)
    return n_answered


def _model_process(server_pid: int) -> psutil.Process:
    children = psutil.Process(server_pid).children(recursive=True)
    return next(child for child in children if any("serve" in part for part in child.cmdline()))


def ask_fastai(place: str, n_small: int) -> None:
    """Print seconds a picture as JSON: `learn.predict` of small and large photos, `get_preds` of all small ones."""
    from fastai.vision.all import load_learner

    learn = load_learner(Path(place) / "export.pkl")
    small, large = (sorted((Path(place) / name).iterdir()) for name in ("small", "large"))
    with learn.no_bar():
        learn.predict(small[0])
        small_s = _seconds(lambda: [learn.predict(file) for file in small[:n_small]]) / n_small
        large_s = _seconds(lambda: [learn.predict(file) for file in large]) / len(large)
        batch_s = _seconds(lambda: learn.get_preds(dl=learn.dls.test_dl(small, bs=64))) / len(small)
    print(json.dumps({"small_s": small_s, "large_s": large_s, "batch_s": batch_s}))


def ask_bare(folder: str) -> None:
    """Print seconds a ready square that onnxruntime takes as it comes, at the better of one and eight at once."""
    import onnxruntime

    session = onnxruntime.InferenceSession(Path(folder) / "model.onnx", providers=["CPUExecutionProvider"])

    def seconds_each(n_at_once: int) -> float:
        squares = np.random.default_rng(0).integers(0, 256, (n_at_once, 224, 224, 3), dtype=np.uint8)
        session.run(["probabilities"], {"pixels": squares})
        n_runs = 240 // n_at_once
        return _seconds(lambda: [session.run(["probabilities"], {"pixels": squares}) for _ in range(n_runs)]) / 240

    print(min(seconds_each(1), seconds_each(8)))


def _clients(place: Path, url: str) -> tuple[Sequence[float], float]:
    """(each picture's seconds, seconds a picture of all together) of 32 clients in a process of their own."""
    command = [sys.executable, "-m", "benchmarks.predict", "--clients", str(place), "--url", url]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(ran.stdout.splitlines()[-1])
    return found["latencies"], found["seconds"] / len(found["latencies"])


def _latencies(place: Path, url: str) -> dict[str, object]:
    files = [file.read_bytes() for file in sorted((place / "small").iterdir())]
    own = threading.local()  # a client's connection

    def ask(data: bytes) -> float:
        if not hasattr(own, "connection"):
            own.connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
        return _seconds(lambda: _ask_plainly(own.connection, data))

    with ThreadPoolExecutor(N_CLIENTS) as pool:
        list(pool.map(ask, files[:N_CLIENTS]))
        began = time.monotonic()
        latencies = list(pool.map(ask, files))
        return {"latencies": latencies, "seconds": time.monotonic() - began}


def _in_a_process(code: str) -> str:
    """The last line that it prints."""
    ran = subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True)
    if ran.returncode:
        raise SystemExit(ran.stderr[-2000:])
    return ran.stdout.splitlines()[-1] if ran.stdout else ""


def _small_photos(folder: Path, n: int) -> list[Path]:
    """n JPEGs of 256 x 341 px."""
    folder.mkdir()
    photos = sorted(PHOTOS.glob("*/*.jpg"))
    for number in range(n):
        data = photos[number * len(photos) // n].read_bytes() if photos else _made_up(number, 256, 341)
        (folder / f"{number:04}.jpg").write_bytes(data)
    return sorted(folder.iterdir())


def _large_photos(folder: Path, n: int) -> list[Path]:
    """n JPEGs of 3000 x 4000 px: small ones made large."""
    folder.mkdir()
    for number, photo in enumerate(sorted((folder.parent / "small").iterdir())[:n]):
        buffer = BytesIO()
        Image.open(photo).resize((3000, 4000), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=90)
        (folder / f"{number:04}.jpg").write_bytes(buffer.getvalue())
    return sorted(folder.iterdir())


def _made_up(seed: int, width: int, height: int) -> bytes:
    rng, buffer = np.random.default_rng(seed), BytesIO()
    coarse = Image.fromarray(rng.integers(0, 256, (24, 18, 3), dtype=np.uint8))
    coarse.resize((width, height), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def _seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


if __name__ == "__main__":
    main()

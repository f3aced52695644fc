"""How soon and how fast pictures are answered, beside fastai on the same files.

    python -m benchmarks.predict [--quick]

squeezenet1_1 at 224 px, untrained, with six labels; photos of 256 x 341 px from ../shared/data or made up, and photos
of 12 megapixels. Ours is asked over HTTP (the model process's own) and answers JSON. `learn.predict` in a loop and
`learn.get_preds` on a test_dl have a process of their own, in the same run. Ratios `_over_learn` of seconds: lower is
better; of rates (clients32_over_learn, batch_over_get_preds, batch_over_bare): higher is better.

cold_start_s: no model process yet, a picture's bytes to its answer. small_over_learn, large_over_learn: one picture
after the other. clients32_over_learn: pictures a second of 32 clients on the same cores, over the loop's.
batch_over_bare: 1,000 pictures a second over what bare onnxruntime makes of ready squares. p99_ms: of the 32 clients'
pictures. rss_mb: of the model process in the end.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[1]
PHOTOS = ROOT.parent / "shared" / "data" / "photos" / "trashnet"
LABELS = ["cardboard", "glass", "metal", "paper", "plastic", "trash"]
N_CLIENTS = 32


def main() -> None:
    """Measure and print; the last line is the JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer pictures")
    parser.add_argument("--clients", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.clients:  # a process of our own, see `_clients`
        print(json.dumps(_latencies(chosen.clients)))
        return
    n_many, n_small, n_large = (200, 40, 6) if chosen.quick else (1000, 200, 20)
    with tempfile.TemporaryDirectory() as place:
        os.environ["CURATE_HOME"] = str(Path(place) / "home")
        print(json.dumps(_measure(Path(place), n_many, n_small, n_large)))


def _measure(place: Path, n_many: int, n_small: int, n_large: int) -> dict[str, float]:
    from curate.prediction import client
    from curate.prediction.process import graph_process

    run_folder = place / "run"
    _in_a_process(f"from benchmarks.predict import leave_run; leave_run({str(place)!r})")
    many, large = _small_photos(place / "small", n_many), _large_photos(place / "large", n_large)
    learn = json.loads(
        _in_a_process(f"from benchmarks.predict import ask_fastai; ask_fastai({str(place)!r}, {n_small})")
    )
    print("learn.predict, seconds:", learn, flush=True)

    cold_start_s = _seconds(lambda: client.predict(run_folder, [("a", many[0].read_bytes())]))
    small_s = _seconds(lambda: [client.predict(run_folder, [(file.name, file)]) for file in many[:n_small]]) / n_small
    large_s = _seconds(lambda: [client.predict(run_folder, [(file.name, file)]) for file in large]) / len(large)
    latencies, clients_s = _clients(place)
    batch_s = _seconds(lambda: client.predict(run_folder, [(file.name, file) for file in many])) / n_many
    import psutil

    rss_mb = psutil.Process(graph_process.started[-1].pid).memory_info().rss / 1e6
    graph_process.started[-1].kill()  # bare onnxruntime has the cores for itself
    bare_s = float(_in_a_process(f"from benchmarks.predict import ask_bare; ask_bare({str(place)!r})"))
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


def leave_run(place: str) -> None:
    """A run's folder with its graph, and its pickle for fastai."""
    import torch

    from curate.model_export import fastai_pickle
    from curate.onnx_graph import write
    from curate.training import saved_model
    from curate.training.networks.build import create_network
    from curate.training.settings.config import TrainConfig

    config = TrainConfig(architecture="squeezenet1_1", pretrained=False, size_px=224)
    torch.manual_seed(0)
    network = create_network("squeezenet1_1", len(LABELS))
    facts = saved_model.ModelFacts(LABELS, config, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225], {})
    folder = Path(place) / "run"
    folder.mkdir()
    state = {name: values.numpy() for name, values in network.state_dict().items()}
    saved_model.write_model(folder, facts, [state], np.zeros((1, len(LABELS))))
    assert write.ensure(folder, write.RunName("Benchmark", 1, 1))
    fastai_pickle.write(folder, [network], facts)


def ask_fastai(place: str, n_small: int) -> None:
    """Print seconds a picture as JSON: `learn.predict` of small and large photos, `get_preds` of all small ones."""
    from fastai.vision.all import load_learner

    learn = load_learner(Path(place) / "run" / "export.pkl")
    small, large = (sorted((Path(place) / name).iterdir()) for name in ("small", "large"))
    with learn.no_bar():
        learn.predict(small[0])
        small_s = _seconds(lambda: [learn.predict(file) for file in small[:n_small]]) / n_small
        large_s = _seconds(lambda: [learn.predict(file) for file in large]) / len(large)
        batch_s = _seconds(lambda: learn.get_preds(dl=learn.dls.test_dl(small, bs=64))) / len(small)
    print(json.dumps({"small_s": small_s, "large_s": large_s, "batch_s": batch_s}))


def ask_bare(place: str) -> None:
    """Print seconds a ready square that onnxruntime takes as it comes, at the better of one and eight at once."""
    import onnxruntime

    session = onnxruntime.InferenceSession(Path(place) / "run" / "model.onnx", providers=["CPUExecutionProvider"])

    def seconds_each(n_at_once: int) -> float:
        squares = np.random.default_rng(0).integers(0, 256, (n_at_once, 224, 224, 3), dtype=np.uint8)
        session.run(["probabilities"], {"pixels": squares})
        n_runs = 240 // n_at_once
        return _seconds(lambda: [session.run(["probabilities"], {"pixels": squares}) for _ in range(n_runs)]) / 240

    print(min(seconds_each(1), seconds_each(8)))


def _clients(place: Path) -> tuple[Sequence[float], float]:
    """(each picture's seconds, seconds a picture of all together) of 32 clients in a process of their own."""
    command = [sys.executable, "-m", "benchmarks.predict", "--clients", str(place)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(ran.stdout.splitlines()[-1])
    return found["latencies"], found["seconds"] / len(found["latencies"])


def _latencies(place: Path) -> dict[str, object]:
    from curate.prediction import client

    files = [file.read_bytes() for file in sorted((place / "small").iterdir())]

    def ask(data: bytes) -> float:
        return _seconds(lambda: client.predict(place / "run", [("a", data)]))

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

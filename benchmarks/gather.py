"""How fast pictures come in from the web: ours beside img2dataset and fastai, in one run, from a local nginx.

    python -m benchmarks.gather [--quick] [--photos FOLDER]

2,500 JPEG files (../shared/data's photos, or made ones) are served by nginx (Debian's package; without it the benchmark
says so and ends). Ours is a whole gathering: download, full decode, SHA-256, perceptual hash, store, duplicates, split,
images in the catalog. img2dataset runs with 2 processes and 32 threads, as its README advises for a small machine, and
writes files; fastai is `download_images` and `verify_images`. Each runs in a fresh process, three times by turns; the
rates are the medians, without the imports. The rss keys are the peak resident memory of our process (the benchmark of
25,000 asks for every file ten times, under other query strings).
"""

import argparse
import getpass
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
PHOTOS = ROOT.parent / "shared" / "data" / "photos" / "trashnet"
N, N_QUICK, TIMES, REPEATS = 2_500, 500, 10, 3
NGINX = """
user {user}; worker_processes 1; daemon off; pid {home}/pid; error_log {home}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; keepalive_requests 1000000; types {{ image/jpeg jpg; }}
  client_body_temp_path {home}/a; proxy_temp_path {home}/b; fastcgi_temp_path {home}/c;
  uwsgi_temp_path {home}/d; scgi_temp_path {home}/e;
  server {{ listen 127.0.0.1:{port}; root {photos}; }}
}}
"""
OURS = """
import json, resource, sys, time
from curate.catalog import database, gatherings, projects
from curate.catalog.candidates import Found
from curate.gather.collect import Watch, gather
from curate.gather.limits import Limits
from curate.gather.search import url_list
database.engine()
project_id = projects.create_project("benchmark")
began = time.perf_counter()
lines = (line.strip() for line in open(sys.argv[1]))
searches = url_list.lay_down(((None, Found(line)) for line in lines), "all", "the list")
gathering_id = gatherings.create_gathering(project_id, "Gather", "benchmark", searches, Limits().to_json())
result = gather(gathering_id, Watch(lambda *_: None, lambda: None, lambda: False, time.sleep))
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": seconds, "rss_mb": peak, "found": result.n_found, "kept": result.n_kept}))
"""
IMG2DATASET = """
import json, sys, time
from img2dataset import download
if __name__ == "__main__":
    began = time.perf_counter()
    download(url_list=sys.argv[1], input_format="txt", output_folder=sys.argv[2], output_format="files",
             processes_count=2, thread_count=32, number_sample_per_shard=1000, resize_mode="no")
    print(json.dumps({"seconds": time.perf_counter() - began}))
"""
FASTAI = """
import json, sys, time
from pathlib import Path
from fastai.vision.utils import download_images, get_image_files, verify_images
if __name__ == "__main__":
    urls, folder = Path(sys.argv[1]).read_text().split(), Path(sys.argv[2])
    began = time.perf_counter()
    download_images(folder, urls=urls, max_pics=len(urls))
    verify_images(get_image_files(folder))
    print("\\n" + json.dumps({"seconds": time.perf_counter() - began}))
"""


def main() -> None:
    """Measure and print; the last line is the JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="500 pictures, once")
    parser.add_argument("--photos", type=Path, default=PHOTOS, help="a folder of JPEG files to serve")
    args = parser.parse_args()
    if shutil.which("nginx") is None:
        print("nginx is not installed (apt-get install nginx-light): nothing to measure against.")
        print(json.dumps({"skipped": "nginx is not installed"}))
        return
    with tempfile.TemporaryDirectory(prefix="curate-bench-") as folder:
        home = Path(folder)
        photos = args.photos if args.photos.is_dir() else make_photos(home / "photos")
        with nginx(home, photos) as url:
            print(json.dumps(measure(home, photos, url, args.quick)))


def measure(home: Path, photos: Path, url: str, is_quick: bool) -> dict[str, float | None]:
    """The rates in images a second, and our memory in MB."""
    n, repeats = (N_QUICK, 1) if is_quick else (N, REPEATS)
    names = [path.relative_to(photos).as_posix() for path in sorted(photos.rglob("*.jpg"))][:n]
    few, many = home / "few.txt", home / "many.txt"
    few.write_text("\n".join(f"{url}/{name}" for name in names))
    many.write_text("\n".join(f"{url}/{name}?again={i}" for i in range(TIMES) for name in names))
    other = img2dataset_python(home)
    rates: dict[str, list[float]] = {"ours": [], "img2dataset": [], "fastai": []}
    memory = []
    for _ in range(repeats):
        ours = run(sys.executable, OURS, few, home)
        rates["ours"].append(len(names) / ours["seconds"])
        memory.append(ours["rss_mb"])
        if other:
            rates["img2dataset"].append(len(names) / run(other, IMG2DATASET, few, home)["seconds"])
        rates["fastai"].append(len(names) / run(sys.executable, FASTAI, few, home)["seconds"])
        print({name: [round(rate) for rate in each] for name, each in rates.items()}, flush=True)
    large = run(sys.executable, OURS, many, home)
    print(
        f"{large['found']:,.0f} addresses: {large['found'] / large['seconds']:.0f} a second, {large['kept']:,.0f} kept"
    )
    medians = {f"{name}_img_s": round(statistics.median(each), 1) if each else None for name, each in rates.items()}
    few_mb, many_mb = round(statistics.median(memory), 1), round(large["rss_mb"], 1)
    return medians | {f"rss_mb_{len(names)}": few_mb, f"rss_mb_{TIMES * len(names)}": many_mb}


def run(python: str, script: str, urls: Path, home: Path) -> dict[str, float]:
    """What a script says on its last line, run in a process of its own with a fresh folder."""
    with tempfile.TemporaryDirectory(dir=home) as folder:
        source = Path(folder) / "run.py"
        source.write_text(script)
        environment = os.environ | {
            "CURATE_HOME": str(Path(folder) / "home"), "CURATE_ALLOW_HOSTS": "127.0.0.1", "PYTHONPATH": str(ROOT),
            "NO_ALBUMENTATIONS_UPDATE": "1",
        }  # fmt: skip
        command = [python, "-W", "ignore", str(source), str(urls), str(Path(folder) / "out")]
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1_800)
    if ran.returncode:
        raise RuntimeError(ran.stderr[-2_000:])
    figures: dict[str, float] = json.loads(ran.stdout.strip().splitlines()[-1])
    return figures


def img2dataset_python(home: Path) -> str | None:
    """A Python that has img2dataset, in an environment of its own: it wants an older pandas. None = cannot be had."""
    kept = os.environ.get("IMG2DATASET_PYTHON")
    if kept:
        return kept
    folder = home / "img2dataset"
    python = str(folder / "bin" / "python")
    try:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True)
        install = [python, "-m", "pip", "install", "--quiet", "img2dataset", "setuptools"]
        subprocess.run(install, check=True, capture_output=True, timeout=900)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"img2dataset could not be installed: {error}")
        return None
    return python


def make_photos(folder: Path) -> Path:
    """2,500 different JPEG files of 341 x 256 pixels, smoothed noise that weighs as much as photos."""
    import numpy as np
    from PIL import Image

    folder.mkdir()
    rng = np.random.default_rng(1)
    for number in range(N):
        rough = rng.integers(0, 256, (48, 64, 3), dtype=np.uint8)
        picture = Image.fromarray(rough).resize((341, 256), Image.Resampling.BICUBIC)
        picture.save(folder / f"{number:04}.jpg", quality=90)
    return folder


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def nginx(home: Path, photos: Path) -> Iterator[str]:
    """Serve the photos; the address."""
    port = free_port()
    conf = home / "nginx.conf"
    conf.write_text(NGINX.format(user=getpass.getuser(), home=home, port=port, photos=photos))
    process = subprocess.Popen(["nginx", "-c", str(conf), "-p", str(home)], stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            if (home / "pid").exists():
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


if __name__ == "__main__":
    main()

"""How quick the app is to the person in front of it: pages, page turns, key presses, memory of the web process.

    python -m benchmarks.pages [--quick]

Starts the real app on a free port with the sample project and a made-up run, and drives it in headless Chromium.
rerun_ms: one warm rerun of a page's script on the server; click_to_page_ms: click on a page's link to its heading
painted, warm; key_to_ack_ms: key press to the acknowledgement on
screen, by when the decision is on disk; turn_ms: key press to the next page's last picture painted. st_image_turn_ms
is what a page of as many `st.image` in `st.columns` takes for the same turn.
"""

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CHROMIUM_ARGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
PAGES = ("Overview", "Gather", "Train", "Evaluate", "Compare", "Predict", "History")
CARDS = 48

# The grid's shadow root, among those of the other components on its page.
GRID_ROOT = """[...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]
  .map(({ shadowRoot }) => shadowRoot).find(root => root?.querySelector('.curateGrid'))"""
# Runs in the page: notes when a card begins to wait for its acknowledgement and when it has it.
WATCH_ACKS = """() => {
  const root = GRID_ROOT
  window.grid = root; window.acks = []
  const began = new Map(); let pressed = 0
  root.addEventListener('keydown', () => { pressed = performance.now() }, true)
  new MutationObserver(changes => { for (const { target } of changes) {
    const waits = target.classList.contains('waiting')
    if (waits && !began.has(target)) began.set(target, pressed)
    if (!waits && began.has(target)) { acks.push(performance.now() - began.get(target)); began.delete(target) }
  } }).observe(root.querySelector('.cards'), { subtree: true, attributes: true, attributeFilter: ['class'] })
}""".replace("GRID_ROOT", GRID_ROOT)
TURN = """key => new Promise(done => {
  const words = () => grid.querySelector('.pages .words').textContent
  const before = words(), began = performance.now()
  grid.querySelector('.cards').dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, composed: true }))
  const painted = () => [...grid.querySelectorAll('.frame')].every(frame => frame.dataset.picture === 'ready')
  const look = () => words() !== before && painted()
    ? requestAnimationFrame(() => done(performance.now() - began)) : requestAnimationFrame(look)
  look()
})"""
# What one would write without a component: a page of st.image in columns, turned by a button.
PLAIN = """
import streamlit as st
from pathlib import Path
files = sorted(Path({folder!r}).rglob("*.webp"))[:400]
page = st.session_state.setdefault("page", 0)
if st.button("next"):
    page = st.session_state.page = page + 1
st.text(f"page {{page}}")
columns = st.columns(8)
for i, file in enumerate(files[page * {cards} % 300 :][:{cards}]):
    columns[i % 8].image(str(file), width=120)
"""


def main() -> None:
    """Measure and print; the last line is the JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    n = 5 if parser.parse_args().quick else 20
    with (
        tempfile.TemporaryDirectory(prefix="curate-bench-", ignore_cleanup_errors=True) as folder,
        chromium() as browser,
    ):
        home = Path(folder)
        make_data(home)
        with serving(ROOT / "Home.py", home) as (url, process):
            result: dict[str, Any] = measure_app(browser, url, n)
            result["web_rss_mb"] = rss_mb(process.pid)
        result["rerun_ms"] = measure_reruns(n)
        plain = home / "plain.py"
        plain.write_text(PLAIN.format(folder=str(home / "thumbnails"), cards=CARDS))
        with serving(plain, home) as (url, _):
            result["st_image_turn_ms"] = measure_plain(browser, url, n)
    print(json.dumps(result))


def make_data(home: Path) -> None:
    """The sample project, and two runs over it with probabilities drawn by chance."""
    os.environ["CURATE_HOME"] = str(home)
    import numpy as np
    from sqlalchemy import update

    from curate import store
    from curate.catalog import runs
    from curate.catalog.database import writing
    from curate.catalog.tables.core import Run, now
    from curate.gather.sample import make_sample

    project_id = make_sample("benchmark", lambda *_: None)
    rng = np.random.default_rng(0)
    for _ in range(2):
        chosen = runs.training_set(project_id)
        scores = rng.normal(size=(len(chosen.labels), len(chosen.label_ids)))
        scores[np.arange(len(scores)), chosen.labels] += 3
        probabilities = (np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)).astype(np.float32)
        config = {"architecture": "small_cnn", "pretrained": False, "size_px": 32, "epochs": 8}
        run_id = runs.create_run(project_id, config, chosen, None)
        np.save(store.run_folder(run_id) / "probabilities.npy", probabilities)
        losses = -np.log(probabilities[np.arange(len(scores)), chosen.labels])
        runs.finish_run(run_id, chosen, losses, probabilities, {"device": "none", "seconds": 1.0})
    with writing() as session:  # else "1 minute ago" becomes "2 minutes ago" between two reruns
        session.execute(update(Run).values(finished_at=now() - timedelta(days=3), created_at=now() - timedelta(days=3)))


def measure_app(browser: Any, url: str, n: int) -> dict[str, Any]:
    """Every page by its link, then the grid."""
    page = browser.new_page(viewport={"width": 1360, "height": 900})
    page.goto(url)
    page.get_by_role("heading", name="Handwritten digits").wait_for(timeout=60_000)
    clicks = {name: median_ms(lambda name=name: visit(page, name), 1 + n // 2) for name in PAGES}
    page.get_by_role("link", name="Curate", exact=True).click()
    page.locator("[role=gridcell]").first.wait_for(timeout=60_000)
    page.wait_for_timeout(2_000)
    page.evaluate(WATCH_ACKS)
    turns = [page.evaluate(TURN, "n") for _ in range(n) if page.wait_for_timeout(600) is None]
    for i in range(3 * n):
        page.keyboard.press("kd"[i % 2])
        page.wait_for_timeout(80)
    page.wait_for_timeout(1_000)
    acks = sorted(page.evaluate("acks"))
    page.close()
    return {
        "click_to_page_ms": {name: round(ms) for name, ms in clicks.items()},
        "turn_ms": round(statistics.median(turns)),
        "key_to_ack_ms": round(statistics.median(acks), 1),
        "key_to_ack_p95_ms": round(acks[int(0.95 * len(acks)) - 1], 1),
        "keys": len(acks),
    }


def measure_reruns(n: int) -> dict[str, int]:
    """The median of a warm run of each page's script in this process, without a browser."""
    from streamlit.testing.v1 import AppTest

    times = {}
    for name in (*PAGES, "Curate"):
        app = AppTest.from_file(str(ROOT / "curate" / "ui" / "main.py"), default_timeout=60).run()
        app.switch_page(str(ROOT / "pages" / f"{name.lower()}.py")).run()
        assert not app.exception, app.exception
        spent = []
        for _ in range(n):
            began = time.perf_counter()
            app.run()
            spent.append((time.perf_counter() - began) * 1000)
        times[name] = round(statistics.median(spent))
    return times


def visit(page: Any, name: str) -> None:
    """Leave for that page and wait until its heading is there; the overview's heading is the project's name."""
    heading = "Handwritten digits" if name == "Overview" else name
    other = "History" if name != "History" else "Train"
    page.get_by_role("link", name=other, exact=True).first.click()
    page.get_by_role("heading", name=other).first.wait_for()
    page.wait_for_timeout(300)
    began = time.perf_counter()
    page.get_by_role("link", name=name, exact=True).first.click()
    page.get_by_role("heading", name=heading).first.wait_for()
    visit.ms = (time.perf_counter() - began) * 1000  # type: ignore[attr-defined]


def median_ms(act: Any, n: int) -> float:
    """The median of what `visit` notes, the first (cold) time left out."""
    act()
    times = []
    for _ in range(n):
        act()
        times.append(visit.ms)  # type: ignore[attr-defined]
    return statistics.median(times)


def measure_plain(browser: Any, url: str, n: int) -> int:
    """Click on *next* until the last picture of the new page is there, with st.image in st.columns."""
    page = browser.new_page(viewport={"width": 1360, "height": 900})
    page.goto(url)
    page.get_by_text("page 0").wait_for(timeout=60_000)
    times = []
    for i in range(1, n + 1):
        page.wait_for_timeout(600)
        began = time.perf_counter()
        page.get_by_role("button", name="next").click()
        page.get_by_text(f"page {i}", exact=True).wait_for()
        page.wait_for_function(
            "n => { const all = [...document.querySelectorAll('img')]; "
            "return all.length >= n && all.every(i => i.complete) }",
            arg=CARDS,
        )
        times.append((time.perf_counter() - began) * 1000)
    page.close()
    return round(statistics.median(times))


def rss_mb(pid: int) -> int:
    """Resident memory of a process in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) // 1024


@contextmanager
def chromium() -> Iterator[Any]:
    """Headless Chromium by Playwright."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@contextmanager
def serving(script: Path, home: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """`streamlit run script` on a free port, answering; ended afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}"]
    environment = {**os.environ, "CURATE_HOME": str(home), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [*command, "--server.address=127.0.0.1"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=None
    )
    try:
        await_health(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.wait(20)


def await_health(url: str) -> None:
    """Return when the server answers."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer")


if __name__ == "__main__":
    main()

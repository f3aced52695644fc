"""Whether the grid keeps up, however large the project: a million images beside ten thousand.

    python -m benchmarks.grid [--quick] [--home FOLDER]

Makes both projects up (rows in bulk, a few hundred pictures again and again; three minutes), starts the real app and
drives it in headless Chromium. Painted: from the key press, or from opening the address in a fresh browser, until the
last of 48 pictures is painted; hurried: of the last of three turns at once, two pages being fetched ahead. Server: of a
page that is opened, from the message that the browser sends to the one that brings the pictures' names, labels and
scores (what follows only says that the run has ended); of the next page, from its request to the end of its answer, on
the browser's clock. Rerun: what Streamlit does after a turn, for which nobody waits. Counts: of all, reviewed and
matching images, worked out anew after a decision. million_over_ten_thousand is the worst of the ratios of what a person
waits for (painted, acknowledged, applied). --quick: a hundred thousand instead of a million, and fewer repetitions.
--home: keep the projects there, and use them again.
"""

import argparse
import functools
import json
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.pages import GRID_ROOT, ROOT, TURN, WATCH_ACKS, chromium, serving

SMALL = 10_000
CARDS = 48
SMALL_MESSAGE = 4_000  # base64; a page of 48 cards has 40,000
FILTERED = "&split=train&licence=CC0+1.0&doubt_from=30&text=1"
# How long each request for a page of items took, in ms, once it was sent.
PAGE_REQUESTS = """() => performance.getEntriesByType('resource').filter(entry => entry.name.includes('/pages?'))
  .map(entry => entry.responseEnd - entry.requestStart)"""
FIRST_PAINTED = """() => {
  const root = GRID_ROOT
  const frames = root ? [...root.querySelectorAll('.frame')] : []
  return frames.length > 0 && frames.every(frame => frame.dataset.picture === 'ready')
}""".replace("GRID_ROOT", GRID_ROOT)


def main() -> None:
    """Measure and print; the last line is the JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a hundred thousand images, fewer repetitions")
    parser.add_argument("--home", type=Path, help="where the projects are made, and kept")
    args = parser.parse_args()
    n_large, n = (100_000, 6) if args.quick else (1_000_000, 40)
    with tempfile.TemporaryDirectory(prefix="curate-bench-") as folder:
        home = args.home or Path(folder)
        home.mkdir(parents=True, exist_ok=True)
        os.environ["CURATE_HOME"] = str(home)
        made = make(home, n_large)
        print(f"made in {made.pop('seconds')} s", flush=True)
        with serving(ROOT / "Home.py", home) as (url, _), chromium() as browser:
            figures = {
                name: measure(browser, url, project_id, run_id, n) for name, (project_id, run_id) in made.items()
            }
        for name, (project_id, run_id) in made.items():
            figures[name] |= in_process(project_id, run_id, 5 if args.quick else 15)
    print_table(figures)
    print(json.dumps(summary(figures)))


def make(home: Path, n_large: int) -> dict[str, Any]:
    """{"small": (project id, run id), "large": …, "seconds"}; made unless they are there, else as they were made."""
    from benchmarks import grid_data

    known, began = home / f"made-{n_large}.json", time.time()
    fresh, used = home / f"made-{n_large}.db", home / "catalog.db"
    if not known.exists():
        ids = {name: grid_data.make_project(name, n, seed=n) for name, n in (("small", SMALL), ("large", n_large))}
        copy_database(used, fresh)
        known.write_text(json.dumps(ids))
    else:
        for file in home.glob("catalog.db*"):
            file.unlink()
        copy_database(fresh, used)
    figures = {name: tuple(ids) for name, ids in json.loads(known.read_text()).items()}
    return {**figures, "seconds": round(time.time() - began)}


def copy_database(source: Path, target: Path) -> None:
    """A SQLite file with all that is in its log."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def paint_pages(run_id: int, numbers: list[int]) -> None:
    """Pictures for these pages of the grid as it opens, and for the first filtered ones."""
    from benchmarks import grid_data
    from curate.review.listing.pages import View, find_page

    filtered = View(run_id, "doubt", "train", reviewed="no", licence="CC0 1.0", doubt_from=0.3, text="1")
    views = [(View(run_id, "doubt", reviewed="no"), number) for number in numbers] + [(filtered, 1), (filtered, 2)]
    for view, number in views:
        grid_data.paint([item.sha for item in find_page(view, number, CARDS).items])


def measure(browser: Any, url: str, project_id: int, run_id: int, n: int) -> dict[str, Any]:
    """What a person waits for in that project, in ms: medians, and of the server's part of a turn the 95th."""
    from curate.review.listing.pages import View, find_page

    far = min(5_000, find_page(View(run_id, "doubt", reviewed="no")).n_pages - 2)
    paint_pages(run_id, [*range(1, 4 * n + 8), far, far + 1])
    address = f"{url}/curate?project={project_id}&run={run_id}"
    opened = {
        "first_page": first_painted(browser, address, n // 4),
        "page_5000": first_painted(browser, f"{address}&page={far}", n // 4),
        "filtered_page": first_painted(browser, address + FILTERED, n // 4),
    }
    figures = {f"{name}_{part}_ms": round(ms, 1) for name, both in opened.items() for part, ms in both.items()}
    return figures | {"page_5000_is": far} | turned_and_decided(browser, address, n)


def first_painted(browser: Any, address: str, n: int) -> dict[str, float]:
    """Medians of painted and server ms of opening an address in a fresh browser; the first (cold) time is left out."""
    painted, server = [], []
    for _ in range(1 + max(3, n)):
        context = browser.new_context(viewport={"width": 1360, "height": 900})
        page = context.new_page()
        wire = Wire(context, page)
        began = time.perf_counter()
        page.goto(address)
        page.wait_for_function(FIRST_PAINTED, polling="raf", timeout=120_000)
        painted.append((time.perf_counter() - began) * 1000)
        page.wait_for_timeout(700)
        server.append(wire.first_answer_ms())
        context.close()
    return {"painted": statistics.median(painted[1:]), "server": statistics.median(server[1:])}


def turned_and_decided(browser: Any, address: str, n: int) -> dict[str, Any]:
    """Turning n pages, then 3 n key presses that decide."""
    context = browser.new_context(viewport={"width": 1360, "height": 900})
    page = context.new_page()
    wire = Wire(context, page)
    page.goto(address)
    page.wait_for_function(FIRST_PAINTED, timeout=120_000)
    page.wait_for_timeout(2_000)
    page.evaluate(WATCH_ACKS)
    turns: dict[str, list[float]] = {"painted": [], "hurried": [], "server": [], "rerun": []}
    for _ in range(2 + n):
        page.wait_for_timeout(600)
        wire.clear()
        page.evaluate("performance.clearResourceTimings()")
        turns["painted"].append(page.evaluate(TURN, "n"))
        page.wait_for_timeout(500)
        turns["rerun"].append(wire.answer_ms())
        turns["server"] += page.evaluate(PAGE_REQUESTS)
    for _ in range(n):
        page.wait_for_timeout(600)
        turns["hurried"].append([page.evaluate(TURN, "n") for _ in range(3)][-1])
    wire.close()  # what listens to it takes 2 ms of every request
    page.wait_for_timeout(2_000)
    for i in range(3 * n):
        page.keyboard.press("kd"[i % 2])
        page.wait_for_timeout(80)
    page.wait_for_timeout(1_000)
    acks = sorted(page.evaluate("acks"))
    context.close()
    server = sorted(turns["server"][2:])
    return {
        "next_page_painted_ms": round(statistics.median(turns["painted"][2:]), 1),
        "next_page_hurried_painted_ms": round(statistics.median(turns["hurried"]), 1),
        "next_page_rerun_ms": round(statistics.median(turns["rerun"][2:]), 1),
        "next_page_server_ms": round(statistics.median(server), 1),
        "next_page_server_p95_ms": round(server[int(0.95 * len(server)) - 1], 1),
        "key_to_ack_ms": round(statistics.median(acks), 1),
        "key_to_ack_p95_ms": round(acks[int(0.95 * len(acks)) - 1], 1),
    }


class Wire:
    """When messages between the browser and the server went over the wire, on the browser's own clock."""

    def __init__(self, context: Any, page: Any) -> None:
        self.sent: list[float] = []
        self.received: list[float] = []
        self._session = context.new_cdp_session(page)
        self._session.send("Network.enable")
        self._session.on("Network.webSocketFrameSent", lambda event: self.sent.append(event["timestamp"]))
        self._session.on("Network.webSocketFrameReceived", self._receive)

    def _receive(self, event: Any) -> None:
        if len(event["response"]["payloadData"]) > SMALL_MESSAGE:
            self.received.append(event["timestamp"])

    def clear(self) -> None:
        """Forget what went before."""
        self.sent.clear()
        self.received.clear()

    def close(self) -> None:
        """Listen no more."""
        self._session.detach()

    def answer_ms(self) -> float:
        """From the first message sent to the last one of its answer: what follows within 50 ms belongs to it."""
        began = self.sent[0]
        ended = began
        for at in sorted(self.received):
            if at >= began and (ended == began or at - ended < 0.05):
                ended = at
        return (ended - began) * 1000

    def first_answer_ms(self) -> float:
        """The same of a page that was opened."""
        return self.answer_ms() if self.sent and self.received else float("nan")


def in_process(project_id: int, run_id: int, n: int) -> dict[str, Any]:
    """Counts after a decision, one decision, and applying 10,000, without the browser."""
    from curate.review.deciding import apply
    from curate.review.deciding.decisions import Op, decide
    from curate.review.listing.matching import matching
    from curate.review.listing.pages import View, counts

    view, seq = View(run_id, "doubt", reviewed="no"), iter(range(1, 10**6))
    client = f"bench-{time.time_ns()}"
    ids = matching(view).image_ids()[:10_000].tolist()

    def say(image_ids: list[int]) -> None:
        decide(project_id, "Benchmark", [Op(next(seq), tuple(image_ids), "keep")], client, run_id)

    one = [timed(functools.partial(say, [ids[i]])) for i in range(n)]
    counted = []
    for i in range(n, 2 * n):
        say([ids[i]])
        counted.append(timed(lambda: counts(view)))
    say(ids[2 * n :])
    return {
        "decision_ms": round(statistics.median(one), 2),
        "counts_ms": round(statistics.median(counted), 2),
        "apply_10000_s": round(timed(lambda: apply.apply(project_id, "Benchmark")) / 1000, 2),
    }


def timed(act: Callable[[], Any]) -> float:
    """How long it takes, in ms."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def summary(figures: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What the project promises, with the figures of both projects behind it."""
    large, small = figures["large"], figures["small"]
    waited = [name for name in large if name.endswith(("_painted_ms", "apply_10000_s")) or name == "key_to_ack_ms"]
    ratios = {name: round(large[name] / small[name], 2) for name in waited}
    return {
        "next_page_painted_ms": large["next_page_painted_ms"],
        "next_page_server_p95_ms": large["next_page_server_p95_ms"],
        "million_over_ten_thousand": max(ratios.values()),
        "key_to_ack_ms": large["key_to_ack_ms"],
        "apply_10000_s": large["apply_10000_s"],
        "ratios": ratios,
        **figures,
    }


def print_table(figures: dict[str, dict[str, Any]]) -> None:
    """One line a figure: ten thousand, a million."""
    for name in figures["large"]:
        print(f"{name:28} {figures['small'][name]:>10} {figures['large'][name]:>10}")


if __name__ == "__main__":
    main()

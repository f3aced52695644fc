"""How fluid the map of the pictures is, beside the same points as a Plotly scattergl.

    python -m benchmarks.map [--quick] [--layout]

A project of 100,000 images (rows made up) with a map drawn by chance, in the real app and headless Chromium without a
graphics card. payload_mb: what the browser fetches; first_paint_ms: opening the page to the first points; pan and zoom
frame_ms: from one frame to the next while the hand moves at every frame, median and 95th percentile; lasso_ms: choosing
all points by a polygon. plotly_…: the same figure, panned by `Plotly.relayout` at every
frame. --layout also lays out as many made-up embeddings (minutes): layout_s.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.pages import ROOT, chromium, serving

N_LABELS = 10
# Runs in the page: the times between frames while something is done at every one of them.
FRAMES = """([kind, n]) => new Promise(done => {
  const root = document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot
  const canvas = root.querySelector('canvas'), box = canvas.getBoundingClientRect()
  const common = { bubbles: true, composed: true, pointerId: 1, button: 0 }
  const at = (x, y) => ({ ...common, clientX: box.left + x, clientY: box.top + y })
  canvas.setPointerCapture = () => {}
  const times = []; let last = 0, i = 0
  if (kind === 'pan') canvas.dispatchEvent(new PointerEvent('pointerdown', at(400, 300)))
  const step = now => {
    if (last) times.push(now - last)
    last = now
    if (i++ > n) {
      canvas.dispatchEvent(new PointerEvent('pointerup', at(400, 300)))
      return done(times.slice(2))
    }
    if (kind === 'pan') canvas.dispatchEvent(new PointerEvent('pointermove', at(400 + 120 * Math.sin(i / 9), 300 + i)))
    else canvas.dispatchEvent(new WheelEvent('wheel', { ...at(500, 300), deltaY: i % 60 < 30 ? -60 : 60 }))
    requestAnimationFrame(step)
  }
  requestAnimationFrame(step)
})"""
LASSO = """() => new Promise(done => {
  const root = document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot
  const began = performance.now()
  root.querySelector("[data-choose='sight']").click()
  const chosen = root.querySelector('.chosen')
  const look = () => chosen.hidden ? requestAnimationFrame(look) : done(performance.now() - began)
  look()
})"""
PLOTLY = """<meta charset="utf-8"><div id="at" style="width:1000px;height:620px"></div><script>{library}</script>
<script>
const n = {n}, from = {points}
const bytes = Uint8Array.from(atob(from), c => c.charCodeAt(0)).buffer
const x = new Float32Array(bytes, 0, n), y = new Float32Array(bytes, 4 * n, n)
window.ready = Plotly.newPlot('at', [{{ type: 'scattergl', mode: 'markers', x, y, marker: {{ size: 3 }} }}],
  {{ dragmode: 'pan', xaxis: {{ range: [0, 1] }}, yaxis: {{ range: [0, 1] }} }})
window.frames_ = n => new Promise(done => {{
  const times = []; let last = 0, i = 0
  const step = now => {{
    if (last) times.push(now - last)
    last = now
    if (i++ > n) return done(times.slice(2))
    const by = 0.1 * Math.sin(i / 9)
    Plotly.relayout('at', {{ 'xaxis.range': [by, 1 + by] }}).then(() => requestAnimationFrame(step))
  }}
  requestAnimationFrame(step)
}})
</script>"""


def main() -> None:
    """Measure and print; the last line is the JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer points and frames")
    parser.add_argument("--layout", action="store_true", help="time laying out as many pictures, too")
    args = parser.parse_args()
    n, n_frames = (20_000, 40) if args.quick else (100_000, 150)
    with tempfile.TemporaryDirectory(prefix="curate-bench-") as folder, chromium() as browser:
        places = make_data(Path(folder), n)
        result: dict[str, Any] = {"points": n}
        with serving(ROOT / "Home.py", Path(folder)) as (url, _):
            result |= measure_map(browser, url, n_frames)
        result |= measure_plotly(browser, places, n_frames)
    if args.layout:
        result["layout_s"] = measure_layout(n)
    print(json.dumps(result))


def make_data(home: Path, n: int) -> np.ndarray:
    """(n, 2) places of a map in a project of n images without any pictures behind them."""
    os.environ["CURATE_HOME"] = str(home)
    from curate.catalog import images, maps, projects
    from curate.catalog.maps import Map, MapFacts

    project_id = projects.create_project("Many")
    shas = [f"{i:064x}" for i in range(n)]
    images.add_blobs([images.NewBlob(sha, 1, 8, 8, "PNG", bytes(32)) for sha in shas])
    names = [f"label {i}" for i in range(N_LABELS)]
    new = [images.NewImage(sha, names[i % N_LABELS], f"{i}.png", "train") for i, sha in enumerate(shas)]
    images.add_images(project_id, new, "benchmark", "Made up", names)
    rng = np.random.default_rng(0)
    middles = rng.uniform(0.15, 0.85, (N_LABELS, 2))
    places = (middles[np.arange(n) % N_LABELS] + rng.normal(0, 0.05, (n, 2))).clip(0, 1).astype(np.float32)
    ids, _, _ = maps.pictures(project_id)
    maps.write(project_id, Map(MapFacts(1, 1, "made up", "2026-01-01T00:00:00+00:00", n, int(ids[-1])), ids, places))
    return places


def measure_map(browser: Any, url: str, n_frames: int) -> dict[str, Any]:
    """The app's own page."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    sizes: list[int] = []

    def note(got: Any) -> None:
        if "/maps/" in got.url and got.ok:
            sizes.append(int(got.headers["content-length"]))

    page.on("response", note)
    page.goto(f"{url}/curate")
    page.get_by_role("heading", name="Curate").first.wait_for(timeout=60_000)
    began = time.perf_counter()
    page.get_by_role("link", name="Map", exact=True).click()
    page.locator(".pictureMap .legend button").first.wait_for(timeout=60_000)
    first_paint_ms = (time.perf_counter() - began) * 1000
    page.wait_for_timeout(2_000)
    pan, zoom = (page.evaluate(FRAMES, [kind, n_frames]) for kind in ("pan", "zoom"))
    page.locator("[data-zoom='fit']").click()
    lasso_ms = page.evaluate(LASSO)
    page.close()
    return {
        "payload_mb": round(sum(sizes) / 1e6, 2),
        "first_paint_ms": round(first_paint_ms),
        **frames("pan", pan),
        **frames("zoom", zoom),
        "lasso_ms": round(lasso_ms),
    }


def measure_plotly(browser: Any, places: np.ndarray, n_frames: int) -> dict[str, Any]:
    """The same points in a bare page with Plotly's WebGL scatter; nothing where the browser has no WebGL."""
    import base64

    import plotly

    library = (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
    points = json.dumps(base64.b64encode(places.T.astype("<f4").tobytes()).decode())
    page = browser.new_page(viewport={"width": 1100, "height": 700})
    page.set_content(PLOTLY.format(library=library, n=len(places), points=points))
    has_webgl = page.evaluate("!!document.createElement('canvas').getContext('webgl')")
    if not has_webgl:
        return {"plotly_pan_frame_ms": None}
    page.evaluate("ready.then(() => null)")
    times = page.evaluate("n => frames_(n)", n_frames)
    page.close()
    return {f"plotly_{name}": value for name, value in frames("pan", times).items()}


def frames(kind: str, times: list[float]) -> dict[str, float]:
    """Median and 95th percentile of the times between frames, in ms."""
    ordered = sorted(times)
    return {
        f"{kind}_frame_ms": round(statistics.median(ordered), 1),
        f"{kind}_frame_p95_ms": round(ordered[int(0.95 * len(ordered)) - 1], 1),
    }


def measure_layout(n: int) -> int:
    """Seconds for n made-up features of 64 directions, on one core."""
    from threadpoolctl import threadpool_limits

    from curate.embeddings import map_layout

    rng = np.random.default_rng(0)
    features = rng.normal(0, 4, (50, 64))[np.arange(n) % 50] + rng.normal(0, 1, (n, 64))
    began = time.perf_counter()
    with threadpool_limits(1):
        map_layout.lay_out(features, lambda words, share: print(f"{words} {share:.0%}", flush=True))
    return round(time.perf_counter() - began)


if __name__ == "__main__":
    main()

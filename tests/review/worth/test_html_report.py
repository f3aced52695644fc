"""The report as one file: everything is inside, texts from users are escaped, and it claims what the page claims."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from curate import store
from curate.catalog import images, runs
from curate.evaluation import Interval
from curate.evaluation.checked_flips import CheckedFlips
from curate.evaluation.ledger import Part, Point
from curate.evaluation.training_noise import Repeats, TrainingNoise
from curate.review.deciding import apply as applying
from curate.review.deciding.decisions import Op, decide
from curate.review.reports.run_comparison import Report, compare_runs
from curate.review.worth.html_report import Parts, as_html
from curate.review.worth.ledger import Ledger
from curate.review.worth.provenance import find_provenance
from tests.factories import add_run

CAT, DOG = (0.9, 0.1), (0.1, 0.9)
ENTRIES = [(label, split) for label in ("cats", "dogs") for split in ["train"] * 2 + ["valid"] * 8]


class Tags(HTMLParser):
    """Collects the tags of a page, and checks that every one is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br", "line", "polyline", "circle"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def report(make_project: Callable[..., Any]) -> Report:
    """Run 1 wrong about pictures 2 and 3; a message with markup; Run 2 right about all."""
    project = make_project(ENTRIES)
    before = add_run(project.id, [CAT, CAT, DOG, DOG, *[CAT] * 6, *[DOG] * 10])
    decide(project.id, "Ada", [Op(1, (project.image_ids[0],), "keep")], "test")
    applying.apply(project.id, "Ada", "<script>alert(1)</script>")
    after = add_run(project.id, [CAT] * 10 + [DOG] * 10)
    return compare_runs(runs.find_run(before), runs.find_run(after))


def test_the_page_is_whole_and_loads_nothing(report):
    page = as_html(Parts(report, None, None, find_provenance(report), None))
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert "script" not in {tag for tag, _ in tags.seen} and "&lt;script&gt;alert(1)" in page
    links = [value for _, attributes in tags.seen for name, value in attributes.items() if name in ("src", "href")]
    assert len(links) == 2 and all(link and link.startswith("data:image/webp;base64,") for link in links)
    assert "http" not in page and "url(" not in page and "@import" not in page
    assert "prefers-color-scheme: dark" in page and "@media print" in page


def test_it_says_what_the_page_says(report):
    page = as_html(Parts(report, None, None, find_provenance(report), None))
    assert report.comparison.verdict in page
    assert "training noise is not in it" in page
    assert "Nobody has checked the flips blind yet." in page
    assert "Put right: wrong before, right after: 2" in page
    assert "From Run 1&#x27;s 87.5 % in its time to Run 2&#x27;s 100.0 % today" in page
    assert len(re.findall("<figure>", page)) == 2


def test_with_everything_at_hand_the_verdict_is_that_of_the_repeats(report):
    noise = TrainingNoise(16, Repeats((0.8, 0.9), 3.0), Repeats((1.0, 1.0), 1.0), Interval(0.15, 0.05, 0.25), 0.99)
    points = [Point(0, 0.0, 0.8, (0.8, 0.8, 0.8)), Point(2, 3.0, 0.9, (0.6, 0.7, 0.8))]
    parts = [Part("reviewer", "A<b", 2, Interval(0.1, 0.05, 0.15))]
    ledger = Ledger(1, "pixels at 32 px", 4, 16, 2, Interval(0.1, 0.05, 0.15), points, parts)
    page = as_html(Parts(report, CheckedFlips(16, 2, 2, 0, 0), noise, None, ledger))
    assert noise.verdict in page and "Seeds alone flip 2 of 16 pictures" in page
    assert "All 2 flips were checked blind." in page
    assert "<svg" in page and "reviewer A&lt;b" in page
    # 760 wide, 260 high: the curve goes from the left axis to the right end.
    (curve,) = re.findall(r'points="([^"]*)"[^>]*stroke="var\(--accent\)', page)
    assert curve.split()[0].startswith("56.0,") and curve.split()[-1].startswith("752.0,")


def test_with_three_runs_a_line_over_all_and_their_versions_is_drawn(report):
    assert "All runs so far" not in as_html(Parts(report, None, None, None, None))
    add_run(report.before.project_id, [CAT] * 10 + [DOG] * 10)
    page = as_html(Parts(report, None, None, find_provenance(report), None))
    assert "16 validation pictures that both runs scored; today&#x27;s labels (version 2)." in page
    assert "No label of these pictures is confirmed yet." in page
    assert page.count("<circle") == 3
    assert "looked at by 3 trainings" in page
    # 14 of 16 right, then 16 and 16: the first point lies lower, 12 from the axis, and the last 12 from the right edge.
    (line,) = re.findall(r'points="([^"]*)"[^>]*stroke="var\(--accent\)', page)
    (x_1, y_1), (_, y_2), (x_3, y_3) = ([float(part) for part in point.split(",")] for point in line.split())
    assert (x_1, x_3) == (56.0 + 12, 760.0 - 12) and y_1 > y_2 == y_3
    assert "<td>Run 1</td><td>1</td>" in page and "&lt;script&gt;alert(1)" in page.split("All runs so far")[1]
    tags = Tags()
    tags.feed(page)
    assert tags.open == []


def test_a_picture_that_is_gone_leaves_an_empty_frame(report):
    image_id = int(report.comparison.flips["image"].iloc[0])
    (row,) = images.image_rows([image_id])
    store.blob_path(row.sha).unlink()
    page = as_html(Parts(report, None, None, None, None))
    assert page.count('class="none"') == 1

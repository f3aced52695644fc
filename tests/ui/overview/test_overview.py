"""The overview: the start page's words, and the line that tells how far a project has come."""

import re
from pathlib import Path

from curate.review.deciding.apply import apply
from curate.review.deciding.decisions import Op, decide
from curate.ui.overview import loop_progress

ROOT = Path(__file__).parents[3]
N_SAMPLE = "1,823"  # tests/gather/test_sample.py counts them


def states(project) -> list[str]:
    """One sign a stage: ✓ done, • present, - neither; ✓• both."""
    stages = loop_progress.find_stages(project)
    return [("✓" if stage.is_done else "") + ("•" if stage.is_current else "") or "-" for stage in stages]


def test_the_start_page_and_the_readme_name_the_same_number_of_digits(open_page):
    start = "\n".join(element.value for element in open_page("overview").markdown)
    assert re.findall(r"([\d,]+) pictures of handwritten digits", start) == [N_SAMPLE]
    readme = " ".join((ROOT / "README.md").read_text().split())
    assert set(re.findall(r"([\d,]+) (?:pictures of |real |scans of )*handwritten digits", readme)) == {N_SAMPLE}


def test_the_line_on_the_overview_follows_a_project_round_the_loop(make_project, add_run):
    from curate.catalog import projects

    project = make_project([(label, split) for label in "ab" for split in ["train"] * 3 + ["valid"]])
    now = lambda: projects.find_project(project.id)  # noqa: E731
    assert states(now()) == ["✓", "•", "-", "-", "-"]
    first = add_run(project.id, [(0.6, 0.4)] * 8)
    assert states(now()) == ["✓", "✓", "•", "-", "-"]
    decide(project.id, "Ada", [Op(1, (project.image_ids[0],), "relabel", project.label_ids["b"])], "c")
    assert states(now()) == ["✓", "✓", "•", "-", "-"]
    apply(project.id, "Ada")
    assert states(now()) == ["✓", "✓", "✓", "•", "-"]
    second = add_run(project.id, [(0.4, 0.6)] * 8)
    assert states(now()) == ["✓", "✓", "✓", "✓", "•"]
    assert loop_progress.find_stages(now())[-1].query == (("before", str(first)), ("after", str(second)))


def test_every_stage_of_the_line_is_a_link(open_page, make_project):
    project = make_project([("a", "train"), ("b", "train")])
    app = open_page("overview", project=project.id)
    labels = [link.proto.label for link in app.main.get("page_link")]
    assert labels[:5] == [":green[✓] Gathered", "**Trained**", "Cleaned", "Retrained", "Compared"]

"""The line on the overview that shows how far a project is in the loop; each stage links to its page."""

from dataclasses import dataclass

import streamlit as st

from curate.catalog import runs, versions
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.review.reports.run_comparison import pair_around_cleaning
from curate.ui.shell import navigation, next_step


@dataclass(frozen=True)
class Stage:
    """A stage of the loop: its word, its page, the rest of the URL, whether it is done and whether it is next."""

    word: str
    place: str
    is_done: bool
    is_current: bool
    query: tuple[tuple[str, str], ...] = ()


def show_stages(project: ProjectSummary) -> None:
    """Show Gathered → Trained → Cleaned → Retrained → Compared, with ticks on finished stages, the present one bold."""
    stages = find_stages(project)
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", key="loop_progress"):
        for place, stage in enumerate(stages):
            if place:
                st.markdown(":gray[→]", width="content")
            tick = ":green[✓] " if stage.is_done and not stage.is_current else ""
            word = f"**{stage.word}**" if stage.is_current else stage.word
            with st.container(width="content"):
                navigation.link(stage.place, f"{tick}{word}", dict(stage.query))


def find_stages(project: ProjectSummary) -> list[Stage]:
    """Returns the five stages in order; the present one is where the button to the next step leads."""
    finished = runs.outside_experiments(runs.list_runs(project.id, only_done=True))
    cleanings = [version.number for version in versions.list_versions(project.id) if version.kind == "apply"]
    first_version = min((run.version_number for run in finished), default=None)
    newest_version = max((run.version_number for run in finished), default=0)
    cleaned = [number for number in cleanings if first_version is not None and number > first_version]
    is_retrained = bool(cleaned) and newest_version >= cleaned[0] and newest_version >= max(cleaned)
    current = _current(project, finished)
    pair = _pair(finished) if is_retrained else ()
    return [
        Stage("Gathered", "gather", project.has_pictures, current == 0),
        Stage("Trained", "train", bool(finished), current == 1),
        Stage("Cleaned", "curate", bool(cleaned), current == 2),
        Stage("Retrained", "train", is_retrained, current == 3),
        Stage("Compared", "compare", False, current == 4, pair),
    ]


def _current(project: ProjectSummary, finished: list[RunRow]) -> int:
    """Returns the position of the stage of the next step."""
    place = next_step.find_step(project).place
    if place == "train":
        return 3 if finished else 1
    return {"gather": 0, "label": 0, "curate": 2, "compare": 4}[place]


def _pair(finished: list[RunRow]) -> tuple[tuple[str, str], ...]:
    if len(finished) < 2:
        return ()
    before, after = pair_around_cleaning(finished)
    return ("before", str(before.id)), ("after", str(after.id))

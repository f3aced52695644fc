"""The data card: how many pictures, where from, under which licences, and how their labels were cleaned.

It says only what is known: no share of wrong labels without an interval, and none before enough was reviewed.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from curate.catalog.attribution import plain
from curate.catalog.database import reading
from curate.catalog.tables.core import Decision, Version, VersionChange
from curate.data_export.version_images import ProjectVersion, images
from curate.evaluation.intervals import Interval
from curate.wording import counted

_MOST_ROWS = 30  # of a table; the rest is summed up
_SIZES = (  # Hugging Face's words
    (1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"), (10_000_000, "1M<n<10M"),
)  # fmt: skip
_DID = {"keep": "confirmed", "relabel": "relabelled", "delete": "deleted"}
_SOURCES = {
    "folder": "a folder", "archive": "an archive", "upload": "an upload", "files": "loose files",
    "dataset": "a data set", "list": "a list of addresses", "openverse": "Openverse", "duckduckgo": "DuckDuckGo",
}  # fmt: skip


@dataclass(frozen=True)
class ErrorsLeft:
    """Wrong labels probably left among the pictures that nobody has reviewed, with a 95 % interval.

    n_reviewed: pictures that the estimate rests on; n_waiting: decisions that no version holds yet.
    """

    left: Interval
    n_reviewed: int
    n_waiting: int


@dataclass(frozen=True)
class _Origins:
    """Counters of a version's pictures: (source, its name), licence ("" = unknown), and how many a person checked."""

    sources: Counter[tuple[str, str]]
    licences: Counter[str]
    n_checked: int
    n: int


def title(version: ProjectVersion) -> str:
    """Returns the heading."""
    return f"# {plain(version.project_name)}, version {version.row.number}"


def text(
    version: ProjectVersion, errors_left: ErrorsLeft | None, usage: str = "", with_unlabelled: bool = False
) -> str:
    """Returns the card as Markdown, with the head that Hugging Face reads.

    usage: how to open it, in Markdown.  with_unlabelled: images without a label lie beside the others.
    """
    origins = _count_origins(version)
    parts = [
        _front_matter(version, origins),
        title(version),
        f"{counted(origins.n, 'picture')} under {counted(_n_used(version), 'label')}, each with one label. "
        f"{version.counts['train']:,} are meant for training, {version.counts['valid']:,} are held out for validation."
        f"{_unlabelled(version, with_unlabelled)}",
        *((f"## Use\n\n{usage}",) if usage else ()),
        f"## Labels\n\n{_labels(version)}",
        f"## Where the pictures come from\n\n{_sources(origins)}",
        f"## Licences\n\n{_licences(origins)}",
        f"## How the labels were cleaned\n\n{_cleaning(version, origins)}",
        f"## Wrong labels that are left\n\n{_errors(errors_left)}",
    ]
    return "\n\n".join(parts) + "\n"


def _unlabelled(version: ProjectVersion, is_here: bool) -> str:
    n = version.row.n_unlabelled
    if n and is_here:
        return f" {counted(n, 'picture')} without a label {'lies' if n == 1 else 'lie'} in `unlabelled/`."
    return (
        f" {counted(n, 'picture')} of the project had no label and {'is' if n == 1 else 'are'} not here." if n else ""
    )


def _front_matter(version: ProjectVersion, origins: _Origins) -> str:
    """JSON values are YAML, and names from people cannot leave them."""
    size = next((words for most, words in _SIZES if origins.n < most), "n>10M")
    facts = {
        "pretty_name": version.project_name, "task_categories": ["image-classification"], "size_categories": [size],
        "license": "unknown" if set(origins.licences) <= {""} else "other",
    }  # fmt: skip
    lines = (f"{name}: {json.dumps(value)}" for name, value in facts.items())
    return "\n".join(("---", *lines, "---"))


def _n_used(version: ProjectVersion) -> int:
    return sum(1 for label in version.labels if label.n_train + label.n_valid)


def _labels(version: ProjectVersion) -> str:
    rows = [(plain(one.name), f"{one.n_train:,}", f"{one.n_valid:,}") for one in version.labels]
    return _table(("label", "training", "validation"), rows)


def _count_origins(version: ProjectVersion) -> _Origins:
    sources, licences, n_checked, n = Counter[tuple[str, str]](), Counter[str](), 0, 0
    for image in images(version):
        known = image.provenance
        sources[str(known.get("source") or ""), str(known.get("name") or "")] += 1
        licences[str(known.get("licence") or "")] += 1
        n_checked += image.checked_at is not None
        n += 1
    return _Origins(sources, licences, n_checked, n)


def _sources(origins: _Origins) -> str:
    rows = [
        (_SOURCES.get(kind, plain(kind) or "not known"), plain(name), f"{n:,}")
        for (kind, name), n in origins.sources.most_common()
    ]
    return _table(("source", "name", "pictures"), rows)


def _licences(origins: _Origins) -> str:
    rows = [(plain(name) or "not known", f"{n:,}") for name, n in origins.licences.most_common()]
    note = ""
    if n := origins.licences[""]:
        note = f"\n\nOf {counted(n, 'picture')} the licence is not known: ask before you publish or sell them."
    return _table(("licence", "pictures"), rows) + note


def _cleaning(version: ProjectVersion, origins: _Origins) -> str:
    actions, n_people = _applied(version)
    if not actions:
        return "Nobody has reviewed these labels: they are as they came in."
    did = ", ".join(f"{actions[action]:,} {verb}" for action, verb in _DID.items() if actions.get(action))
    return (
        f"{counted(n_people, 'person', 'people')} reviewed pictures in Curate: {did} up to this version. "
        f"Of its {origins.n:,} pictures, the label of {origins.n_checked:,} was given or confirmed by a person."
    )


def _applied(version: ProjectVersion) -> tuple[dict[str, int], int]:
    """({action: applied decisions up to the version}, people who made them)."""
    of_it = (Version.project_id == version.project_id, Version.id <= version.row.id)
    query = (
        select(Decision.action, Decision.reviewer, func.count())
        .join(VersionChange, VersionChange.decision_id == Decision.id)
        .join(Version, Version.id == VersionChange.version_id)
        .where(*of_it)
        .group_by(Decision.action, Decision.reviewer)
    )
    actions, people = Counter[str](), set[str]()
    with reading() as session:
        for action, reviewer, n in session.execute(query):
            actions[action] += n
            people.add(reviewer)
    return dict(actions), len(people)


def _errors(known: ErrorsLeft | None) -> str:
    if known is None:
        return "Not known: it takes a run on these pictures, and twenty decisions after it, to estimate it."
    waiting = ""
    if known.n_waiting:
        waiting = f" {counted(known.n_waiting, 'decision')} waited when this was written and are not in this version."
    return (
        f"Between {known.left.low:,.0f} and {known.left.high:,.0f} (95 % interval; most likely "
        f"{known.left.value:,.0f}) among the pictures that nobody reviewed, estimated from "
        f"{counted(known.n_reviewed, 'reviewed picture')}.{waiting}"
    )


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [_line(heads), _line(["---"] * len(heads)), *map(_line, rows[:_MOST_ROWS])]
    if n_more := len(rows) - _MOST_ROWS:
        lines += [_line([f"and {n_more:,} more", *[""] * (len(heads) - 1)])] if n_more > 0 else []
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"

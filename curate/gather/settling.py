"""What is decided when a round of downloads is over: which pictures are duplicates, and, at the end, that they enter.

Only the order of the sources decides, never which download ended first: killed and resumed, the result is the same.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np

from curate import store
from curate.catalog import candidates, gatherings, images
from curate.catalog.candidates import Outcome
from curate.catalog.gatherings import GatheringRow
from curate.gather.decode_files import Intake
from curate.gather.folders.label_choices import Entry
from curate.gather.importing import ImportResult, enter
from curate.gather.limits import Limits
from curate.gather.near_duplicates import near_groups
from curate.gather.search_sources import SEARCHES
from curate.gather.sources import read_file, readable

SAME_THERE = "The same picture is in the project"
SAME_BEFORE = "The same picture came before"
NEAR_THERE = "A near-duplicate is in the project"
NEAR_BEFORE = "A near-duplicate came before"


@dataclass
class _Verdicts:
    """Which candidates are chosen and which are not, while they are gone through in order."""

    chosen: list[int] = field(default_factory=list)
    refused: list[Outcome] = field(default_factory=list)

    def refuse(self, candidate_id: int, reason: str, detail: str = "") -> None:
        """Leave one out."""
        self.refused.append(Outcome(candidate_id, None, reason, detail))


def settle(gathering: GatheringRow, limits: Limits) -> int:
    """Decide on the pictures fetched in the present round, and begin the next; how many were chosen."""
    fetched = candidates.with_pictures(gathering.id, "fetched")
    before = candidates.with_pictures(gathering.id, "chosen")
    verdicts = _Verdicts()
    fresh = _without_same(gathering.project_id, fetched, before, limits, verdicts)
    if limits.drop_near:
        fresh = _without_near(gathering.project_id, fresh, before, verdicts)
    verdicts.chosen = [candidate_id for candidate_id, _, _ in fresh]
    candidates.end_round(gathering.id, verdicts.chosen, verdicts.refused)
    return len(verdicts.chosen)


def enter_chosen(gathering: GatheringRow) -> ImportResult:
    """Make images of what was chosen, as one version; what is there already, after a kill, is only marked as kept."""
    candidates.mark_kept(gathering.id)
    chosen = candidates.with_pictures(gathering.id, "chosen")
    result = ImportResult()
    if chosen:
        source = _Gathered(gathering, chosen)
        intake = Intake([(entry, sha) for entry, (_, sha, _) in zip(source.entries, chosen, strict=True)])
        known = images.known_entries(gathering.project_id)
        result = enter(gathering.project_id, source, intake, gathering.author, known, "Gathered")
        candidates.mark_kept(gathering.id)
    return result


Row = tuple[int, str, str]  # candidate, sha, label


def _without_same(
    project_id: int, fetched: list[Row], before: list[Row], limits: Limits, verdicts: _Verdicts
) -> list[Row]:
    """Those of `fetched` whose very bytes nobody has; without `drop_near`, under another label they may come again."""
    there = images.labels_showing(project_id, [sha for _, sha, _ in fetched])
    seen = {_mark(sha, label, limits) for _, sha, label in before}
    fresh = []
    for candidate_id, sha, label in fetched:
        labels = there.get(sha, [])
        if label in labels or (labels and limits.drop_near):
            verdicts.refuse(
                candidate_id, SAME_THERE, f"Filed under {labels[0]}." if labels[0] else "It has no label yet."
            )
        elif _mark(sha, label, limits) in seen:
            verdicts.refuse(candidate_id, SAME_BEFORE)
        else:
            seen.add(_mark(sha, label, limits))
            fresh.append((candidate_id, sha, label))
    return fresh


def _mark(sha: str, label: str, limits: Limits) -> str:
    return sha if limits.drop_near else f"{sha} {label}"


def _without_near(project_id: int, fresh: list[Row], before: list[Row], verdicts: _Verdicts) -> list[Row]:
    """Those of `fresh` that are no near-duplicate of an image, a chosen picture or an earlier one of them."""
    have = images.hashes(project_id)
    rows = before + fresh
    bits = np.concatenate([have.bits, images.blob_hashes([sha for _, sha, _ in rows])])
    n_have, n_known = len(have.image_ids), len(have.image_ids) + len(before)
    own = -1 - np.arange(len(rows))  # no image's group is negative
    first = near_groups(bits, np.concatenate([have.groups, own]), n_known)[n_known:].tolist()
    kept = []
    for at, row, leader in zip(range(n_known, len(bits)), fresh, first, strict=True):
        if leader == at:
            kept.append(row)
        elif leader < n_have:
            verdicts.refuse(row[0], NEAR_THERE, f"Image {have.image_ids[leader]}.")
        else:
            verdicts.refuse(row[0], NEAR_BEFORE, f"Under {rows[leader - n_have][2] or 'no label'}.")
    return kept


class _Gathered:
    """What was chosen, as a source of pictures that lie in the store."""

    kind = "gathering"

    def __init__(self, gathering: GatheringRow, chosen: list[Row]) -> None:
        self._searches = {search.number: search for search in gatherings.searches(gathering.id)}
        titles = dict.fromkeys(SEARCHES[search.source].title for search in self._searches.values())
        self.name = ", ".join(titles)
        self.refused: list[tuple[str, str]] = []
        self._shas = {candidate_id: sha for candidate_id, sha, _ in chosen}
        found = candidates.found_of([candidate_id for candidate_id, _, _ in chosen])
        self.entries = [Entry(file_name(found[each][1]), label, None, each) for each, _, label in chosen]

    def read(self, entry: Entry) -> bytes:
        """The picture's bytes."""
        return read_file(store.blob_path(self._shas[entry.key]))

    def linked_path(self, entry: Entry) -> Path | None:
        """None: downloads are stored."""
        return None

    def origins(self, entries: list[Entry]) -> list[dict[str, Any]]:
        """Who made each picture, under which licence, and where and how it was found."""
        found = candidates.found_of([entry.key for entry in entries])
        origins = []
        for entry in entries:
            number, url, credit = found[entry.key]
            search = self._searches[number]
            known = {name: value for name, value in credit.items() if name != "thumb"}
            asked = {"source": search.source, "name": SEARCHES[search.source].title, "query": search.query, "path": url}
            origins.append(known | asked | {"url": url})
        return origins


def file_name(url: str) -> str:
    """What a picture from that address is called: the last part of its path.

    >>> file_name("https://x.org/a/the%20cat.jpg?w=2"), file_name("https://x.org/")
    ('the cat.jpg', 'x.org')
    """
    parts = urlsplit(url)
    name = unquote(parts.path.rstrip("/").rpartition("/")[2], errors="replace").replace("/", "_")
    return readable(name)[:200] or parts.netloc[:200] or "picture"

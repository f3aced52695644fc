"""The comparison of two runs as one HTML file that needs nothing else: figures, pictures and style are inside."""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, cast

import numpy as np
import pandas as pd

from curate import store
from curate.catalog import images, projects, runs, versions
from curate.errors import CurateError
from curate.evaluation import accuracy_in_words, per_cent, points, verdict
from curate.evaluation.checked_flips import CheckedFlips
from curate.evaluation.comparison import is_beyond_chance
from curate.evaluation.training_noise import TrainingNoise
from curate.evaluation.words import MISSING
from curate.review.reports.evaluated import labels_in_words
from curate.review.reports.run_comparison import Report
from curate.review.worth import all_runs, all_runs_svg
from curate.review.worth.ledger import Ledger
from curate.review.worth.ledger_svg import draw
from curate.review.worth.provenance import Provenance
from curate.review.worth.report_style import STYLE
from curate.wording import counted

MOST_PICTURES = 24  # of a kind; each some 10 kB
_KINDS = {
    "fixed": "Put right: wrong before, right after",
    "broken": "Broken: right before, wrong after",
    "changed": "Wrong before and after, in another way",
}


@dataclass(frozen=True)
class Parts:
    """What the report tells. checked, noise, origin, ledger: None = there is none, and the report says so."""

    report: Report
    checked: CheckedFlips | None
    noise: TrainingNoise | None
    origin: Provenance | None
    ledger: Ledger | None


def as_html(parts: Parts) -> str:
    """Returns the whole report as one page without scripts; texts from users are escaped."""
    report = parts.report
    project = projects.find_project(report.before.project_id)
    title = f"{project.name}: {report.before.name} and {report.after.name}"
    labels = labels_in_words(report.source, report.before.version_number, project.version_number)
    sections = [
        f"<h1>{escape(title)}</h1>",
        _quiet(f"{counted(report.comparison.n, 'validation picture')} that both runs scored; {labels}."),
        _verdict(parts),
        _checked(parts),
        _origin(parts),
        _between(report),
        _ledger(parts),
        _all_runs(report),
        _labels(report.comparison.labels),
        *(_flips(report, kind, words) for kind, words in _KINDS.items()),
        _settings(report),
    ]
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body>\n" + "\n".join(part for part in sections if part) + "\n</body></html>\n"
    )


def _verdict(parts: Parts) -> str:
    comparison, noise, names = parts.report.comparison, parts.noise, (parts.report.before.name, parts.report.after.name)
    value = noise.difference.value if noise else comparison.difference.value
    is_real = noise.is_beyond_chance if noise else is_beyond_chance(comparison.n, comparison.difference)
    tone = "" if not is_real else " good" if value > 0 else " bad"
    lines = [
        f'<div class="value{tone}">{points(value)} points</div>',
        f"<p><strong>{escape(noise.verdict if noise else comparison.verdict)}</strong></p>",
        f"<p>{names[0]}: {accuracy_in_words(comparison.before.accuracy)}; {names[1]}: "
        f"{accuracy_in_words(comparison.after.accuracy)}. {comparison.n_fixed:,} put right, {comparison.n_broken:,} "
        "broken.</p>",
    ]
    if noise:
        flips = (noise.before.flips + noise.after.flips) / 2
        lines.append(
            f"<p>Seeds alone flip {flips:,.0f} of {counted(noise.n, 'picture')} between two trainings on the same "
            "labels. The interval includes training noise.</p>"
        )
    else:
        lines.append(_quiet("The interval is about which pictures were drawn; training noise is not in it."))
    return f'<div class="verdict">{"".join(lines)}</div>'


def _checked(parts: Parts) -> str:
    flips = parts.checked
    if flips is None:
        return "<h2>On checked labels</h2>" + _quiet("Nobody has checked the flips blind yet.")
    if flips.is_done:
        sentence = verdict(flips.n, flips.n_fixed, flips.n_broken, flips.difference)
        words = f"{sentence} All {counted(flips.n_flips, 'flip')} were checked blind."
    else:
        low, high = (points(end) for end in flips.bounds)
        words = f"{flips.n_checked:,} of {counted(flips.n_flips, 'flip')} checked: between {low} and {high} points."
    return f"<h2>On checked labels</h2><p>{escape(words)}</p>"


def _origin(parts: Parts) -> str:
    origin = parts.origin
    if origin is None:
        return ""
    names = parts.report.before.name, parts.report.after.name
    rows = [
        (name, f"{100 * then:.1f} %", f"{100 * today:.1f} %", f"{origin.n:,}")
        for name, then, today in zip(names, origin.then, origin.today, strict=True)
    ]
    table = _table(("Run", "Labels as trained", "Labels today", "Pictures"), rows)
    return (
        f"<h2>What came from what</h2><p>{escape(origin.sentence(*names))} {escape(origin.left_in_words(names[0]))}</p>"
        f"{table}<p>{escape(origin.confirmed_in_words(*names))}</p>"
    )


def _between(report: Report) -> str:
    low, high = sorted((report.before.version_number, report.after.version_number))
    rows = [
        (f"Version {one.number}", one.message, one.author, f"{one.created_at:%Y-%m-%d %H:%M}")
        for one in versions.list_versions(report.before.project_id)
        if low < one.number <= high
    ]
    body = _table(("Version", "What it says", "By", "At (UTC)"), rows) if rows else _quiet("Nothing: the same labels.")
    return f"<h2>What changed in between</h2>{body}"


def _ledger(parts: Parts) -> str:
    made = parts.ledger
    if made is None:
        return ""
    rows = [
        (one.name if one.kind == "action" else f"{one.kind} {one.name}", f"{one.n:,}", points(one.effect.value),
         f"{points(one.effect.low)} to {points(one.effect.high)}")
        for one in made.parts
    ]  # fmt: skip
    note = (
        f"By today's labels. The model on frozen features ({made.recipe}), fitted anew with other labels: "
        f"{counted(made.n_train, 'training picture')}, {counted(made.n_valid, 'held-out picture')}. Dotted: as many "
        "random relabels."
    )
    table = _table(("Decisions", "Number", "Points", "95 % interval"), rows)
    curve = f'<div class="wide">{draw(made)}</div>'
    return f"<h2>What each decision brought</h2><p>{escape(made.sentence)}</p>{curve}{_quiet(note)}{table}"


def _all_runs(report: Report) -> str:
    line = all_runs.find_points(report.before.project_id)
    if not line:
        return ""
    rows = [
        (run.name, f"{run.version_number}", one.message, accuracy_in_words(one.accuracy), f"{run.n_valid:,}")
        for one in line
        for run in [one.run]
    ]
    n_looks = len(runs.list_runs(report.before.project_id, only_done=True))
    note = f"Each by the labels of its own time. {all_runs.looks_in_words(n_looks)}"
    table = _table(("Run", "Version", "What changed before it", "Accuracy", "Pictures"), rows)
    return f'<h2>All runs so far</h2><div class="wide">{all_runs_svg.draw(line)}</div>{_quiet(note)}{table}'


def _labels(labels: pd.DataFrame) -> str:
    ordered = labels.sort_values("recall_change", ascending=False, kind="stable")
    rows = [
        (
            str(row["label"]),
            *(
                f"{per_cent(row[f'{name}_before'])} → {per_cent(row[f'{name}_after'])}"
                for name in ("recall", "precision")
            ),
            MISSING if np.isnan(row["q_value"]) else "yes" if row["q_value"] <= 0.05 else "no",
            f"{row['support']:,}",
        )
        for row in cast(list[dict[str, Any]], ordered.to_dict("records"))
    ]
    return "<h2>Label by label</h2>" + _table(("Label", "Recall", "Precision", "Beyond chance", "Pictures"), rows)


def _flips(report: Report, kind: str, words: str) -> str:
    flips = report.comparison.flips
    chosen = flips[flips["kind"] == kind]
    if chosen.empty:
        return ""
    rows = cast(list[dict[str, Any]], chosen.head(MOST_PICTURES).to_dict("records"))
    by_id = {row.id: row for row in images.image_rows([row["image"] for row in rows])}
    figures = "".join(_figure(report, row, by_id[row["image"]]) for row in rows if row["image"] in by_id)
    more = f", the first {len(rows)} of {len(chosen):,}" if len(chosen) > len(rows) else f": {len(chosen):,}"
    return f'<h2>{words}{more}</h2><div class="pictures">{figures}</div>'


def _figure(report: Report, row: dict[str, Any], image: images.ImageRow) -> str:
    label, old, new = (escape(report.labels[row[side]].name) for side in ("label", "before", "after"))
    name = escape(image.file_name, quote=True)
    caption = f"<figcaption>{old} → {new}<br>label {label}, {per_cent(row['p_before'])} → {per_cent(row['p_after'])}"
    return f"<figure>{_picture(image.sha, name)}{caption}</figcaption></figure>"


def _picture(sha: str, name: str) -> str:
    try:
        data = base64.b64encode(store.thumbnail_path(sha).read_bytes()).decode("ascii")
    except (CurateError, OSError):  # erased, or no longer readable
        return f'<div class="none" title="{name}"></div>'
    return f'<img src="data:image/webp;base64,{data}" alt="{name}">'


def _settings(report: Report) -> str:
    before, after = report.before.config, report.after.config
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    rows = [(name, str(before.get(name, MISSING)), str(after.get(name, MISSING))) for name in names]
    if not rows:
        return "<h2>Settings</h2><p>The same in both runs.</p>"
    return "<h2>Settings that differ</h2>" + _table(("Setting", report.before.name, report.after.name), rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _quiet(text: str) -> str:
    return f'<p class="quiet">{escape(text)}</p>'

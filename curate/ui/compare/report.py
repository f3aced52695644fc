"""The parts of the report on two runs, which shows the effect of the cleaning, from the verdict to the settings."""

import numpy as np
import pandas as pd
import streamlit as st

from curate.catalog import versions
from curate.catalog.projects import ProjectSummary
from curate.catalog.versions import VersionRow
from curate.evaluation import per_cent, points
from curate.evaluation.comparison import FEW_IMAGES, is_beyond_chance
from curate.evaluation.words import MISSING
from curate.gather import planted
from curate.review.reports import confirmed_accuracy
from curate.review.reports.run_comparison import Report
from curate.ui import charts
from curate.ui.compare import training_noise
from curate.ui.compare.runs import DrawnReport
from curate.ui.rendering import formatting, html, run_text
from curate.ui.rendering.colours import change_colour
from curate.ui.shell import label_source

_HONEST = (
    "Were each run measured by the labels of its own time, a run could look better only because its test became "
    "easier. So both are judged by the labels as they are now: what the runs thought of every picture is stored and "
    "is held against today's labels. Only pictures that neither run learnt from take part. The accuracies in the "
    "lists above are those of their own time."
)
MOST_FALSE = 0.05  # share of the labels called changed that are expected to have changed by chance
_SUMMARY = {"keep": "kept", "delete": "deleted", "relabel": "relabelled"}
_OTHER_SUMMARY = {"added": "added", "changed": "put back", "erased": "erased"}


def show_verdict(project: ProjectSummary, drawn: DrawnReport) -> None:
    """Show the change of accuracy, its certainty, and the number of pictures; with repeats, the mean of trainings."""
    comparison = drawn.comparison
    sentence = drawn.noise.verdict if drawn.noise else comparison.verdict
    with st.container(border=True, key="verdict"):
        with st.grid(2, min_column_width=330, gap="medium", vertical_alignment="center"):
            with st.container(gap="xsmall"):
                _show_change(drawn)
                st.subheader(formatting.plain(sentence), anchor=False)
            if comparison.n:
                charts.show(drawn.accuracy, key="accuracy_change", alt=comparison.verdict)
        if comparison.n:
            _show_evidence(project, drawn)
            training_noise.show_noise(project, drawn)
    if project.is_sample:
        _show_planted(project)


def show_changes(drawn: DrawnReport) -> None:
    """Show the versions between the two runs, and the images per label before and after."""
    report = drawn.report
    st.subheader("What changed in between", anchor=False)
    between = _between(report)
    if not between:
        st.markdown(f"Nothing: both runs learnt from version {report.after.version_number}.")
        return
    with st.grid(2, min_column_width=330, gap="medium"):
        with st.container():
            if report.before.version_number > report.after.version_number:
                st.caption(
                    f"{report.before.name} is the newer of the two: these versions came after {report.after.name}."
                )
            html.show(html.stack([_version(version) for version in between]))
        charts.show(drawn.balance, key="balance_change", alt="Images of each label before and after")


def show_labels(drawn: DrawnReport) -> None:
    """Show the change of each label's recall, and the numbers before and after."""
    st.subheader("Label by label", anchor=False)
    st.caption(
        "Recall: the share of a label's pictures that the run recognises.",
        help="In points of a per cent, under the labels chosen above. With few validation pictures it swings widely.",
    )
    with st.grid(2, min_column_width=380, gap="medium"):
        with st.container():
            _show_recall(drawn)
        st.dataframe(
            _label_table(drawn.comparison.labels),
            hide_index=True,
            column_config={"Label": st.column_config.TextColumn(width=120)},
            key="label_changes",
        )
    st.caption(
        "*Beyond chance*: the change of recall, by McNemar's test on the label's pictures, adjusted for looking at "
        "many labels (Benjamini and Hochberg), so that about 1 in 20 of those called changed is not. A dash: fewer "
        f"than {FEW_IMAGES} pictures."
    )


def show_losses(drawn: DrawnReport) -> None:
    """Show mean and largest losses before and after, and their histogram."""
    st.subheader("Losses", anchor=False)
    st.caption("How far off the run was: 0 = certain and right; over 0.7, it gave the label less than even odds.")
    with st.grid(2, min_column_width=330, gap="medium"):
        st.dataframe(_loss_table(drawn.report), hide_index=True, key="loss_table")
        charts.show(drawn.losses, key="loss_histogram", alt="How many pictures have which loss, before and after")


def show_settings(report: Report) -> None:
    """Show the settings that differ; none should, if the comparison is to show the effect of the labels."""
    st.subheader("Settings", anchor=False)
    different = run_text.differences(report.before.config, report.after.config)
    if not different:
        same_labels = report.before.version_id == report.after.version_id
        st.markdown("Same settings, same labels." if same_labels else "Same settings: only the labels changed.")
        return
    st.markdown(
        "These settings differ, so the change is not the labels' alone."
        if report.before.version_id != report.after.version_id
        else "The labels were the same; these settings differ."
    )
    st.dataframe(
        pd.DataFrame(different, columns=["Setting", report.before.name, report.after.name]),
        hide_index=True,
        key="differences",
    )


def _show_change(drawn: DrawnReport) -> None:
    comparison, noise = drawn.comparison, drawn.noise
    if not comparison.n:
        return
    value = noise.difference.value if noise else comparison.difference.value
    is_real = noise.is_beyond_chance if noise else is_beyond_chance(comparison.n, comparison.difference)
    colour = change_colour(value if is_real else 0)
    style = f"font-size:2.9rem;font-weight:700;line-height:1.1;letter-spacing:-.02em;color:{colour}"
    html.show(f'<div style="{style}">{points(value)} <span style="font-size:1.2rem">points</span></div>')


def _show_evidence(project: ProjectSummary, drawn: DrawnReport) -> None:
    comparison = drawn.comparison
    n_other = int((comparison.flips["kind"] == "changed").sum())
    with st.grid(4, min_column_width=140, gap="small"):
        st.metric("Put right", f"{comparison.n_fixed:,}", help="Wrong before, right after.")
        st.metric("Broken", f"{comparison.n_broken:,}", help="Right before, wrong after.")
        st.metric("Otherwise wrong", f"{n_other:,}", help="Wrong before and after, in another way.")
        st.metric("Pictures compared", f"{comparison.n:,}")
    if comparison.n_fixed + comparison.n_broken:
        st.markdown(probability_in_words(drawn))
    _show_gold(drawn.report)
    n_out = formatting.counted(comparison.n_left_out, "picture")
    left_out = f" {n_out} that only one run saw take no part." if comparison.n_left_out else ""
    st.caption(
        f"Both runs were held against the same {formatting.counted(comparison.n, 'validation picture')} under "
        f"{label_source.in_words_of(drawn.report, project)}. {training_noise.terms(drawn)}{left_out}",
        help=_HONEST,
    )


def _show_gold(report: Report) -> None:
    """Show the accuracy on held-out pictures with a confirmed label."""
    on_gold = {run.name: confirmed_accuracy.describe(run.id) for run in (report.before, report.after)}
    if all(on_gold.values()):
        shares = "; ".join(f"{name} {share}" for name, share in on_gold.items())
        st.markdown(f"Accuracy on the gold set: {shares}.")


def probability_in_words(drawn: DrawnReport) -> str:
    """Returns a sentence on the pictures that only one run gets right, and the newer run's probability."""
    comparison, (old, new) = drawn.comparison, drawn.runs
    only = formatting.counted(comparison.n_fixed + comparison.n_broken, "picture")
    return (
        f"Of {only} that only one of the two gets right, {comparison.n_fixed:,} are {new}'s and "
        f"{comparison.n_broken:,} {old}'s: {new} is the better one with a probability of "
        f"{per_cent(comparison.probability_better)}."
    )


def _show_planted(project: ProjectSummary) -> None:
    progress = planted.count_found(project.id)
    if progress.n_planted:
        st.markdown(f"Of the sample's {progress.n_planted:,} planted problems you have found **{progress.n_found:,}**.")


def _between(report: Report) -> list[VersionRow]:
    """Returns the versions after the older run's up to the newer run's, newest first."""
    low, high = sorted((report.before.version_number, report.after.version_number))
    return [version for version in versions.list_versions(report.before.project_id) if low < version.number <= high]


def _version(version: VersionRow) -> str:
    by = html.quiet(f"Version {version.number} · {html.text(version.author, 60)} · {html.moment(version.created_at)}")
    counts = [
        html.row(html.sign(action), f"{version.summary[action]:,} {word}")
        for action, word in _SUMMARY.items()
        if version.summary.get(action)
    ]
    counts += [
        f"{version.summary[name]:,} {word}" for name, word in _OTHER_SUMMARY.items() if version.summary.get(name)
    ]
    return (
        f'<div style="padding-bottom:6px"><div style="font-weight:600;overflow-wrap:anywhere">'
        f"{html.text(version.message)}</div>{by}"
        f'<div style="display:flex;flex-wrap:wrap;gap:4px 16px;padding-top:4px">{"".join(counts)}</div></div>'
    )


def _show_recall(drawn: DrawnReport) -> None:
    charts.show(drawn.recall, key="recall_change", alt="Change of recall per label")
    if drawn.n_still:
        st.caption(f"{formatting.counted(drawn.n_still, 'label')} stayed the same.")


def _label_table(labels: pd.DataFrame) -> pd.DataFrame:
    """Returns recall, precision and F1 before → after in per cent, labels by the change of recall."""
    ordered = labels.sort_values("recall_change", ascending=False, kind="stable")
    columns = {"Label": [formatting.shorten(name, 120) for name in ordered["label"]]}
    for name, title in (("recall", "Recall"), ("precision", "Precision"), ("f1", "F1")):
        pairs = zip(ordered[f"{name}_before"], ordered[f"{name}_after"], strict=True)
        columns[title] = [f"{per_cent(before)} → {per_cent(after)}" for before, after in pairs]
        if name == "recall":
            columns["Beyond chance"] = [_chance(value) for value in ordered["q_value"]]
    return pd.DataFrame(columns | {"Pictures": ordered["support"].to_numpy()})


def _chance(q_value: float) -> str:
    return MISSING if np.isnan(q_value) else "yes" if q_value <= MOST_FALSE else "no"


def _loss_table(report: Report) -> pd.DataFrame:
    old, new = report.comparison.before, report.comparison.after
    rows = {
        "Mean, validation": (old.mean_loss, new.mean_loss),
        "Largest, validation": (old.largest_loss, new.largest_loss),
        "Largest, training": report.largest_train_loss,
    }
    before, after = report.before.name, report.after.name
    return pd.DataFrame(
        {
            "Loss": list(rows),
            before: [_with_sign(pair[0]) for pair in rows.values()],
            after: [_with_sign(pair[1]) for pair in rows.values()],
            "Change": [_with_sign(pair[1] - pair[0], "+") for pair in rows.values()],
        }
    )


def _with_sign(value: float, sign: str = "") -> str:
    return MISSING if np.isnan(value) else f"{value:{sign}.2f}".replace("-", "−")

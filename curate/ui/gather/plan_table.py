"""What was understood of a folder before it comes in, as a table: labels are renamed, merged or left out in it."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from curate.gather.folders.folder_labels import AUTO, NO_LABELS
from curate.gather.folders.folder_plan import LAYOUTS, FolderPlan, in_words
from curate.gather.folders.label_choices import LabelChoices
from curate.ui.rendering import formatting
from curate.ui.shell import guards

_WORDS = {
    AUTO: "As understood",
    "label": "Each folder is a label",
    "split/label": "The folders are splits, labels lie in them",
    "label/split": "Each folder is a label, splits lie in them",
    "*/label": "Labels one level down",
    "*/split/label": "Splits one level down, labels in them",
    NO_LABELS: "No folder is a label",
}
_MOST_ROWS, _ROW_PX = 10, 35
_FOLDER, _TAKE, _LABEL = "Folder", "Take", "Label"


Read = Callable[[str, bool], FolderPlan]


def show(key: str, read: Read) -> LabelChoices | None:
    """Show the plan and *Import*; returns the choices once that is clicked.

    key: differs for every folder, so that changes of one are not those of another.  read: returns the plan for a
    layout, and for whether pictures in no label's folder come in without a label.
    """
    with st.container(border=True, gap="small", key="folder_plan"), guards.shown_errors():
        return _show_plan(key, read)
    return None


def as_cell(reason: str) -> str:
    """Returns a reason as a table shows it, which knows no Markdown: its first name between quotation marks."""
    return reason.replace("`", "“", 1).replace("`", "”", 1)


def _show_plan(key: str, read: Read) -> LabelChoices | None:
    header = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
    layout = st.selectbox(
        "Layout", [AUTO, *LAYOUTS], format_func=_WORDS.__getitem__, key=f"layout_{key}", width=420,
        help="What the folders are. Choose another when it was understood wrongly: splits taken for labels, say.",
    )  # fmt: skip
    plan = read(layout, False)
    if plan.n_unlabelled and _takes_unlabelled(f"{key}_{layout}", plan):
        plan = read(layout, True)
    plan.require_labels()
    names = _names(_edited(f"{key}_{layout}", plan)) if plan.labels else {}
    _show_outside(plan)
    n_left_out = sum(row.n_pictures for row in plan.labels if names.get(row.folder, row.folder) is None)
    n = plan.n_pictures - n_left_out
    with header:
        st.markdown(f"**{formatting.plain(in_words(plan), 300)}**", width="content")
        text = f"Import {formatting.counted(n, 'picture')}"
        is_wanted = st.button(text, key="import_plan", type="primary", icon=":material/input:", disabled=not n)
    return LabelChoices(layout, names, plan.takes_unlabelled).checked() if is_wanted else None


def _takes_unlabelled(key: str, plan: FolderPlan) -> bool:
    """Whether pictures in no label's folder come in; ticked at first where no picture has a label."""
    return st.checkbox(
        f"Take {formatting.counted(plan.n_unlabelled, 'picture')} without a label", not plan.n_labelled,
        key=f"unlabelled_{key}",
        help="Pictures that lie in no label's folder. They wait on the Label page; no model trains on them until they "
        "have a label.",
    )  # fmt: skip


def _edited(key: str, plan: FolderPlan) -> pd.DataFrame:
    columns: dict[str, list[Any]] = {
        _TAKE: [True] * len(plan.labels),
        _LABEL: [row.name for row in plan.labels],
        "Pictures": [row.n_pictures for row in plan.labels],
    }
    if plan.has_split:
        columns |= {"Train": [row.n_train for row in plan.labels], "Held out": [row.n_valid for row in plan.labels]}
    columns[_FOLDER] = [row.folder for row in plan.labels]
    st.caption("Rename a label in the table; give two the same name to merge them; untick one to leave it out.")
    return st.data_editor(
        pd.DataFrame(columns), key=f"plan_{key}", hide_index=True, width="stretch",
        disabled=[name for name in columns if name not in (_TAKE, _LABEL)],
        height="content" if len(plan.labels) <= _MOST_ROWS else _ROW_PX * _MOST_ROWS,
        column_config={
            _TAKE: st.column_config.CheckboxColumn(width=60),
            _LABEL: st.column_config.TextColumn(required=True, max_chars=300, width="large"),
        },
        alt="Labels that were understood, with their counts",
    )  # fmt: skip


def _names(edited: pd.DataFrame) -> dict[str, str | None]:
    """{label by its folder: its name, None = left out} of the rows that were changed."""
    rows = edited[[_FOLDER, _LABEL, _TAKE]].itertuples(index=False)
    names = {folder: str(label).strip() if is_taken else None for folder, label, is_taken in rows}
    return {folder: name for folder, name in names.items() if name != folder}


def _show_outside(plan: FolderPlan) -> None:
    if not plan.outside:
        return
    st.markdown(
        f":orange[:material/warning:] {formatting.counted(plan.n_outside, 'file')} "
        f"{'stay' if plan.n_outside > 1 else 'stays'} outside:"
    )
    table = pd.DataFrame(
        {
            "Files": [each.n for each in plan.outside],
            "Why": [as_cell(each.reason) for each in plan.outside],
            "Such as": [each.example for each in plan.outside],
        }
    )
    config = {"Files": st.column_config.NumberColumn(width=60), "Why": st.column_config.TextColumn(width="large")}
    st.dataframe(table, hide_index=True, column_config=config, alt="Files that stay outside, and why")

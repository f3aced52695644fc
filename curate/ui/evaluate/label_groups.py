"""A dialog that puts labels into groups, which fold the confusion matrix."""

import pandas as pd
import streamlit as st

from curate.catalog import projects
from curate.review.reports.label_groups import label_groups, set_label_groups
from curate.ui.rendering import formatting
from curate.ui.shell import guards, query_params

FOLD = "fold"  # in the address


@st.dialog("Label groups")
def edit_label_groups(project_id: int) -> None:
    """Show a table of labels and groups; saving it folds the matrix."""
    st.caption("Labels with the same group share a row and a column of the matrix; leave it empty for a label alone.")
    labels, groups = projects.labels(project_id), label_groups(project_id)
    table = pd.DataFrame(
        {
            "Label": [formatting.shorten(label.name, 120) for label in labels],
            "Group": [groups.get(label.id, "") for label in labels],
        }
    )
    edited = st.data_editor(table, hide_index=True, disabled=["Label"], key="group_table", width="stretch")
    if st.button("Save", key="save_groups", type="primary"):
        names = [str(name or "") for name in edited["Group"].tolist()]
        with guards.shown_errors():
            set_label_groups(project_id, dict(zip((label.id for label in labels), names, strict=True)))
            query_params.write(**{FOLD: "groups" if any(name.strip() for name in names) else None})
            st.rerun()

"""Takes in the predictions of a model from elsewhere, which become a run."""

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from curate import store
from curate.catalog.projects import ProjectSummary
from curate.jobs.submit import imported_predictions
from curate.jobs.submit.imported_predictions import ALL, NONE, VALID
from curate.ui.shell import guards, identity

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

_HELD_OUT = {
    VALID: "Only the validation pictures were new to it",
    ALL: "All of them were new to it",
    NONE: "It had seen them all",
}


def show_import(project: ProjectSummary) -> None:
    """Show the form, folded."""
    with st.expander("Predictions of a model of your own", icon=":material/input:", key="import_predictions"):
        st.caption(
            "A table (CSV, Parquet or npz) with a row per picture: its file name, the end of its path or its SHA-256, "
            "and a probability per label, or a `label` and a `score`. It becomes a run like any other."
        )
        upload = st.file_uploader(
            "Table, or ONNX file", type=["csv", "tsv", "parquet", "npz", "onnx"], key="predictions_file"
        )
        how = _ask_preprocessing() if upload and upload.name.lower().endswith(".onnx") else ""
        name = Path(upload.name).stem if upload else ""
        model = st.text_input("Name of the model", placeholder=name or "resnet50, trained elsewhere", key="their_model")
        held_out = st.radio(
            "Had the model seen these pictures?", list(_HELD_OUT), index=None, format_func=_HELD_OUT.__getitem__,
            key="held_out", help="What it was trained on it takes for right: such predictions are no evidence.",
        )  # fmt: skip
        is_logits = st.checkbox("The numbers are logits", key="are_logits")
        is_ready = upload is not None and held_out is not None
        if st.button("Take them in", key="import_their_predictions", disabled=not is_ready) and upload and held_out:
            with guards.shown_errors():
                _submit(project, upload, model or name, held_out, is_logits, how)
                st.rerun()


def _ask_preprocessing() -> str:
    return st.text_area(
        "How its input is made, as JSON", key="their_preprocessing",
        placeholder='{"labels": ["cat", "dog"], "side_px": 224, "resize": "crop", "mean": [0, 0, 0], "std": [1, 1, 1]}',
        help="Not needed for a model.onnx that Curate wrote, which says it itself.",
    )  # fmt: skip


def _submit(
    project: ProjectSummary, upload: "UploadedFile", model: str, held_out: str, is_logits: bool, how: str
) -> None:
    folder = store.incoming_folder()
    try:
        path = folder / "upload"
        path.write_bytes(upload.getbuffer())
        by = identity.reviewer()
        imported_predictions.submit(project.id, path, model, held_out, is_logits, by, upload.name, how)
    finally:
        store.remove_incoming(folder)

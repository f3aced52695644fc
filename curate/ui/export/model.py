"""The export of a run's model: a job makes the zip, then it can be downloaded."""

import streamlit as st

from curate.catalog import runs
from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.jobs.submit import export_model
from curate.jobs.submit.export_model import MODEL, SPACE
from curate.ui.shell import guards, identity, run_picker

_TITLES = {MODEL: "Zip that answers by itself", SPACE: "Hugging Face Space"}
_NOTES = {
    MODEL: "The model as ONNX, a script that needs onnxruntime, pillow and numpy only, a dozen pictures with the "
    "answers expected to them, a model card, and, for a trained network, one that fastai opens.",
    SPACE: "A folder to push to a Space: a page on Gradio where anybody drops a picture and sees the labels. Its "
    "examples are held-out pictures of the project: look at them, and at the card, before you publish it.",
}


def show_model(project: ProjectSummary) -> None:
    """Draws the choice of a run, and the button that makes its zip, or the one that downloads it."""
    st.subheader("A model", anchor=False)
    if not runs.list_runs(project.id, only_done=True, with_model=True):
        st.caption("No run has finished yet. A trained model can be taken along from here.")
        return
    with st.container(border=True):
        finished = run_picker.finished_runs(project, with_model=True)
        run = run_picker.choose(finished, "model", label="Whose model", purpose="answer")
        format = st.radio(
            "As", list(_TITLES), key="model_format", format_func=_TITLES.__getitem__, captions=list(_NOTES.values())
        )
        _show_zip(project, run, str(format))


def _show_zip(project: ProjectSummary, run: RunRow, format: str) -> None:
    path = export_model.zip_of(run.id, format)
    suffix = "" if format == MODEL else f"-{format}"
    with st.container(horizontal=True):
        if path.exists():
            st.download_button(
                f"Download the zip ({path.stat().st_size / 1e6:,.0f} MB)", path.read_bytes,
                file_name=f"{project.name}-run-{run.number}{suffix}.zip", mime="application/zip", key="export_download",
                icon=":material/download:", on_click="ignore", type="primary",
            )  # fmt: skip
        if st.button("Make it again" if path.exists() else "Make the zip", key="export_model"):
            with guards.shown_errors():
                export_model.ensure(run, identity.reviewer(), format)
                st.rerun()

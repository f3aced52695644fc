"""The Predict page's offer to take the model elsewhere: a job makes the zip, then it can be downloaded."""

import streamlit as st

from curate.catalog.projects import ProjectSummary
from curate.catalog.runs import RunRow
from curate.jobs.submit import export_model
from curate.ui.shell import guards, identity
from curate.ui.shell.jobs_panel import job_panel


def show(project: ProjectSummary, run: RunRow) -> None:
    """Draws the expander; in it the button that makes the zip, or the one that downloads it."""
    with st.expander("Take this model elsewhere", icon=":material/ios_share:"):
        st.markdown(
            "A zip with the model as ONNX, a script that needs onnxruntime, pillow and numpy only, a dozen pictures "
            "with the answers expected to them, a model card, and, for a trained network, one that fastai opens."
        )
        path = export_model.zip_of(run.id)
        with st.container(horizontal=True):
            if path.exists():
                st.download_button(
                    f"Download the zip ({path.stat().st_size / 1e6:,.0f} MB)", path.read_bytes,
                    file_name=f"{project.name}-run-{run.number}.zip", mime="application/zip", key="export_download",
                    icon=":material/download:", on_click="ignore", type="primary",
                )  # fmt: skip
            if st.button("Make it again" if path.exists() else "Make the zip", key="export_model"):
                with guards.shown_errors():
                    export_model.ensure(run, identity.reviewer())
                    st.rerun()
        job_panel(project, kinds="predict")

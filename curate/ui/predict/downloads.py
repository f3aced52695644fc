"""All answers to take away, as CSV and as Parquet."""

from io import BytesIO

import streamlit as st

from curate.ui.predict import results
from curate.ui.predict.results import Results
from curate.ui.rendering import formatting


def show(every: Results) -> None:
    """Draw the two buttons; the files are made when they are asked for."""
    with st.container(horizontal=True):
        st.download_button(
            "Download as CSV", lambda: formatting.table_csv(results.tabulate(every)), "predictions.csv", "text/csv",
            icon=":material/download:", key="predict_csv", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "Download as Parquet", lambda: _as_parquet(every), "predictions.parquet", "application/vnd.apache.parquet",
            icon=":material/download:", key="predict_parquet", on_click="ignore",
        )  # fmt: skip


def _as_parquet(every: Results) -> bytes:
    file = BytesIO()
    results.tabulate(every).to_parquet(file, index=False)
    return file.getvalue()

"""Which of fastai's data sets to bring in."""

import streamlit as st

from curate.gather.datasets import DATASETS


def ask() -> str:
    """The name of the chosen data set."""
    chosen = st.selectbox(
        "Data set",
        list(DATASETS),
        key="dataset",
        format_func=lambda name: f"{name} · {DATASETS[name].words}",
        width=520,
    )
    st.caption(
        "Downloaded once, by fastai's own `untar_data`, into its folder (`~/.fastai`, or `FASTAI_HOME`); the pictures "
        "are copied from there."
    )
    return str(chosen)

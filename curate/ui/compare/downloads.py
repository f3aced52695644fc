"""The comparison as files: HTML, JSON and CSV."""

import streamlit as st

from curate.evaluation.checked_flips import CheckedFlips
from curate.review.reports import comparison_files
from curate.review.worth import html_report, ledger
from curate.review.worth.html_report import Parts
from curate.review.worth.provenance import Provenance
from curate.ui.compare.runs import DrawnReport


def show_downloads(drawn: DrawnReport, origin: Provenance | None, checked: CheckedFlips | None) -> None:
    """Show the report's downloads. origin: what came from what; checked: the blind check, if there is one."""
    report, noise = drawn.report, drawn.noise
    parts = Parts(report, checked, noise, origin, ledger.read(report.before, report.after))
    stem = f"run-{report.before.number}-to-{report.after.number}"
    with st.container(horizontal=True):
        st.download_button(
            "Report as HTML",
            lambda: html_report.as_html(parts).encode(),
            f"comparison-{stem}.html",
            "text/html",
            key="html",
            on_click="ignore",
            icon=":material/download:",
            help="One file with the pictures in it, to send, to keep or to print.",
        )
        st.download_button(
            "Report as JSON",
            lambda: comparison_files.as_json(report, checked, noise).encode(),
            f"comparison-{stem}.json",
            "application/json",
            key="json",
            on_click="ignore",
            icon=":material/download:",
        )
        st.download_button(
            "Flipped pictures as CSV",
            lambda: comparison_files.flips_csv(report).encode("utf-8-sig"),  # the mark tells Excel that it is UTF-8
            f"flips-{stem}.csv",
            "text/csv",
            key="csv",
            on_click="ignore",
            icon=":material/download:",
        )

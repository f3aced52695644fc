"""A gathering while it runs: a bar for every label, with what was found, fetched, kept and refused."""

import streamlit as st

from curate.catalog import gatherings
from curate.catalog.gatherings import SearchRow, Tally
from curate.catalog.projects import NO_LABEL
from curate.jobs import JobRow
from curate.ui.rendering import formatting

MOST_BARS = 24


def show_bars(job: JobRow) -> None:
    """A bar a label, as the job's last report has it; nothing before the first."""
    reported = job.progress.get("tallies") or {}
    if job.kind != "gather" or not reported:
        return
    searches = gatherings.searches(job.args["gathering"])
    with st.grid("auto", min_column_width=320, gap="small"):
        for search in searches[:MOST_BARS]:
            tally = Tally(**reported.get(str(search.number), {}))
            st.progress(
                share(search, tally), text=f"**{formatting.plain(search.label or NO_LABEL, 40)}** · {in_words(tally)}"
            )
    if len(searches) > MOST_BARS:
        st.caption(f"and {formatting.counted(len(searches) - MOST_BARS, 'more label')}")


def share(search: SearchRow, tally: Tally) -> float:
    """How far a search is, in [0, 1]: pictures had of those wanted; for lists, addresses that have ended."""
    if search.n_wanted:
        return min(1.0, tally.n_fetched / search.n_wanted)
    return (tally.n_fetched + tally.n_refused) / tally.n_found if tally.n_found else 0.0


def in_words(tally: Tally) -> str:
    """The counts, those that are zero left out.

    >>> in_words(Tally(n_found=20, n_fetched=3, n_refused=1))
    '20 found · 3 fetched · 1 refused'
    """
    named = {"found": tally.n_found, "fetched": tally.n_fetched, "kept": tally.n_kept, "refused": tally.n_refused}
    return " · ".join(f"{n:,} {name}" for name, n in named.items() if n) or "searching"

"""The blind check of the flips: the button that starts it, how far it is, and the difference on checked labels."""

import streamlit as st

from curate.evaluation import per_cent, points
from curate.evaluation.checked_flips import CheckedFlips
from curate.evaluation.comparison import is_beyond_chance, verdict
from curate.review.reports.run_comparison import Report
from curate.review.team import flip_check
from curate.review.team.flip_check import FlipCheck
from curate.ui.compare.runs import DrawnReport
from curate.ui.rendering import formatting, html
from curate.ui.rendering.colours import change_colour
from curate.ui.shell import guards, identity, navigation

_WHY = (
    "Where both runs predict the same label, the difference of their accuracies is zero, whatever the right label is. "
    "So labels that people gave to the other pictures, without seeing either run's answer, are enough: wrong labels, "
    "and labels that were corrected by accepting one run's suggestions, no longer move the difference. Only slips of "
    "the reviewers do."
)


def find_check(report: Report) -> FlipCheck | None:
    """Returns the check of these two runs' flips, if somebody has started one."""
    return flip_check.find(report.before.id, report.after.id)


def is_under_way(check: FlipCheck | None) -> bool:
    """Whether a check has been started and some of its flips are unchecked."""
    return check is not None and not check.flips.is_done


def show_check(drawn: DrawnReport, check: FlipCheck | None) -> None:
    """Show the difference on checked labels, or what can be said so far, and the button that leads to the check."""
    if check is None and drawn.comparison.flips.empty:
        return
    with st.container(border=True, key="flip_check"):
        st.subheader("On checked labels", anchor=False)
        if check is None:
            _show_offer(drawn)
        elif check.flips.is_done:
            _show_result(drawn, check)
        else:
            _show_progress(drawn, check)


def _show_offer(drawn: DrawnReport) -> None:
    n_flips, n = len(drawn.comparison.flips), drawn.comparison.n
    differing = f"the {'picture' if n_flips == 1 else 'pictures'} on which the two runs differ"
    st.markdown(
        f"Only {differing}, {n_flips:,} of {n:,}, can move this difference: about all others both predict the same "
        "label, right or wrong. Check these blind, and the difference stands on labels that a person gave without "
        "seeing either answer.",
        help=_WHY,
    )
    if st.button(f"Check {_flips(n_flips)} blind", key="check_flips", icon=":material/visibility_off:"):
        _start(drawn.report)
    st.caption("Best done by somebody who has not looked at the flips below; they are hidden while the check is open.")


def _show_progress(drawn: DrawnReport, check: FlipCheck) -> None:
    st.markdown(progress_in_words(check.flips, *drawn.runs), help=_WHY)
    if st.button("Go on with the blind check", key="check_flips", type="primary", icon=":material/visibility_off:"):
        _start(drawn.report)
    st.caption(
        f"Flips are the pictures on which the two runs differ, among {_compared(check)}. A picture that fits no label "
        f"counts for neither run.{_left_out(check)}"
    )


def _show_result(drawn: DrawnReport, check: FlipCheck) -> None:
    flips = check.flips
    value = flips.difference.value
    colour = change_colour(value if is_beyond_chance(flips.n, flips.difference) else 0)
    style = f"font-size:1.8rem;font-weight:700;line-height:1.1;letter-spacing:-.02em;color:{colour}"
    html.show(f'<div style="{style}">{points(value)} <span style="font-size:1rem">points</span></div>')
    sentence = verdict(flips.n, flips.n_fixed, flips.n_broken, flips.difference)
    st.markdown(f"**{formatting.plain(sentence)}**", help=_WHY)
    st.markdown(result_in_words(flips, *drawn.runs))
    _show_terms(check)


def _show_terms(check: FlipCheck) -> None:
    who = f" by {formatting.plain(', '.join(check.reviewers))}" if check.reviewers else ""
    st.caption(
        f"{check.flips.n_checked:,} of {_flips(check.flips.n_flips)} checked{who}, among {_compared(check)}. A picture "
        "that fits no label counts for neither run. The interval is about which pictures were drawn; training noise is "
        f"not in it.{_left_out(check)}"
    )


def _compared(check: FlipCheck) -> str:
    return f"{formatting.counted(check.flips.n, 'validation picture')} that both runs scored when the check began"


def _left_out(check: FlipCheck) -> str:
    if not check.n_left_out:
        return ""
    return f" {_flips(check.n_left_out)} left the project outside the check: in none of these numbers."


def progress_in_words(flips: CheckedFlips, old: str, new: str) -> str:
    """Returns what a check that is not done says: the counts so far, and how far the difference can still move."""
    low, high = flips.bounds
    so_far = f"{flips.n_checked:,} of {_flips(flips.n_flips)} {'is' if flips.n_checked == 1 else 'are'} checked"
    counts = f": {_counts(flips, old, new)}" if flips.n_checked else ""
    rest = "one turns" if flips.n_open == 1 else f"{flips.n_open:,} turn"
    return (
        f"{so_far}{counts}. Whatever the other {rest} out to be, the difference lies between "
        f"{points(low)} and {points(high)} points. {_standing(low, high, old, new)}"
    )


def _standing(low: float, high: float, old: str, new: str) -> str:
    if low > 0 or high < 0:
        return f"{new if low > 0 else old} is ahead on these pictures already."
    if low == 0 or high == 0:
        return f"{old if low == 0 else new} cannot come out ahead any more."
    return "Which run is ahead is still open."


def result_in_words(flips: CheckedFlips, old: str, new: str) -> str:
    """Returns what a finished check counted, and the probability that the newer run is the better one."""
    return (
        f"Of {_flips(flips.n_flips)} {_counts(flips, old, new)}: {new} is the better one with a probability of "
        f"{per_cent(flips.probability_better)}."
    )


def _counts(flips: CheckedFlips, old: str, new: str) -> str:
    return f"{new} is right about {flips.n_fixed:,}, {old} about {flips.n_broken:,}, neither about {flips.n_neither:,}"


def _flips(n: int) -> str:
    return formatting.counted(n, "flip")


def _start(report: Report) -> None:
    with guards.shown_errors():
        session_id = flip_check.start(report, identity.reviewer())
        navigation.go("curate", {"session": str(session_id)})

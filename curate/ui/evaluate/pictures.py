"""The chosen pictures on Evaluate in the curating grid, to be decided there and then."""

import numpy as np
import streamlit as st

from curate.catalog.projects import ProjectSummary
from curate.evaluation import pictures
from curate.evaluation.levels import Levels
from curate.review.listing import matching
from curate.review.reports.evaluated import Evaluated
from curate.ui.evaluate import choice as choices
from curate.ui.evaluate.choice import Choice
from curate.ui.rendering import formatting
from curate.ui.review import grid_page, view_url
from curate.ui.shell import navigation

SIZE = 24  # pictures on a page
KEY = "chosen_pictures"  # of the row above them
# Where both sides stand below each other, what was chosen would else be below the screen.
_SCROLL = f"""setTimeout(() => {{
  const row = document.querySelector('.st-key-{KEY}'), matrix = document.querySelector('.st-key-panel_choice');
  if (row && matrix && row.getBoundingClientRect().left < matrix.getBoundingClientRect().right) {{
    row.style.scrollMarginTop = '4rem';  // the header
    row.scrollIntoView({{block: 'start'}});
  }}
}}, 300)
"""


def show_pictures(project: ProjectSummary, evaluated: Evaluated, levels: Levels, choice: Choice) -> None:
    """Show the chosen pictures, the highest loss first, with a link to all filters on Curate."""
    view = choices.find_view(evaluated, levels, choice)
    n = matching.matching(view).n if view else 0
    n_chosen = int(np.count_nonzero(choices.find_pictures(evaluated, levels, choice)))
    with st.container(key=KEY, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{formatting.plain(describe(choice, levels, n), 300)}**")
        if view:
            navigation.link("curate", "Open in Curate", view_url.of(view))
    if st.session_state.pop(choices.MADE, False):
        st.html(f"<script>{_SCROLL}</script>", unsafe_allow_javascript=True)
    if n_gone := n_chosen - n:
        st.caption(f"The numbers are as the run left them; {pictures(n_gone)} of these went to the bin since.")
    if view is None:
        st.caption("Nothing to see here.")
        return
    grid_page.show_grid(project, view, SIZE)


def describe(choice: Choice, levels: Levels, n: int) -> str:
    """Returns the heading of n chosen pictures. Plain text."""
    if choice.is_empty:
        return f"Hardest first, of all {pictures(n)}"
    if not (choice.actual and choice.predicted):
        return f"{choices.describe(choice, levels)}: {pictures(n)}"
    label, predicted = (formatting.in_sentence(levels.titles[key]) for key in (choice.actual, choice.predicted))
    is_right = choice.actual == choice.predicted and choice.actual.isdecimal()
    return f"{pictures(n)} labelled {label}, {'rightly predicted' if is_right else f'predicted as {predicted}'}"

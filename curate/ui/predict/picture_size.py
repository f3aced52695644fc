"""The size of a picture in a tray, from its header."""

import streamlit as st

from curate.errors import BadPicture
from curate.pictures import picture_facts
from curate.tray.answers import Answers
from curate.tray.pictures import TrayPicture


def of(answers: Answers, picture: TrayPicture) -> tuple[int, int]:
    """(width, height) in pixels, as seen upright; a square for a file that can no longer be read."""
    return _read(answers.tray.name, picture.number, answers)


@st.cache_data(max_entries=500, show_spinner=False)
def _read(tray: str, number: int, _answers: Answers) -> tuple[int, int]:
    try:
        facts = picture_facts(_answers.tray.read(number))
    except BadPicture:
        return 1, 1
    return facts.width, facts.height

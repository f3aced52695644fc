"""The visitor's tray of pictures and the answers to them: as long as the session lives, and no longer."""

from collections.abc import Sequence

import streamlit as st

from curate.tray.answers import Answers
from curate.tray.pictures import Tray
from curate.ui.shell import query_params

_ANSWERS = "predict_answers"
_OPENED = "predict_opened"  # number of the picture that is shown large, of many
_AMONG = "predict_among"  # numbers of the pictures that were shown when it was opened
_ROUND = "predict_round"  # how often the upload field was emptied; part of its key
IMAGE = "image"  # ?image=17: a picture of the project


def answers_of(project_id: int) -> Answers:
    """Those of this session for the project; another project's are forgotten.

    Kept in the session's state, although they are data: a cache of the session's would be emptied whenever a phone lets
    go of the connection, and the state goes two minutes later. The files go with the tray.
    """
    of_project, answers = st.session_state.get(_ANSWERS, (None, None))
    if answers is None or of_project != project_id:
        remove_all()
        answers = Answers(Tray())
        st.session_state[_ANSWERS] = (project_id, answers)
    answers.tray.touch()
    return answers


def remove_all() -> None:
    """Forget the pictures and the answers now."""
    _, answers = st.session_state.pop(_ANSWERS, (None, None))
    if answers:
        answers.tray.remove()
        empty_field()
        close()


def opened(answers: Answers) -> int | None:
    """The number of the picture to show large: the only one, or the one opened."""
    n = len(answers.tray.pictures)
    number = st.session_state.get(_OPENED)
    return 0 if n == 1 else number if number is not None and number < n else None


def open_picture(number: int, among: Sequence[int] = ()) -> None:
    """Show that picture large. among: the numbers before and after it, for the arrows."""
    query_params.remove(IMAGE)
    st.session_state[_OPENED] = number
    if among:
        st.session_state[_AMONG] = list(among)


def open_linked(number: int) -> None:
    """Show the picture large that the address names."""
    st.session_state[_OPENED] = number


def beside(number: int) -> tuple[int | None, int | None]:
    """The numbers of the pictures before and after that one, in the order in which it was opened."""
    among = st.session_state.get(_AMONG, [])
    if number not in among:
        return None, None
    at = among.index(number)
    return among[at - 1] if at else None, among[at + 1] if at + 1 < len(among) else None


def close() -> None:
    """Show all pictures again."""
    st.session_state[_OPENED] = None
    query_params.remove(IMAGE)


def round_number() -> int:
    """Part of the keys of fields that are emptied once they were used."""
    return int(st.session_state.get(_ROUND, 0))


def empty_field() -> None:
    """Let the fields begin anew."""
    st.session_state[_ROUND] = round_number() + 1

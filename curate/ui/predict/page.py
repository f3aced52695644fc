"""What the Predict page shows below its sources: one picture large, or all of them; the answers as they come."""

import streamlit as st

from curate.catalog.projects import ProjectSummary
from curate.tray.answers import Answers
from curate.ui.predict import many_pictures, one_picture, session
from curate.ui.predict.answering_runs import AnsweringRun
from curate.ui.rendering import formatting
from curate.ui.shell import guards

_STEP_S = 0.7  # of answering between two looks at what is there
_POLL_S = 1.0


def show(project: ProjectSummary, runs: list[AnsweringRun], answers: Answers) -> None:
    """Draw the answers so far, and get the others while the page is open."""
    if not answers.tray.pictures:
        st.caption(f"{runs[0].run.name} answers as soon as there is a picture.")
        return
    run_ids = [each.run.id for each in runs]
    with guards.shown_errors():
        if not answers.of(run_ids[0]):
            with st.spinner(_waiting_text(runs, len(answers.tray.pictures)), show_time=True):
                answers.work(run_ids, _STEP_S)
        else:
            answers.work(run_ids, 0.0)  # asks again where the known pictures were not there before
        is_live = bool(answers.n_waiting(run_ids)) or any(each.is_preparing for each in runs)
        st.fragment(_Steps(project, runs, answers).draw, run_every=_POLL_S if is_live else None)()


class _Steps:
    """Draws, then answers some more, again and again; the first drawing belongs to the run of the whole page."""

    def __init__(self, project: ProjectSummary, runs: list[AnsweringRun], answers: Answers) -> None:
        self._project, self._runs, self._answers = project, runs, answers
        self._is_first = True

    def draw(self) -> None:
        """Draw once, and go on while answers are missing."""
        if session.answers_of(self._project.id) is not self._answers:
            st.rerun()  # they were removed by a button in here, which runs this part of the page only
        run_ids = [each.run.id for each in self._runs]
        number = session.opened(self._answers)
        if number is None:
            many_pictures.show(self._project, self._runs, self._answers)
        else:
            one_picture.show(self._project, self._runs, self._answers, number)
        if self._is_first:
            self._is_first = False
            return
        with guards.shown_errors():
            if self._answers.n_waiting(run_ids):
                self._answers.work(run_ids, _STEP_S)
                st.rerun(scope="fragment" if self._answers.n_waiting(run_ids) else "app")
            if any(each.is_preparing for each in self._runs):
                self._answers.work(run_ids, 0.0)
                if self._answers.n_waiting(run_ids):  # the known pictures have come
                    st.rerun()


def _waiting_text(runs: list[AnsweringRun], n: int) -> str:
    first = " The model wakes up first: about ten seconds, once." if any(run.is_slow_to_start for run in runs) else ""
    return f"Looking at {formatting.counted(n, 'picture')}.{first}"

"""Pace: how fast a job goes and how long it will still take, worked out by hand."""

from curate.jobs.context import Pace


def test_pace_counts_from_the_first_report_of_a_stage() -> None:
    pace = Pace()
    assert pace.at(10, 110, 100.0) == {}
    assert pace.at(60, 110, 105.0) == {"rate": 10.0, "seconds_left": 5.0}


def test_another_total_begins_another_stage() -> None:
    pace = Pace()
    pace.at(0, 10, 0.0)
    assert pace.at(10, 10, 1.0) == {"rate": 10.0, "seconds_left": 0.0}
    assert pace.at(10, 500, 2.0) == {}
    assert pace.at(20, 500, 4.0) == {"rate": 5.0, "seconds_left": 96.0}


def test_a_count_that_falls_back_begins_another_stage() -> None:
    pace = Pace()
    pace.at(0, 10, 0.0)
    pace.at(8, 10, 1.0)
    assert pace.at(1, 10, 2.0) == {}


def test_without_a_total_there_is_a_rate_but_no_end() -> None:
    pace = Pace()
    pace.at(0, None, 0.0)
    assert pace.at(30, None, 2.0) == {"rate": 15.0}

"""The line over all versions and runs: each run's accuracy in its time, and the change of labels before it."""

from collections.abc import Mapping
from dataclasses import dataclass

from curate.catalog import runs, versions
from curate.catalog.runs import RunRow
from curate.evaluation import Interval, accuracy_interval
from curate.wording import counted

FEWEST_RUNS = 3  # two are compared already
MANY_LOOKS = 10
MOST_MESSAGES = 4


@dataclass(frozen=True)
class RunPoint:
    """A run outside experiments. accuracy: by the labels of its time. message: of the versions since the run before."""

    run: RunRow
    accuracy: Interval
    message: str


def find_points(project_id: int) -> list[RunPoint]:
    """Returns the finished runs outside experiments in their order; none of them before there are three."""
    messages = {version.number: version.message for version in versions.list_versions(project_id)}
    finished = sorted(runs.list_runs(project_id, only_done=True), key=lambda run: run.number)
    line: list[RunPoint] = []
    for run in finished:
        if run.experiment_id is None and run.accuracy is not None:
            accuracy = accuracy_interval(round(run.accuracy * run.n_valid), run.n_valid)
            seen = line[-1].run.version_number if line else 0
            line.append(RunPoint(run, accuracy, _since(messages, seen, run.version_number)))
    return line if len(line) >= FEWEST_RUNS else []


def _since(messages: Mapping[int, str], seen: int, number: int) -> str:
    """Returns what the versions after `seen` up to `number` say, "" without any; of many the newest."""
    between = [messages[each] for each in range(seen + 1, number + 1) if each in messages]
    more = f"{len(between) - MOST_MESSAGES} more; " if len(between) > MOST_MESSAGES else ""
    return more + "; ".join(between[-MOST_MESSAGES:])


def looks_in_words(n: int) -> str:
    """Returns how often validation pictures were looked at, and what follows from many looks."""
    words = f"The validation pictures have been looked at by {counted(n, 'training')}."
    if n < MANY_LOOKS:
        return words
    return f"{words} The best of so many is better by luck, too: hold out fresh pictures for a last word."

"""python killing.py PROJECT FOLDER N: write back and roll back by turns, each time in a process that is killed at a
random moment and gone on with by another. Prints what came of it as JSON.

One process imports everything, and those to be killed are forked from it: an import would cost a second each.
"""

import itertools
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from curate.catalog import database, write_backs
from curate.write_back import moving, planning
from tests.write_back.conftest import ignore, tree

moving.LOT = 2  # so that there are many moments of every kind
ACTS = (moving.carry_out, moving.undo)
ENDED = ("written", "undone")


def main(project_id: int, folder: Path, n_kills: int) -> dict[str, object]:
    """{trees: how many different ones stood after the write-backs, and after the roll-backs, n_killed, n_half_way}."""
    chance = random.Random(6)
    seen: list[set[str]] = [set(), set()]
    longest_s, n_killed, n_half_way, number = [0.0, 0.0], 0, 0, 0
    for way in itertools.cycle((0, 1)):
        if way == 0:
            if n_killed >= n_kills:
                break
            number = planned(project_id, folder)
        if not longest_s[way]:  # the first of each is not killed: it tells how long they take
            began = time.monotonic()
            ACTS[way](number, ignore)
            longest_s[way] = time.monotonic() - began
        else:
            n_killed += is_killed(way, number, chance.uniform(0, longest_s[way]))
            n_half_way += len([state for state in ("waits", "done", "back") if counts(number).get(state)]) > 1
            assert os.waitpid(started(way, number), 0)[1] == 0
        seen[way].add(written_down(folder, number))
    return {"trees": [len(trees) for trees in seen], "n_killed": n_killed, "n_half_way": n_half_way}


def planned(project_id: int, folder: Path) -> int:
    number = write_backs.begin(project_id, str(folder), "Ada")
    planning.plan(number, ignore)
    return number


def is_killed(way: int, number: int, after_s: float) -> bool:
    """Whether the kill came before the process had ended."""
    child = started(way, number)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def started(way: int, number: int) -> int:
    """The number of a process that goes on with it, unless it has ended."""
    database.engine().dispose()  # no connection is shared with a child
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        if write_backs.find(number).state != ENDED[way]:
            ACTS[way](number, ignore)
        code = 0
    finally:
        os._exit(code)


def counts(number: int) -> dict[str, int]:
    return write_backs.count_states(number)


def written_down(folder: Path, number: int) -> str:
    """The whole tree, folders too, with the time of every file; the write-back's number is left out."""
    files = {path: (data.hex(), (folder / path).stat().st_mtime_ns) for path, data in tree(folder).items()}
    inside = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_dir())
    return json.dumps([files, inside]).replace(f".curate-quarantine/{number}", ".curate-quarantine/N")


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))

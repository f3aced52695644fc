"""A write-back whose process is killed at any moment ends, when it is gone on with, in the same tree."""

import json
import os
import subprocess
import sys
from pathlib import Path

from curate.catalog import database
from tests.write_back.conftest import decide, tree

ROOT = Path(__file__).parents[2]


def test_killed_at_fifty_random_moments_it_ends_in_the_same_tree_there_and_back(take_in):
    n_kills = 50 if database.is_sqlite() else 10
    pets, folder = take_in(*(f"{label}/{label}{n}.png" for label in ("cats", "dogs") for n in range(15)))
    decide(pets, [f"cats{n}.png" for n in range(10)], "relabel", "dogs")
    decide(pets, [f"dogs{n}.png" for n in range(10)], "delete")
    before = tree(folder)
    database.engine().dispose()
    driver = Path(__file__).with_name("killing.py")
    command = [sys.executable, str(driver), str(pets), str(folder), str(n_kills)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr[-3_000:]
    outcome = json.loads(ran.stdout)
    assert outcome["trees"] == [1, 1], "one tree after every write-back, and one after every roll-back"
    assert outcome["n_killed"] >= n_kills
    assert outcome["n_half_way"] >= n_kills // 10, "the kills came too early or too late to mean anything"
    assert tree(folder) == before

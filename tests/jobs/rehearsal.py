"""Kinds of job that cost nothing, for the tests: they count to `steps`, or wait until a file appears."""

import os
import signal
import time
from pathlib import Path
from typing import Any

from curate.errors import BadInput
from curate.jobs.context import JobContext
from curate.jobs.kinds import JOB, TRAIN, JobKind
from curate.jobs.outcomes import time_taken

_SHOWN: dict[str, Any] = {"noun": "rehearsal", "pages": (), "offer": "", "outcome": time_taken}
KINDS = {
    "rehearsal": JobKind(path="tests.jobs.rehearsal:run", resource=JOB, title="Rehearse", **_SHOWN),
    "rehearsal-train": JobKind(
        path="tests.jobs.rehearsal:run", resource=TRAIN, title="Rehearse a training", resumes=True, **_SHOWN
    ),
}


def run(context: JobContext) -> dict[str, Any]:
    args = context.args
    if "diary" in args:
        with Path(args["diary"]).open("a") as diary:
            diary.write(f"{context.job_id}\n")
    print(f"rehearsing as process {os.getpid()}", flush=True)
    (context.folder / "pid").write_text(str(os.getpid()))
    if args.get("die") or ("die_first" in args and _is_first(args["diary"], context.job_id)):
        os.kill(os.getpid(), signal.SIGKILL)
    if args.get("refuse"):
        raise BadInput("`cats` has 3 images.", "Import more.")
    if args.get("fill_disk"):
        _write_to_a_full_disk()
    if args.get("stumble"):
        raise ZeroDivisionError("float division by zero")
    return _count(context) | {"args": args}


def _write_to_a_full_disk() -> None:
    try:
        Path("/dev/full").write_bytes(b"x")
    except OSError as error:
        raise RuntimeError("The file could not be written.") from error  # as libraries wrap it


def _is_first(diary: str, job_id: int) -> bool:
    return Path(diary).read_text().split().count(str(job_id)) == 1


def _count(context: JobContext) -> dict[str, Any]:
    steps, gate = context.args.get("steps", 3), context.args.get("until")
    done = 0
    while done < steps or (gate and not Path(gate).exists()):
        if not context.args.get("deaf"):
            context.check()
        if context.cancel == "keep":
            return {"counted": done, "kept": True}
        done += 1
        context.report(done, max(steps, done), f"Counting, {done} so far", phase="counting")
        time.sleep(context.args.get("pause", 0.02))
    return {"counted": done, "kept": False}

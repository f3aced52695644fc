"""The process at hand (see `standby`): imports what trainings need, and does the first job it is told."""

import importlib
import json
import os
import sys
import threading

# What a quick look needs comes first.
_NEEDED = (
    "curate.jobs.work.quick_look",
    "curate.embeddings.backbones",
    "pandas",
    "cleanlab.filter",
    "curate.jobs.work.doubts",
    "curate.embeddings.quick_look_head",
    "curate.jobs.work.training",
    "torchvision",
    "fastai.torch_core",
    "fastai.vision.learner",
    "curate.training.fitting.run",
    "curate.jobs.work.learning_rate",
)


def main() -> int:
    """Exit code of the job's process; 0 when whoever started this one is gone before there was a job."""
    is_told = threading.Event()
    importing = threading.Thread(target=_import_all, args=(is_told,), daemon=True)
    importing.start()
    line = sys.stdin.buffer.readline()
    if not line:
        os._exit(0)
    is_told.set()
    importing.join()  # two threads that import the same at once may see half of it
    job_id, log = json.loads(line)
    _write_to(log)
    from curate.jobs.runtime.job_process import run_job

    return run_job(job_id)


def _import_all(is_told: threading.Event) -> None:
    """One after the other, until there is a job: it imports what it needs of the rest."""
    for name in _NEEDED:
        if is_told.is_set():
            return
        importlib.import_module(name)


def _write_to(log: str) -> None:
    """Standard output and errors go to the job's log from now on, and nothing can be read."""
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)


if __name__ == "__main__":
    sys.exit(main())

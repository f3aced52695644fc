"""Pre-warmed training process: imports fastai, runs the first job it receives (see `prewarmed`)."""

import importlib
import json
import os
import sys
import threading

# In this order: what a quick look needs comes first.
_NEEDED = (
    "curate.jobs.work.quick_look",
    "curate.embeddings.backbones",
    "timm",
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
    """Exit code of the job's process; 0 when the process that started this one ended before it sent a job."""
    has_job = threading.Event()
    importing = threading.Thread(target=_import_all, args=(has_job,), daemon=True)
    importing.start()
    line = sys.stdin.buffer.readline()
    if not line:
        os._exit(0)
    has_job.set()
    importing.join()  # two threads that import the same at once may see half of it
    job_id, log = json.loads(line)
    _write_to(log)
    from curate.jobs.runtime.job_process import run_job

    return run_job(job_id)


def _import_all(has_job: threading.Event) -> None:
    """Import one module after the other until a job has come; the job imports the rest that it needs."""
    for name in _NEEDED:
        if has_job.is_set():
            return
        importlib.import_module(name)


def _write_to(log: str) -> None:
    """Redirect standard output and errors to the job's log, and close standard input."""
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)


if __name__ == "__main__":
    sys.exit(main())

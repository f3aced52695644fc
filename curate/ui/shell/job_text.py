"""What a job's row says, in words: what it is doing, how fast, and how it ended."""

from typing import Any

from curate.catalog import projects, runs
from curate.evaluation import per_cent
from curate.jobs import JobRow
from curate.quality.issues import ISSUES
from curate.ui.rendering import formatting


def share_done(job: JobRow) -> float:
    """How far the present stage is, in [0, 1]; 0 when nobody knows."""
    done, total = job.progress.get("done") or 0, job.progress.get("total") or 0
    return min(1.0, max(0.0, done / total)) if total else 0.0


def doing(job: JobRow) -> str:
    """What it is doing at the moment. Text of the job's own: not Markdown."""
    return str(job.progress.get("message") or "Starting")


def pace(job: JobRow) -> str:
    """How much of how much, and how long it will still take; empty while nobody knows."""
    done, total, left = (job.progress.get(name) for name in ("done", "total", "seconds_left"))
    parts = []
    if total:
        parts.append(f"{done or 0:,.0f} of {total:,.0f}")
    if left is not None:
        parts.append(f"{formatting.duration(left)} left")
    return " · ".join(parts)


def result(job: JobRow) -> str:
    """What a finished job brought, in one sentence. Not Markdown."""
    found = job.result or {}
    if job.kind == "import":
        return import_result(found)
    if job.kind == "gather":
        return gather_result(found)
    if job.kind == "quality":
        return quality_result(found)
    if job.kind == "map" and "n" in found:
        return f"{formatting.counted(int(found['n']), 'picture')} on the map."
    if job.kind == "preview":
        return "The first results are there to look at."
    if job.kind in ("train", "quick") and (run := runs.run_of_job(job.id)) and run.accuracy is not None:
        return f"{run.name} has an accuracy of {per_cent(run.accuracy)}."
    if job.kind == "find_rate" and (rate := _valley(found)):
        return f"fastai suggests a rate of {rate:.1e}."
    if job.kind in ("write_back", "undo_write_back"):
        return write_back_result(found)
    if job.kind in ("bulk", "bulk_undo"):
        return bulk_result(found)
    if job.kind == "sample" and (project_id := project_of(job)):
        project = projects.find_project(project_id)
        return f"{formatting.counted(project.n_images, 'picture')}, {formatting.counted(project.n_labels, 'label')}."
    took = (job.finished_at - job.started_at).total_seconds() if job.finished_at and job.started_at else 0
    return f"Done in {formatting.duration(took)}."


def bulk_result(found: dict[str, Any]) -> str:
    """What one decision on many pictures came to, or what its undo says, from the job's result."""
    if "words" in found:
        return str(found["words"])
    verbs = {"keep": "kept", "delete": "deleted", "relabel": "relabelled", "clear": "undecided", "gone": "gone by now"}
    parts = [f"{found[name]:,} {verb}" for name, verb in verbs.items() if found.get(name)]
    parts += [f"{found['silent']:,} without a suggestion"] if found.get("silent") else []
    return f"{', '.join(parts) or 'Nothing to do'}; nothing changes before you apply."


def write_back_result(found: dict[str, Any]) -> str:
    """What moved in the folder, from the job's result."""
    n = found.get("files") or {}
    parts = [f"{formatting.counted(n.get('done', 0) or n.get('back', 0), 'file')} {'moved' if 'done' in n else 'back'}"]
    left = n.get("left", 0) + n.get("stuck", 0)
    return f"{', '.join([*parts, *([f'{left:,} left alone'] if left else [])])}."


def _valley(found: dict[str, Any]) -> float | None:
    return (found.get("suggestions") or {}).get("valley")


def quality_result(found: dict[str, object]) -> str:
    """What a look at the pictures' quality found in the whole project, from the job's result."""
    issues = found.get("issues")
    counts = {str(name): int(n) for name, n in issues.items()} if isinstance(issues, dict) else {}
    near = max(counts.pop("near_duplicate", 0), counts.pop("exact_duplicate", 0))
    others = [f"{n:,} {ISSUES[name].title.lower()}" for name, n in counts.items() if n and name in ISSUES]
    return f"{', '.join([formatting.counted(near, 'near-duplicate'), *others])}."


def import_result(found: dict[str, object]) -> str:
    """What an import brought in, from its `ImportResult` as JSON."""
    n = {name: int(str(found.get(name) or 0)) for name in ("n_added", "n_known", "n_duplicates")}
    refused = found.get("refused")
    parts = [f"{formatting.counted(n['n_added'], 'picture')} added" if n["n_added"] else "Nothing new"]
    if n["n_known"]:
        parts.append(f"{n['n_known']:,} known already")
    if n["n_duplicates"]:
        parts.append(formatting.counted(n["n_duplicates"], "duplicate"))
    if isinstance(refused, list) and refused:
        parts.append(f"{len(refused):,} refused")
    return f"{', '.join(parts)}."


def gather_result(found: dict[str, object]) -> str:
    """What a gathering brought in, from its `GatherResult` as JSON."""
    n = {name: int(str(found.get(name) or 0)) for name in ("n_kept", "n_refused")}
    parts = [f"{formatting.counted(n['n_kept'], 'picture')} kept" if n["n_kept"] else "No picture kept"]
    parts += [f"{n['n_refused']:,} refused"] if n["n_refused"] else []
    parts += ["not finished"] if found.get("is_open") else []
    return f"{', '.join(parts)}."


def project_of(job: JobRow) -> int | None:
    """The project a job worked on or made."""
    made = (job.result or {}).get("project_id")
    return job.project_id or (int(made) if made else None)

"""What a finished job brought, in one sentence made from its row: one function per kind or family of kinds.

The sentences are plain text, never Markdown. Nothing here imports torch.
"""

from typing import Any

from curate.catalog import projects, runs
from curate.catalog.jobs import JobRow
from curate.evaluation import per_cent, points
from curate.imported_predictions.match import UNMATCHED
from curate.quality.issues import ISSUES
from curate.wording import counted, duration


def time_taken(job: JobRow) -> str:
    """How long the job took: for kinds whose result is seen elsewhere."""
    took_s = (job.finished_at - job.started_at).total_seconds() if job.finished_at and job.started_at else 0
    return f"Done in {duration(took_s)}."


def model_exported(job: JobRow) -> str:
    """The size of the zip."""
    return f"A zip of {(job.result or {}).get('bytes', 0) / 1e6:,.1f} MB."


def exported(job: JobRow) -> str:
    """How many pictures an export holds, and what it changed in a folder that held an earlier one."""
    n = {"n_images": 0, "n_moved": 0, "n_removed": 0, "n_kept": 0, "n_added": 0, "n_left_out": 0, **(job.result or {})}
    parts = [f"{counted(n['n_images'], 'picture')} exported"]
    if n["n_kept"] or n["n_moved"] or n["n_removed"]:
        parts += [f"{n['n_added']:,} new, {n['n_moved']:,} moved, {n['n_removed']:,} removed"]
    parts += [f"{n['n_left_out']:,} left out"] if n["n_left_out"] else []
    n_unlabelled = (job.result or {}).get("n_unlabelled_left_out")
    parts += [f"{n_unlabelled:,} without a label left out"] if n_unlabelled else []
    return f"{', '.join(parts)}."


def predictions_matched(job: JobRow) -> str:
    """How many of the rows fitted an image, and why the others did not."""
    result = job.result or {}
    counts: dict[str, int] = result.get("counts") or {}
    others = "".join(f", {n:,} {UNMATCHED[why]}" for why, n in counts.items())
    return f"Predictions for {counted(int(result.get('n_matched') or 0), 'image')}{others}."


def imported(job: JobRow) -> str:
    """What an import brought in, from its `ImportResult` as JSON."""
    result = job.result or {}
    n = {name: int(result.get(name) or 0) for name in ("n_added", "n_known", "n_duplicates")}
    parts = [f"{counted(n['n_added'], 'picture')} added" if n["n_added"] else "Nothing new"]
    if n["n_known"]:
        parts.append(f"{n['n_known']:,} known already")
    if n["n_duplicates"]:
        parts.append(counted(n["n_duplicates"], "duplicate"))
    if refused := result.get("refused"):
        parts.append(f"{int(result.get('n_refused') or len(refused)):,} refused")
    return f"{', '.join(parts)}."


def gathered(job: JobRow) -> str:
    """What a gathering brought in, from its `GatherResult` as JSON."""
    result = job.result or {}
    n = {name: int(result.get(name) or 0) for name in ("n_kept", "n_refused")}
    parts = [f"{counted(n['n_kept'], 'picture')} kept" if n["n_kept"] else "No picture kept"]
    parts += [f"{n['n_refused']:,} refused"] if n["n_refused"] else []
    parts += ["not finished"] if result.get("is_open") else []
    return f"{', '.join(parts)}."


def previewed(_job: JobRow) -> str:
    """That a search's first results can be looked at."""
    return "The first results are there to look at."


def sample_made(job: JobRow) -> str:
    """The size of the sample project."""
    project_id = project_of(job)
    if project_id is None:
        return time_taken(job)
    project = projects.find_project(project_id)
    return f"{counted(project.n_images, 'picture')}, {counted(project.n_labels, 'label')}."


def trained(job: JobRow) -> str:
    """The accuracy of the run that the job made."""
    run = runs.run_of_job(job.id)
    if run is None or run.accuracy is None:
        return time_taken(job)
    return f"{run.name} has an accuracy of {per_cent(run.accuracy)}."


def repeated(job: JobRow) -> str:
    """How many seeds a quick look was repeated with."""
    n = (job.result or {}).get("n")
    return time_taken(job) if n is None else f"Repeated with {counted(int(n), 'other seed')}."


def ledger_made(job: JobRow) -> str:
    """What all decisions between two runs changed, on frozen features."""
    result = job.result or {}
    if "gain" not in result:
        return time_taken(job)
    return f"{counted(int(result['n']), 'decision')}: {points(float(result['gain']))} points on frozen features."


def combinations_found(job: JobRow) -> str:
    """How many combinations of slices held."""
    n = (job.result or {}).get("n")
    return time_taken(job) if n is None else f"{counted(int(n), 'combination')} of slices held."


def rate_found(job: JobRow) -> str:
    """The learning rate that fastai suggests."""
    valley = ((job.result or {}).get("suggestions") or {}).get("valley")
    return f"fastai suggests a rate of {valley:.1e}." if valley else time_taken(job)


def quality_looked_at(job: JobRow) -> str:
    """The issues in the whole project after a look at its pictures' quality."""
    n_near, counts = _quality_issues(job)
    others = [f"{n:,} {ISSUES[name].title.lower()}" for name, n in counts.items() if n and name in ISSUES]
    return f"{', '.join([counted(n_near, 'near-duplicate') if n_near else 'No near-duplicates', *others])}."


def has_duplicates(job: JobRow) -> bool:
    """Whether a look at the quality found near-duplicates."""
    return _quality_issues(job)[0] > 0


def _quality_issues(job: JobRow) -> tuple[int, dict[str, int]]:
    """(images with a near or exact duplicate, {other issue: images})."""
    issues = (job.result or {}).get("issues")
    counts = {str(name): int(n) for name, n in issues.items()} if isinstance(issues, dict) else {}
    return max(counts.pop("near_duplicate", 0), counts.pop("exact_duplicate", 0)), counts


def map_made(job: JobRow) -> str:
    """How many pictures the map shows."""
    n = (job.result or {}).get("n")
    return time_taken(job) if n is None else f"{counted(int(n), 'picture')} on the map."


def labels_suggested(job: JobRow) -> str:
    """For how many unlabelled pictures there are suggestions, or that there are only groups yet."""
    result = job.result or {}
    pictures = counted(int(result.get("n") or 0), "picture")
    n_given = int(result.get("n_given") or 0)
    return f"{pictures} looked at, {n_given:,} labelled ones to learn from." if n_given else f"{pictures} in groups."


def unlabelled_predicted(job: JobRow) -> str:
    """For how many unlabelled pictures a run has made predictions."""
    n = (job.result or {}).get("n")
    return time_taken(job) if n is None else f"{counted(int(n), 'picture')} without a label predicted."


def files_moved(job: JobRow) -> str:
    """How many files a write-back moved, or brought back."""
    n = (job.result or {}).get("files") or {}
    parts = [f"{counted(n.get('done', 0) or n.get('back', 0), 'file')} {'moved' if 'done' in n else 'back'}"]
    left = n.get("left", 0) + n.get("stuck", 0)
    return f"{', '.join([*parts, *([f'{left:,} left alone'] if left else [])])}."


def decided(job: JobRow) -> str:
    """What one decision on many pictures came to, or what its undo says."""
    result: dict[str, Any] = job.result or {}
    if "words" in result:
        return str(result["words"])
    verbs = {"keep": "kept", "delete": "deleted", "relabel": "relabelled", "clear": "undecided", "gone": "gone by now"}
    parts = [f"{result[name]:,} {verb}" for name, verb in verbs.items() if result.get(name)]
    parts += [f"{result['silent']:,} without a suggestion"] if result.get("silent") else []
    return f"{', '.join(parts) or 'Nothing to do'}; nothing changes before you apply."


def project_of(job: JobRow) -> int | None:
    """Id of the project that the job worked on, or made."""
    made = (job.result or {}).get("project_id")
    return job.project_id or (int(made) if made else None)

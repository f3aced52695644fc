"""The command that compares two runs: it takes its arguments, prints, and raises CurateError."""

from pathlib import Path

from curate.catalog import projects, runs
from curate.catalog.runs import RunRow
from curate.cli.foreground import run_here
from curate.cli.terminal import print_line
from curate.evaluation import accuracy_in_words, verdict
from curate.jobs.submit import repeats as submit
from curate.review.reports import comparison_files
from curate.review.reports.run_comparison import Report, compare_runs
from curate.review.team import flip_check
from curate.review.team.flip_check import FlipCheck
from curate.review.worth import html_report, ledger, repeats
from curate.review.worth.html_report import Parts
from curate.review.worth.provenance import find_provenance


def compare(
    project_key: str,
    before_number: int,
    after_number: int,
    is_repeated: bool,
    html_path: str | None,
    as_json: bool,
    author: str,
) -> None:
    """Compare two runs on the same validation images; is_repeated: after three more trainings of each.

    html_path: where the report with its pictures is written, too.
    """
    project_id = projects.find_by_key(project_key).id
    before, after = (runs.numbered_run(project_id, number) for number in (before_number, after_number))
    report = compare_runs(before, after)
    if is_repeated:
        _repeat(before, after, author)
    check, noise = flip_check.find(before.id, after.id), repeats.find_noise(report)
    checked = check.flips if check else None
    if html_path:
        parts = Parts(report, checked, noise, find_provenance(report), ledger.read(before, after))
        Path(html_path).write_text(html_report.as_html(parts), encoding="utf-8")
    if as_json:
        print(comparison_files.as_json(report, checked, noise))
        return
    _print(report, check)


def _repeat(before: RunRow, after: RunRow, author: str) -> None:
    for job_id in submit.submit(before, after, author):
        run_here(job_id)


def _print(report: Report, check: FlipCheck | None) -> None:
    comparison, noise = report.comparison, repeats.find_noise(report)
    print_line(noise.verdict if noise else comparison.verdict)
    print_line(f"{report.before.name}: {accuracy_in_words(comparison.before.accuracy)}")
    print_line(f"{report.after.name}: {accuracy_in_words(comparison.after.accuracy)}")
    print_line(f"{comparison.n:,} images compared: {comparison.n_fixed:,} fixed, {comparison.n_broken:,} broken.")
    if noise:
        flips = (noise.before.flips + noise.after.flips) / 2
        print_line(f"Seeds alone flip {flips:,.0f} images between two trainings on the same labels.")
    else:
        print_line("Training noise is not in the interval; --seeds measures it.")
    if check and check.flips.is_done:
        flips_checked = check.flips
        on_checked = verdict(flips_checked.n, flips_checked.n_fixed, flips_checked.n_broken, flips_checked.difference)
        print_line(f"On the labels of {flips_checked.n_flips:,} flips checked blind: {on_checked}")

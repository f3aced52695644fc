"""Page: the effect of the cleaning, measured on the same pictures before and after."""

from curate import ui
from curate.review.reports.evaluated import TODAY
from curate.ui.compare import downloads, flip_check, flips, ledger, matrices, provenance, report, runs
from curate.ui.shell import label_source, run_picker

top = ui.page_header("compare")
project = ui.chosen_project(needs_images=True)
finished = run_picker.finished_runs(project, at_least=2)
with top:
    ui.next_step(project, here="compare")
before, after = runs.choose_pair(finished)
today = runs.find_report(project, before, after)  # what follows the labels of today, whatever the switch says
drawn = runs.find_report(project, before, after, label_source.choose_labels(TODAY))

report.show_verdict(project, drawn)
check = flip_check.find_check(today.report)
flip_check.show_check(today, check)
if drawn.comparison.n:
    flips.show_flips(drawn.report, is_hidden=flip_check.is_under_way(check))
provenance.show_provenance(today, drawn.report.source)
report.show_changes(drawn)
if drawn.comparison.n:
    ledger.show_ledger(project, today, drawn.report.source)
    report.show_labels(drawn)
    matrices.show_matrices(drawn)
    report.show_losses(drawn)
report.show_settings(drawn.report)
provenance.show_line(project)
downloads.show_downloads(drawn, today.provenance, check.flips if check else None)

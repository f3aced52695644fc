"""The plan of an import, printed before it starts, and the options that change it."""

import sys
from collections.abc import Sequence
from pathlib import Path

from curate.catalog import projects
from curate.cli.terminal import print_table, printable
from curate.errors import BadInput, NotFound
from curate.gather.folders.folder_labels import NO_LABELS
from curate.gather.folders.folder_plan import FolderPlan, in_words, plan_folder
from curate.gather.folders.label_choices import LabelChoices

_MOST_ROWS = 40


def choices_of(
    layout: str, renames: Sequence[str], skipped: Sequence[str], takes_unlabelled: bool = False
) -> LabelChoices:
    """Returns the label choices of the options; each of `renames` is "old=new". Raises BadInput."""
    names: dict[str, str | None] = dict.fromkeys(skipped)
    for text in renames:
        old, equals, new = text.partition("=")
        if not equals:
            raise BadInput(f"{text} renames nothing.", "Give OLD=NEW; two labels renamed to one are merged.")
        names[old] = new
    return LabelChoices(layout, names, takes_unlabelled or layout == NO_LABELS).checked()


def confirm(source: Path, project: str, choices: LabelChoices, is_sure: bool) -> None:
    """Print the plan of importing a folder or zip, and ask for confirmation at a terminal.

    is_sure: do not ask. Raises BadInput when nothing would be imported, when a choice names no label, or for a no.
    """
    try:
        known = {label.name for label in projects.labels(projects.find_project(project).id)}
    except NotFound:
        known = set()
    plan = plan_folder(source, known, choices)
    plan.require_labels()
    unknown = set(choices.names) - {label.folder for label in plan.labels}
    if unknown:
        raise BadInput(f"There is no label {', '.join(sorted(unknown))} in {plan.name}.")
    print_plan(plan)
    if not is_sure and sys.stdin.isatty() and input("Import? [Y/n] ").strip().casefold() not in ("", "y", "yes"):
        raise BadInput("Nothing was imported.", "--layout, --rename and --skip change what is understood.")


def print_plan(plan: FolderPlan) -> None:
    """Print the layout, a row for each label, and what is left out, with the reason."""
    print(printable(f"{plan.name}: {in_words(plan)} (--layout {plan.layout or NO_LABELS})"))
    rows = [
        (row.folder, "left out" if row.name is None else row.name, row.n_pictures, row.n_train, row.n_valid)
        for row in plan.labels[:_MOST_ROWS]
    ]
    n_columns = 5 if plan.has_split else 3
    if rows:
        print_table(("folder", "label", "pictures", "train", "valid")[:n_columns], (row[:n_columns] for row in rows))
    if len(plan.labels) > _MOST_ROWS:
        print(f"  and {len(plan.labels) - _MOST_ROWS:,} more labels")
    for each in plan.outside:
        print(printable(f"  stays outside: {each.n:,} ({each.example}{', …' if each.n > 1 else ''}): {each.reason}"))

"""`curate doctor`, `backup` and `restore-backup`: for whoever runs an installation."""

import sys
from pathlib import Path

from curate import settings
from curate.backup import restoring, saving
from curate.cli.terminal import Bar, print_line
from curate.doctor import examine


def doctor() -> int:
    """Print a line for each check; returns the exit code: 1 when something is wrong."""
    findings = examine()
    for finding in findings:
        print_line(f"{'ok   ' if finding.is_right else 'WRONG'}  {finding.subject:<9}  {finding.sentence}")
    return 0 if all(finding.is_right for finding in findings) else 1


def backup(folder: Path) -> int:
    """Back everything up; returns the exit code: 1 when pictures were missing."""
    bar = Bar(sys.stderr)
    try:
        saved = saving.save(
            folder, lambda done, total, message: bar.show({"done": done, "total": total, "message": message})
        )
    finally:
        bar.close()
    print_line(f"Snapshot {saved.name}: {saved.n_pictures:,} pictures ({saved.n_new:,} new), {saved.n_files:,} files.")
    if saved.missing:
        print_line(
            f"{len(saved.missing):,} pictures are missing from the store itself, such as {saved.missing[0][:12]}…."
        )
        print_line("`curate doctor` says more. Everything else is in the backup.")
    return 1 if saved.missing else 0


def restore_backup(folder: Path, snapshot: str | None) -> None:
    """Restore the newest snapshot, or the one named."""
    bar = Bar(sys.stderr)
    try:
        restored = restoring.restore(
            folder, snapshot, lambda done, total, message: bar.show({"done": done, "total": total, "message": message})
        )
    finally:
        bar.close()
    print_line(f"Snapshot {restored.name} is restored into {settings.home()}: {restored.n_pictures:,} pictures.")

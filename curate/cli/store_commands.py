"""`curate copy-store …`: pictures from one store to another."""

import sys

from curate.cli.terminal import Bar, print_line, print_table
from curate.store import copying


def copy_store(source: str, target: str, check: bool) -> int:
    """Copy every picture; returns the exit code: 1 when some could not be copied."""
    bar = Bar(sys.stderr)
    try:
        copied = copying.copy(
            source, target, check, lambda done, total: bar.show({"done": done, "total": total, "message": "Copying"})
        )
    finally:
        bar.close()
    print_line(f"{copied.n_copied:,} pictures copied, each checked by its SHA-256; {copied.n_there:,} were there.")
    if copied.failed:
        print_table(("not copied", "why"), copied.failed[:20])
        print_line(f"{len(copied.failed):,} pictures could not be copied.")
    else:
        print_line(f"Nothing was removed from {source}. Set CURATE_STORE to the new place and start Curate again.")
    return 1 if copied.failed else 0

"""Removes what killed processes left behind: half-written files, uploads that no job takes, trays, unused secrets."""

from curate import store
from curate.catalog import jobs as rows
from curate.tray import pictures

UNUSED_S = 3_600.0  # no file is being written, and no upload under way, that has not changed for so long
RETRY_S = 7 * 86_400.0  # uploads of a failed import are kept for another try


def remove_leftovers() -> int:
    """How many files and folders were removed from CURATE_HOME. Costs a walk over all files in it."""
    n = store.remove_unfinished_files(UNUSED_S)
    needed = {str(row.args["incoming"]) for row in rows.jobs_with_uploads() if row.is_open or row.status == "failed"}
    is_fetching = any(row.status == "running" for row in rows.open_jobs())  # their folders are named in no row
    for folder in store.incoming_folders():
        limit_s = RETRY_S if folder.name in needed or is_fetching else UNUSED_S
        if store.unchanged_for_s(folder) > limit_s:
            store.remove_incoming(folder)
            n += 1
    return n + pictures.remove_unused()

"""What an installation needs, looked at in one go: each check is a sentence, and says what to do when it is wrong."""

from curate.doctor.finding import Finding
from curate.doctor.machine import check_disk, check_home, check_weights
from curate.doctor.services import check_clock, check_database, check_scheduler, check_store

CHECKS = (check_home, check_disk, check_database, check_clock, check_store, check_scheduler, check_weights)

__all__ = ["CHECKS", "Finding", "examine"]


def examine() -> list[Finding]:
    """Returns what every check found, in order. Changes nothing but a probe that it removes again."""
    return [finding for check in CHECKS for finding in check()]

"""`curate doctor`: what an installation needs, and what to do about what is wrong."""

from curate.cli.terminal import print_line
from curate.doctor import examine


def doctor() -> int:
    """Print a line for each check; returns the exit code: 1 when something is wrong."""
    findings = examine()
    for finding in findings:
        print_line(f"{'ok   ' if finding.is_right else 'WRONG'}  {finding.subject:<9}  {finding.sentence}")
    return 0 if all(finding.is_right for finding in findings) else 1

"""What a check found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """subject: what was looked at. sentence: how it is, and when it is wrong what to do."""

    subject: str
    is_right: bool
    sentence: str

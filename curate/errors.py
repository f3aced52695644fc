"""Errors that a person can correct: a sentence that names the thing, and a hint."""

from typing import Any


class CurateError(Exception):
    """Raised when the user can fix it; `str(error)` is the sentence, `hint` what to do about it ("" when obvious)."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class NotFound(CurateError):
    """A named project, run, version, image, label or job does not exist."""


class BadInput(CurateError):
    """A value, name, file or setting cannot be used; nothing was changed."""


class BadPicture(CurateError):
    """A file is not a picture that can be decoded whole and within the limits."""


class Conflict(CurateError):
    """Somebody else changed the same thing first; reload and repeat."""


class StoreDown(CurateError):
    """The object store with the pictures cannot be reached, or refuses; the same may succeed later."""


class NoWeights(CurateError):
    """Pretrained weights are neither in CURATE_WEIGHTS nor in the torch cache, and could not be downloaded."""


class Busy(CurateError):
    """Too many requests wait already; the same one may be answered after `retry_after_s`."""

    retry_after_s = 1


class NothingBrought(CurateError):
    """A job ended without bringing anything; `result` is what it would have stored as its result."""

    def __init__(self, message: str, hint: str, result: dict[str, Any]) -> None:
        super().__init__(message, hint)
        self.result = result


class JobFailed(CurateError):
    """A job ended without its result; the message is the job's own."""

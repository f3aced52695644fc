"""The callback by which long work reports progress; it may raise to stop the work."""

from collections.abc import Callable

# on_progress(text, share): what is being done ("Fine-tuning"), and how much of it is done, in [0, 1].
OnProgress = Callable[[str, float], None]

"""How long work reports how far it is; the caller may raise to stop it."""

from collections.abc import Callable

# on_progress(text, share): what is being done ("Fine-tuning"), and how much of it is done, in [0, 1].
OnProgress = Callable[[str, float], None]

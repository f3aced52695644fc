"""The one way in which a picture of a gathering cannot be had."""


class Refused(Exception):
    """A picture cannot be had. `reason`: the same words for the same cause; `detail`: what was special here."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail

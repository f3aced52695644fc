"""What the API tells of images."""

from datetime import datetime

from pydantic import Field

from curate.server.api.fields import Answer
from curate.server.api.models import Listing


class ImageScore(Answer):
    """What a run says of an image.  doubt: in [0, 1], 1 = the label is wrong; null in runs without doubts."""

    predicted: str
    loss: float
    p_label: float = Field(description="probability of the label that it was trained with")
    p_predicted: float
    doubt: float | None
    suggested: str | None = Field(description="the label that the evidence supports; null = its own")
    p_suggested: float | None


class Image(Answer):
    """An image of a project."""

    id: int
    sha256: str
    file_name: str
    label: str | None = Field(description="null = it has none")
    split: str | None = Field(description="train or valid; null until it first has a label")
    width: int
    height: int
    decision: str | None = Field(description="keep, delete or relabel, not applied yet")
    decision_label: str | None
    decided_by: str | None
    score: ImageScore | None = Field(description="null when no run was named")


class Fact(Answer):
    """Something known of a picture."""

    name: str
    text: str
    url: str = ""


class ImageDetails(Image):
    """An image with all that is known of it."""

    state: str = Field(description="active, binned or erased")
    n_bytes: int
    format: str
    added_at: datetime
    checked_at: datetime | None = Field(description="when its label was confirmed")
    origin: list[Fact]
    camera: list[Fact]


class StoryEvent(Answer):
    """Something that happened to an image."""

    at: datetime
    by: str
    action: str = Field(description="added, keep, delete, relabel, clear, the kind of a version, or the kind of a note")
    label: str | None
    run: int | None
    version: int | None
    text: str
    to: str


Images = Listing[Image]
Story = Listing[StoryEvent]

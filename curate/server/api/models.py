"""What the API's answers hold: projects, labels, versions, runs, jobs."""

from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import Field

from curate.server.api.fields import Answer

_Item = TypeVar("_Item")


class Listing(Answer, Generic[_Item]):
    """A part of a list.  next: what `after` takes to go on; null at the end."""

    items: list[_Item]
    next: str | None = None


class Project(Answer):
    """A project; the counts are of its current version."""

    id: int
    slug: str = Field(description="its name in addresses")
    name: str
    created_at: datetime
    version: int = Field(description="number of the current version; 0 before the first pictures")
    n_images: int
    n_train: int
    n_valid: int
    n_labels: int
    n_unlabelled: int = Field(description="images without a label, which none of the other counts holds")


class Label(Answer):
    """A label; the counts are of the current version."""

    id: int
    name: str
    position: int
    n_train: int
    n_valid: int


class Version(Answer):
    """A state of the labels."""

    number: int
    kind: str
    message: str
    author: str
    created_at: datetime
    is_current: bool
    n_images: int = Field(description="with a label")
    n_unlabelled: int
    summary: dict[str, Any]


class Run(Answer):
    """A training or a quick look.  accuracy: in [0, 1], on the validation images under the labels of its version."""

    number: int
    status: str
    version: int
    accuracy: float | None
    n_train: int
    n_valid: int
    labels: list[str] = Field(description="in the order of its probabilities")
    settings: dict[str, Any]
    device: str | None
    seconds: float | None
    job: int | None
    created_at: datetime
    finished_at: datetime | None


class Progress(Answer):
    """How far a job is.  total: null while it is not known."""

    done: int = 0
    total: int | None = None
    message: str = ""


class Job(Answer):
    """Work that outlives a request."""

    id: int
    project: str | None = Field(description="slug of its project")
    kind: str
    title: str
    status: str = Field(description="queued, running, done, failed or cancelled")
    submitted_by: str
    progress: Progress
    outcome: str | None = Field(description="what it brought, in a sentence; null before it is done")
    message: str | None = Field(description="why it failed")
    run: int | None = Field(description="number of the run that it makes")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


Projects = Listing[Project]
Labels = Listing[Label]
Versions = Listing[Version]
Runs = Listing[Run]
Jobs = Listing[Job]

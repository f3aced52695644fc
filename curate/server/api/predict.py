"""POST …/predict: what a run's model says of pictures that are sent, or that lie at an address."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import numpy as np
from anyio import CapacityLimiter, to_thread
from pydantic import Field
from starlette.datastructures import UploadFile

from curate import store
from curate.catalog import projects
from curate.catalog.best_run import numbered_or_best
from curate.catalog.database import reading_together
from curate.catalog.runs import RunRow
from curate.errors import BadInput, BadPicture, Busy
from curate.jobs.submit import graph
from curate.prediction import client
from curate.server.api import addresses, bodies
from curate.server.api.bodies import Limit
from curate.server.api.counts import counts
from curate.server.api.endpoints import JSON, media_type
from curate.server.api.fields import Answer, Fields
from curate.server.api.operations import Call, Operation
from curate.server.api.problems import Unsupported
from curate.server.gates.shared_reads import SharedReads
from curate.server.gates.turns import in_turn

LIMIT_BYTES, LIMIT_FILES = 100_000_000, 256  # of one request
# Of all that wait at the same time. A byte is held up to three times: with 300 MB the web process grew to 952 MB.
MOST_WAITING, MOST_BYTES = 256, LIMIT_BYTES
_THREADS = CapacityLimiter(64)  # each waits for the model process; what waits together is answered together


class PredictQuery(Fields):
    """How to predict."""

    run: int | None = Field(None, ge=1, lt=2**63, description="number of the run that answers; without one, the best")
    most: int | None = Field(None, ge=1, le=10_000, description="how many labels to list for each picture; else all")


class LabelScore(Answer):
    """A label and its probability in [0, 1]."""

    label: str
    score: float


class NearPicture(Answer):
    """A picture that the model has learnt from.  similarity: cosine to the one that was sent, 1 = alike."""

    image: int
    similarity: float


class PicturePrediction(Answer):
    """What the model says of one picture, or why it says nothing."""

    name: str = Field(description="the file's name or the address, as it was sent")
    top: str | None = Field(description="the likeliest label; null for a file that is no picture")
    scores: list[LabelScore] = Field(description="labels with their probabilities, the likeliest first")
    unfamiliar: bool | None = Field(
        description="whether the picture is unlike all that the model has learnt from; null where that is not known"
    )
    similarity: float | None = Field(description="mean cosine to the nearest pictures that the model has learnt from")
    nearest: list[NearPicture] = Field(description="those pictures, the nearest first")
    error: str | None = Field(description="why there is no prediction")


class Predictions(Answer):
    """Predictions in the order of the files.  version: of the labels that the run was trained on."""

    run: int
    version: int
    predictions: list[PicturePrediction]


def operations() -> list[Operation]:
    """POST …/predict."""
    return [
        Operation(
            method="POST", path="/projects/{project}/predict", scope="predict", answer=predict, reply=Predictions,
            summary="Predict the labels of pictures", query=PredictQuery, refusals=(404, 408, 413, 415),
            content={bodies.FORM: bodies.FORM_SCHEMA, "application/octet-stream": bodies.BINARY,
                     "image/*": bodies.BINARY, JSON: addresses.SCHEMA},
            description=f"Send one picture as the body, several as a form, or JSON with an address. A request has up "
            f"to {LIMIT_FILES} files and {LIMIT_BYTES // 1_000_000} MB. A file that is no picture has its reason in "
            "`error`; when there is no picture at all, the answer is 422. While too many pictures wait, it is 429.",
        )
    ]  # fmt: skip


class _Waiting:
    """Pictures, and bytes of bodies, that wait for an answer; beyond a limit, callers come again later."""

    def __init__(self) -> None:
        self.n_pictures = self.n_bytes = 0

    @contextmanager
    def bytes_counted(self) -> Iterator[Limit]:
        """A limit that counts what arrives, until the end of the block."""
        mine = 0

        def count(n_bytes: int) -> None:
            nonlocal mine
            if self.n_bytes + n_bytes > MOST_BYTES:
                raise Busy("Too many bytes of pictures wait for an answer.", "Ask again in a second.")
            self.n_bytes += n_bytes
            mine += n_bytes

        try:
            yield Limit(LIMIT_BYTES, LIMIT_FILES, count)
        finally:
            self.n_bytes -= mine

    @contextmanager
    def pictures_counted(self, n: int) -> Iterator[None]:
        """Raises Busy when too many wait already."""
        if self.n_pictures and self.n_pictures + n > MOST_WAITING:
            raise Busy("Too many pictures wait for an answer.", "Ask again in a second.")
        self.n_pictures += n
        try:
            yield
        finally:
            self.n_pictures -= n


waiting = _Waiting()
_choices = SharedReads[tuple[RunRow, list[str]]]()


async def predict(call: Call) -> Predictions:
    """Predictions of one run for all pictures of the request."""
    run, labels = await _choices.read((call.path["project"], call.query.run), partial(_choose, call))
    with waiting.bytes_counted() as limit:
        files = await _receive(call, limit)
        with waiting.pictures_counted(len(files)):
            answers = await in_turn(_THREADS, client.predict, store.run_folder(run.id), files)
    predictions = [_prediction(answer, labels, call.query.most) for answer in answers]
    n_refused = sum(each.error is not None for each in predictions)
    counts().predictions.labels("refused").inc(n_refused)
    counts().predictions.labels("answered").inc(len(predictions) - n_refused)
    if all(each.error for each in predictions):
        raise BadPicture(" ".join(dict.fromkeys(each.error for each in predictions if each.error)))
    return Predictions(run=run.number, version=run.version_number, predictions=predictions)


def _choose(call: Call) -> tuple[RunRow, list[str]]:
    """The run and its labels; one without a graph gets it by a job, and answers by torch until then."""
    with reading_together():
        project_id = call.project_id()
        run = numbered_or_best(project_id, call.query.run, "answer").run
        names = projects.label_names(project_id)
    graph.ensure(run, call.caller.name)
    return run, [names[label_id] for label_id in run.label_ids]


async def _receive(call: Call, limit: Limit) -> Sequence[tuple[str, bytes]]:
    kind = media_type(call.request)
    if kind == bodies.FORM:
        files, _ = await bodies.read_form(call.request, limit)
        return await to_thread.run_sync(_contents, files)
    if kind == JSON:
        return await addresses.fetch(await addresses.read(call.request), limit.count)
    if kind.startswith(bodies.RAW):
        data = b"".join([piece async for piece in bodies.stream(call.request, limit)])
        if not data:
            raise BadInput("The body is empty.")
        return [("", data)]
    raise Unsupported("The body is a picture (image/… or application/octet-stream), a form, or JSON with an address.")


def _contents(files: Sequence[UploadFile]) -> list[tuple[str, bytes]]:
    contents = []
    for file in files:
        with file.file:
            contents.append((file.filename or "", file.file.read()))
    return contents


def _prediction(answer: client.Prediction, labels: Sequence[str], most: int | None) -> PicturePrediction:
    probabilities = answer.probabilities
    if probabilities is None:
        return PicturePrediction(
            name=answer.name, top=None, scores=[], unfamiliar=None, similarity=None, nearest=[], error=answer.error
        )
    order = np.argsort(-probabilities, kind="stable")
    scores = [LabelScore(label=labels[at], score=round(float(probabilities[at]), 6)) for at in order[:most]]
    known = answer.familiarity
    pairs = known.nearest if known else []
    nearest = [NearPicture(image=number, similarity=round(cosine, 6)) for number, cosine in pairs]
    return PicturePrediction(
        name=answer.name, top=labels[order[0]], scores=scores, nearest=nearest, error=None,
        unfamiliar=known.is_unfamiliar if known else None, similarity=round(known.similarity, 6) if known else None,
    )  # fmt: skip

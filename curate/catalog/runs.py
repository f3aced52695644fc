"""Runs: a training each, with its epoch table and a score for every image."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from sqlalchemy import cast as cast_sql
from sqlalchemy import delete, func, insert, select, update

from curate import store
from curate.catalog.balance import FEWEST_TO_TRAIN
from curate.catalog.database import reading, refresh_statistics, writing
from curate.catalog.tables.core import EpochMetric, Id, Image, Label, Run, Score, ScoreCell, Version, now
from curate.catalog.versions import batches, head_version_id
from curate.errors import BadInput, NotFound

if TYPE_CHECKING:
    import pandas as pd  # imported where it is used: 1.2 s, in which a quick look has begun to decode pictures


@dataclass(frozen=True)
class RunRow:
    """A run as lists show it; `accuracy`: on the validation images under the labels of its version."""

    id: int
    project_id: int
    number: int
    version_id: int
    version_number: int
    job_id: int | None
    status: str
    config: dict[str, Any]
    label_ids: list[int]
    created_at: datetime
    finished_at: datetime | None
    n_train: int
    n_valid: int
    accuracy: float | None
    device: str | None
    seconds: float | None
    stopped_early: bool
    experiment_id: int | None
    facts: dict[str, Any]

    @property
    def name(self) -> str:
        """Its name on the screen."""
        return f"Run {self.number}"

    @property
    def has_model(self) -> bool:
        """Whether it can answer for a new picture: not when it is the predictions of a model from elsewhere."""
        return self.config.get("method") != "imported"


@dataclass(frozen=True)
class TrainingSet:
    """Active images of a project's head version, in id order.

    (N,) ids, blob names, label positions into `label_ids` (labels with at least one image), and is_valid.
    """

    version_id: int
    image_ids: np.ndarray
    shas: list[str]
    labels: np.ndarray
    is_valid: np.ndarray
    label_ids: list[int]
    label_names: list[str]


@dataclass(frozen=True)
class Scores:
    """A run's scores in the order of the rows of its probabilities.

    (N,) image ids, label at training time, predicted label, loss (high = bad), is_valid; `probabilities`: (N, C),
    columns in the order of the run's `label_ids`.
    """

    image_ids: np.ndarray
    label_ids: np.ndarray
    predicted_ids: np.ndarray
    losses: np.ndarray
    is_valid: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True)
class Doubts:
    """The held-out evidence on every image of a run, in the order of its training set.

    doubt: (N,) in [0, 1], 1 = the label is wrong.  suggested: (N,) label positions, -1 = none better than the given
    one. p_suggested: (N,) probability of the suggested, or else of the given label.  suggests_delete: (N,) bool, far
    from everything else.  uncertainty: (N,) in [0, 1], 1 = torn between labels.  asks_again: (N,) bool, confirmed by a
    person, but the evidence has become much stronger since.
    """

    doubt: np.ndarray
    suggested: np.ndarray
    p_suggested: np.ndarray
    suggests_delete: np.ndarray
    uncertainty: np.ndarray
    asks_again: np.ndarray


def training_set(project_id: int) -> TrainingSet:
    """Returns the images and labels for a training of the present state. Raises BadInput for too few."""
    with reading() as session:
        version_id = head_version_id(session, project_id)
        rows = session.execute(
            select(Image.id, Image.blob_sha, Image.label_id, Image.split)
            .where(Image.project_id == project_id, Image.state == "active")
            .order_by(Image.id)
        ).all()
        names = session.execute(
            select(Label.id, Label.name).where(Label.project_id == project_id).order_by(Label.position)
        ).all()
    present = {row[2] for row in rows}
    kept = [(label_id, name) for label_id, name in names if label_id in present]
    position = {label_id: i for i, (label_id, _) in enumerate(kept)}
    training_set = TrainingSet(
        version_id=version_id or 0,
        image_ids=np.array([row[0] for row in rows], np.int64),
        shas=[row[1] for row in rows],
        labels=np.array([position[row[2]] for row in rows], np.int64),
        is_valid=np.array([row[3] == "valid" for row in rows], bool),
        label_ids=[label_id for label_id, _ in kept],
        label_names=[name for _, name in kept],
    )
    check_trainable(training_set)
    return training_set


def create_run(
    project_id: int,
    config: dict[str, Any],
    chosen: TrainingSet,
    job_id: int | None,
    experiment_id: int | None = None,
) -> int:
    """Stores a new run over `chosen`; returns its id. A restarted job resumes its run."""
    with writing(project_id) as session:
        number = session.scalar(select(func.max(Run.number)).where(Run.project_id == project_id)) or 0
        run = Run(
            project_id=project_id, number=number + 1, version_id=chosen.version_id, job_id=job_id, config=config,
            label_ids=chosen.label_ids, status="running", n_train=int((~chosen.is_valid).sum()),
            n_valid=int(chosen.is_valid.sum()), experiment_id=experiment_id,
        )  # fmt: skip
        session.add(run)
    return run.id


def take_up_run(run_id: int, job_id: int) -> None:
    """Let this job resume a failed or cancelled run."""
    with writing() as session:
        values = {"status": "running", "job_id": job_id, "finished_at": None}
        session.execute(update(Run).where(Run.id == run_id, Run.status != "done").values(**values))


def give_up_run(run_id: int) -> None:
    """Mark a run that will not be resumed as failed."""
    with writing() as session:
        unfinished = (Run.id == run_id, Run.status.in_(("waiting", "running")))
        session.execute(update(Run).where(*unfinished).values(status="failed", finished_at=now()))


def drop_epochs(run_id: int, after: int) -> None:
    """Remove the epochs after this one, which will be trained again."""
    with writing() as session:
        session.execute(delete(EpochMetric).where(EpochMetric.run_id == run_id, EpochMetric.epoch > after))


def add_epoch(run_id: int, metrics: dict[str, Any]) -> None:
    """Store one row of the epoch table (EpochMetric columns without run_id)."""
    with writing() as session:
        session.add(EpochMetric(run_id=run_id, **metrics))


def epochs(run_id: int) -> "pd.DataFrame":
    """Returns the epoch table, one row per epoch, in order; columns as in `EpochMetric`."""
    import pandas as pd

    columns = [column for column in EpochMetric.__table__.columns if column.name != "run_id"]
    with reading() as session:
        rows = session.execute(select(*columns).where(EpochMetric.run_id == run_id).order_by(EpochMetric.epoch)).all()
    return pd.DataFrame(rows, columns=[column.name for column in columns])


def finish_run(
    run_id: int,
    chosen: TrainingSet,
    losses: np.ndarray,
    probabilities: np.ndarray,
    facts: dict[str, Any],
    held_out: np.ndarray | None = None,
    doubts: Doubts | None = None,
) -> None:
    """Store a score for every image and mark the run done, in one transaction.

    losses: (N,); probabilities: (N, C), rows in the order of `chosen`. facts: Run columns (device, seconds, facts, …).
    held_out: (N,) bool, the model had not seen the image; None = the validation images.
    """
    table = _score_table(run_id, chosen, losses, probabilities, chosen.is_valid if held_out is None else held_out)
    if doubts is not None:
        table = table.assign(**_doubt_columns(chosen, doubts))
    right = (table["predicted_id"] == table["label_id"])[chosen.is_valid]
    with writing() as session:
        for start in range(0, len(table), 5_000):
            session.execute(insert(Score), _records(table[start : start + 5_000]))
        cells = table.groupby(["run_id", "split", "label_id", "predicted_id"]).size().reset_index(name="n")
        session.execute(insert(ScoreCell), cast(list[dict[str, Any]], cells.to_dict("records")))
        values = {"status": "done", "finished_at": now(), "accuracy": float(right.mean()) if len(right) else None}
        session.execute(update(Run).where(Run.id == run_id).values(**values, **facts))
    refresh_statistics()


def _score_table(
    run_id: int, chosen: TrainingSet, losses: np.ndarray, probabilities: np.ndarray, held_out: np.ndarray
) -> "pd.DataFrame":
    import pandas as pd

    predicted, rows, label_ids = probabilities.argmax(axis=1), np.arange(len(losses)), np.array(chosen.label_ids)
    return pd.DataFrame(
        {
            "run_id": run_id, "image_id": chosen.image_ids, "row": rows,
            "split": np.where(chosen.is_valid, "valid", "train"), "label_id": label_ids[chosen.labels],
            "predicted_id": label_ids[predicted], "loss": losses.astype(float),
            "p_actual": probabilities[rows, chosen.labels].astype(float),
            "p_predicted": probabilities[rows, predicted].astype(float), "held_out": held_out,
            "shuffle": np.random.default_rng(run_id).permutation(len(rows)),
        }
    )  # fmt: skip


def _doubt_columns(chosen: TrainingSet, doubts: Doubts) -> dict[str, Any]:
    label_ids = np.array(chosen.label_ids)
    return {
        "doubt": doubts.doubt.astype(float),
        "suggested_id": [int(label_ids[i]) if i >= 0 else None for i in doubts.suggested.tolist()],
        "p_suggested": doubts.p_suggested.astype(float),
        "suggests_delete": doubts.suggests_delete,
        "uncertainty": doubts.uncertainty.astype(float),
        "asks_again": doubts.asks_again,
    }


def _records(table: "pd.DataFrame") -> list[dict[str, Any]]:
    records = table.astype(object).where(table.notna(), None).to_dict("records")
    return cast(list[dict[str, Any]], records)


def list_runs(project_id: int, only_done: bool = False, with_model: bool = False) -> list[RunRow]:
    """Returns the project's runs, newest first.  with_model: only those that can answer for a new picture."""
    query = _runs().where(Run.project_id == project_id).order_by(Run.number.desc())
    with reading() as session:
        rows = session.execute(query.where(Run.status == "done") if only_done else query).all()
    return [row for row in (_row(run, number) for run, number in rows) if row.has_model or not with_model]


def experiment_runs(experiment_id: int) -> list[RunRow]:
    """Returns the runs of an experiment, oldest first, also unfinished ones."""
    query = _runs().where(Run.experiment_id == experiment_id).order_by(Run.number)
    with reading() as session:
        return [_row(run, number) for run, number in session.execute(query).all()]


def outside_experiments(runs: list[RunRow]) -> list[RunRow]:
    """Returns the runs outside experiments, in order; all runs when there are no others.

    The first is a page's default: an experiment's last run may have seen a tenth of the pictures.
    """
    return [run for run in runs if run.experiment_id is None] or runs


def find_run(run_id: int) -> RunRow:
    """Returns the run with this id. Raises NotFound."""
    with reading() as session:
        row = session.execute(_runs().where(Run.id == run_id)).first()
    if row is None:
        raise NotFound(f"There is no run {run_id}.")
    return _row(*row)


def run_of_job(job_id: int) -> RunRow | None:
    """Returns the newest run of this job, or None."""
    with reading() as session:
        row = session.execute(_runs().where(Run.job_id == job_id).order_by(Run.id.desc())).first()
    return _row(*row) if row else None


def numbered_run(project_id: int, number: int | None) -> RunRow:
    """The finished run of that number; None = the newest finished one outside experiments. Raises NotFound."""
    finished = list_runs(project_id, only_done=True)
    for run in outside_experiments(finished) if number is None else finished:
        if number in (None, run.number):
            return run
    if number is None:
        raise NotFound("The project has no finished run.", "Train one first.")
    raise NotFound(f"The project has no finished run {number}.")


def scores(run_id: int) -> Scores:
    """Returns all scores of a run as arrays; the probabilities are memory-mapped."""
    with reading() as session:
        rows = session.execute(
            select(Score.image_id, Score.label_id, Score.predicted_id, Score.loss, Score.split)
            .where(Score.run_id == run_id)
            .order_by(Score.row)
        ).all()
    columns = list(zip(*rows, strict=True)) or [()] * 5
    return Scores(
        image_ids=np.array(columns[0], np.int64),
        label_ids=np.array(columns[1], np.int64),
        predicted_ids=np.array(columns[2], np.int64),
        losses=np.array(columns[3], np.float64),
        is_valid=np.array([split == "valid" for split in columns[4]], bool),
        probabilities=np.load(store.run_folder(run_id) / "probabilities.npy", mmap_mode="r"),
    )


def scored_pictures(run_id: int) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Returns (N,) image ids, the SHA-256 of each and (N,) is_valid of a run's pictures that the project still has."""
    query = select(Score.image_id, Image.blob_sha, Score.split).join(Image, Image.id == Score.image_id)
    with reading() as session:
        rows = session.execute(query.where(Score.run_id == run_id).order_by(Score.row)).all()
    image_ids, is_valid = [row[0] for row in rows], [row[2] == "valid" for row in rows]
    return np.array(image_ids, np.int64), [row[1] for row in rows], np.array(is_valid, bool)


def cell_counts(run_id: int, split: str | None = None) -> "pd.DataFrame":
    """Returns the number of images per (label, predicted) pair: columns label_id, predicted_id, n."""
    import pandas as pd

    cell = ScoreCell
    n = cast_sql(func.sum(cell.n), Id)  # PostgreSQL would make it a Decimal
    query = select(cell.label_id, cell.predicted_id, n).where(cell.run_id == run_id)
    if split:
        query = query.where(cell.split == split)
    with reading() as session:
        rows = session.execute(query.group_by(cell.label_id, cell.predicted_id)).all()
    return pd.DataFrame(rows, columns=["label_id", "predicted_id", "n"])


def todays_labels(image_ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns (N,) present label ids and (N,) is_active, in the order of `image_ids` (label 0 = erased)."""
    by_image: dict[int, tuple[int, bool]] = {}
    with reading() as session:
        for batch in batches(image_ids.tolist(), 5_000):
            rows = session.execute(select(Image.id, Image.label_id, Image.state).where(Image.id.in_(batch)))
            by_image |= {image_id: (label_id, state == "active") for image_id, label_id, state in rows}
    today = [by_image.get(image_id, (0, False)) for image_id in image_ids.tolist()]
    return np.array([label for label, _ in today], np.int64), np.array([active for _, active in today], bool)


def _runs() -> Any:
    return select(Run, Version.number).join(Version, Version.id == Run.version_id)


def _row(run: Run, version_number: int) -> RunRow:
    return RunRow(
        run.id, run.project_id, run.number, run.version_id, version_number, run.job_id, run.status, run.config,
        run.label_ids, run.created_at, run.finished_at, run.n_train, run.n_valid, run.accuracy, run.device,
        run.seconds, run.stopped_early, run.experiment_id, run.facts,
    )  # fmt: skip


def check_trainable(chosen: TrainingSet) -> None:
    """Raises BadInput for fewer than two labels, a label with too few training images, or no validation image."""
    if len(chosen.label_ids) < 2:
        raise BadInput("Training needs at least two labels with images.", "Import pictures of another label.")
    n_train = np.bincount(chosen.labels[~chosen.is_valid], minlength=len(chosen.label_ids))
    for name, n in zip(chosen.label_names, n_train, strict=True):
        if n < FEWEST_TO_TRAIN:
            raise BadInput(
                f"`{name}` has {n} images to train on; training needs at least {FEWEST_TO_TRAIN} of each label."
            )
    if not chosen.is_valid.any():
        raise BadInput("No image is held out for validation.", "Import more images, or hold out a larger share.")

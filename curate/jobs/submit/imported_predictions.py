"""Submits predictions of a model from elsewhere: a file, or a pandas frame."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curate import store
from curate.catalog.projects import clean_name
from curate.errors import BadInput
from curate.jobs import client

if TYPE_CHECKING:
    import pandas as pd

KIND = "import_predictions"
ALL, VALID, NONE = HELD_OUT = ("all", "valid", "none")  # which of the project's pictures the model had not seen


def submit(
    project_id: int,
    file: Path,
    model: str,
    held_out: str,
    is_logits: bool = False,
    by: str = "",
    name: str = "",
    preprocessing: str = "",
) -> int:
    """Queue a run of the predictions in a .csv, .parquet or .npz file, or of what an .onnx file predicts.

    Returns the job's id. Raises BadInput.

    A row has a file name, the end of a path or a SHA-256, and a number per label, or a label and its score. model: a
    name for the run. held_out: one of HELD_OUT. is_logits: the numbers are logits. name: what people call the file.
    preprocessing: JSON that says how an .onnx file's input is made, see `onnx_model.Preprocessing`.
    """
    if held_out not in HELD_OUT:
        raise BadInput("Say which pictures the model had not seen.", f"One of: {', '.join(HELD_OUT)}.")
    if not file.is_file():
        raise BadInput(f"There is no file {file}.")
    model = clean_name(model, "model")
    folder = store.incoming_folder()
    target = folder / (Path(name or file.name).name or "predictions.csv")
    shutil.copyfile(file, target)
    args: dict[str, Any] = {
        "folder": folder.name,
        "file": target.name,
        "model": model,
        "held_out": held_out,
        "is_logits": is_logits,
    }
    args |= {"preprocessing": preprocessing} if preprocessing else {}
    return client.enqueue(KIND, project_id, args, f"Take in predictions of {model}", by)


def submit_frame(project_id: int, frame: "pd.DataFrame", model: str, held_out: str, **more: Any) -> int:
    """Queue a run of the predictions in a pandas frame, as `submit` does for a file."""
    folder = store.incoming_folder()
    try:
        path = folder / "predictions.parquet"
        frame.rename(columns=str).to_parquet(path)
        return submit(project_id, path, model, held_out, **more)
    finally:
        store.remove_incoming(folder)


def run_config(model: str) -> dict[str, Any]:
    """The settings of such a run: none but the model's name."""
    return {"method": "imported", "architecture": model}

"""The zip: graph, square, script, golden pictures with their answers, card, fastai's pickle, and the plain weights."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np

from curate import square, store
from curate.errors import BadInput
from curate.model_export import card, golden
from curate.model_export import predict as script
from curate.onnx_graph import GRAPH
from curate.onnx_graph.write import RunName
from curate.prediction import graph_model
from curate.prediction.graph_model import GraphModel
from curate.training import saved_model
from curate.training.saved_model import ModelFacts

TOLERANCE = 1e-4
MOST_COMPARED = 100  # validation pictures: a second for the graph, five for fastai
_OWN_IMPORT, _ITS_IMPORT = "from curate import square\n", "import square\n"


@dataclass(frozen=True)
class Validation:
    """Held-out pictures to compare on, and the run's stored probabilities of them, (n, C)."""

    files: Sequence[Path]
    probabilities: np.ndarray


def write(run_folder: Path, name: RunName, validation: Validation, path: Path, on_step: Callable[[str], None]) -> None:
    """Leave the zip at `path`. on_step: called with what is done next. Raises NotFound for a run without a graph."""
    facts, model = saved_model.read_facts(run_folder), graph_model.load(run_folder)
    with TemporaryDirectory(dir=path.parent) as place:
        folder = Path(place)
        on_step("Answering the golden pictures")
        write_files(folder, run_folder, model)
        on_step("Writing fastai's pickle")
        names, why_none = _pickles(folder, run_folder, facts)
        on_step("Comparing on validation pictures")
        measured = _measure(folder, facts, model, validation, names)
        (folder / "README.md").write_text(card.write(facts, name, measured, names, why_none), encoding="utf-8")
        on_step("Packing")
        pack(folder, path)


def write_files(folder: Path, run_folder: Path, model: GraphModel) -> None:
    """All but the card and fastai's pickle."""
    shutil.copyfile(run_folder / GRAPH, folder / GRAPH)
    shutil.copyfile(square.__file__, folder / "square.py")
    source = Path(script.__file__).read_text(encoding="utf-8")
    (folder / "predict.py").write_text(source.replace(_OWN_IMPORT, _ITS_IMPORT), encoding="utf-8")
    (folder / "requirements.txt").write_text("onnxruntime\npillow\nnumpy\n")
    (folder / "golden").mkdir()
    pictures = golden.pictures()
    for file_name, data in pictures.items():
        (folder / "golden" / file_name).write_bytes(data)
    answers = {each: model.predict([model.prepare(data)])[0].tolist() for each, data in pictures.items()}
    expected = {"tolerance": TOLERANCE, "labels": model.labels, "probabilities": answers}
    (folder / "golden" / "expected.json").write_text(
        json.dumps(expected, indent=1, ensure_ascii=False), encoding="utf-8"
    )
    (folder / "weights").mkdir()
    for file in [run_folder / saved_model.FACTS, *run_folder.glob("*.safetensors")]:
        shutil.copyfile(file, folder / "weights" / file.name)


def _pickles(folder: Path, run_folder: Path, facts: ModelFacts) -> tuple[list[str], str]:
    """Names of fastai's pickles, or why there are none."""
    if facts.config.method == "quick_look":
        return [], "There is no export.pkl: a quick look's head is a kernel, for which fastai has no class."
    from curate.model_export import fastai_pickle
    from curate.prediction.model import load_networks

    try:
        return fastai_pickle.write(folder, load_networks(run_folder, facts), facts), ""
    except BadInput as error:
        return [], str(error)


def _measure(
    folder: Path, facts: ModelFacts, model: GraphModel, validation: Validation, names: Sequence[str]
) -> card.Measured:
    files = validation.files[:MOST_COMPARED]
    if not files:
        return card.Measured(0)
    answers = np.stack([model.predict([model.prepare(file)])[0] for file in files])
    scored_apart = float(np.abs(answers - validation.probabilities[: len(files)]).max())
    if not names:
        return card.Measured(len(files), scored_apart)
    from curate.model_export import fastai_pickle

    by_fastai = fastai_pickle.answers([folder / name for name in names], files, facts)
    return card.Measured(len(files), scored_apart, float(np.abs(by_fastai - answers).max()))


def pack(folder: Path, path: Path) -> None:
    """Leave all files below the folder as a zip at `path`."""
    with store.atomic_file(path) as part, ZipFile(part, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder))

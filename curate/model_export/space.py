"""A Hugging Face Space: Gradio on the run's graph, pinned, with the same script and square as every exported model."""

import json
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from curate.model_export import card
from curate.model_export.write import pack, write_files
from curate.onnx_graph.write import RunName, licence
from curate.prediction import graph_model
from curate.safe_names import Names
from curate.shrinking import as_webp
from curate.training import saved_model

# Tried together by tests/model_export/test_space.py, in an environment of their own: Gradio 6 wants Pillow below 13.
GRADIO = "6.31.0"
REQUIREMENTS = (f"gradio=={GRADIO}", "onnxruntime==1.32.0", "pillow==12.3.0", "numpy==2.4.6", "pi-heif==1.4.0")
MOST_EXAMPLES = 6
_EXAMPLE_PX = 800
_APP = '''"""The label of a picture, by the model beside this file: a Hugging Face Space. `python app.py` runs it."""

import json
from pathlib import Path

import gradio

from predict import Model
from square import DECODE_ERRORS

HERE = Path(__file__).parent
TEXTS = json.loads((HERE / "texts.json").read_text(encoding="utf-8"))
model = Model()


def predict(picture):
    """{label: probability} of a picture's file."""
    if picture is None:
        raise gradio.Error("Choose a picture first.")
    try:
        probabilities = model.predict(Path(picture))
    except DECODE_ERRORS as error:
        raise gradio.Error("This file is no picture that can be read.") from error
    return dict(zip(model.labels, probabilities.tolist()))


# The file as it is: `image_mode` would drop transparency, and another `type` what the camera wrote.
demo = gradio.Interface(
    predict,
    gradio.Image(type="filepath", image_mode=None, label="Picture"),
    gradio.Label(num_top_classes=min(10, len(model.labels)), label="Label"),
    examples=[[str(path)] for path in sorted((HERE / "examples").iterdir())] or None,
    cache_examples=False,
    title=TEXTS["title"],
    description=TEXTS["description"],
    flagging_mode="never",
    api_name="predict",
)

if __name__ == "__main__":
    demo.launch()
'''


@dataclass(frozen=True)
class Example:
    """A picture to show: its file, its label, and what is known of its author and licence."""

    file: Path
    label: str
    credit: str


def write(
    run_folder: Path, name: RunName, examples: Sequence[Example], path: Path, on_step: Callable[[str], None]
) -> None:
    """Leave the Space as a zip at `path`. on_step: called with what is done next. Raises NotFound without a graph."""
    with TemporaryDirectory(dir=path.parent) as place:
        on_step("Answering the golden pictures")
        write_folder(Path(place), run_folder, name, examples)
        on_step("Packing")
        pack(Path(place), path)


def write_folder(folder: Path, run_folder: Path, name: RunName, examples: Sequence[Example]) -> None:
    """Write all files of the Space into an empty folder."""
    facts, model = saved_model.read_facts(run_folder), graph_model.load(run_folder)
    write_files(folder, run_folder, model)
    shutil.rmtree(folder / "weights")
    (folder / "app.py").write_text(_APP, encoding="utf-8")
    (folder / "requirements.txt").write_text("".join(f"{line}\n" for line in REQUIREMENTS))
    (folder / "examples").mkdir()
    names = Names()
    for example in examples:
        file = folder / "examples" / names.give(f"{example.label}.webp")
        file.write_bytes(as_webp(example.file, _EXAMPLE_PX, 88))
    texts = {"title": card.plain(name.project), "description": card.plain(f"Run {name.run}. {licence(facts)}")}
    (folder / "texts.json").write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
    text = card.write(facts, name, card.Measured(0), [], "There is no pickle in a Space.")
    readme = "\n\n".join((_head(name), text, _credits(examples)))
    (folder / "README.md").write_text(readme, encoding="utf-8")


def _head(name: RunName) -> str:
    """What Hugging Face reads; JSON values are YAML, and names from people cannot leave them."""
    facts = {
        "title": name.project[:60], "emoji": "🖼️", "colorFrom": "blue", "colorTo": "indigo", "sdk": "gradio",
        "sdk_version": GRADIO, "python_version": f"{sys.version_info.major}.{sys.version_info.minor}",
        "app_file": "app.py", "pinned": False, "license": "other",
    }  # fmt: skip
    lines = (f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in facts.items())
    return "\n".join(("---", *lines, "---"))


def _credits(examples: Sequence[Example]) -> str:
    if not examples:
        return "## Examples\n\nThere are none."
    lines = "\n".join(f"- {card.plain(example.label)}: {example.credit}" for example in examples)
    return f"## Examples\n\nPictures of the project that the model had not seen. May you publish them?\n\n{lines}\n"

"""What JSON bodies hold, validated by Pydantic as they come in: numbers that a database can hold, text without NUL.

Each field's description completes the sentence for whoever sends something else.
"""

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError

from curate.errors import BadInput
from curate.review.deciding.decisions import Op

MAX_OPS = 500
MAX_NOTED_IMAGES = 1_000  # in one request; a page has fewer
_MAX_TEXT = 100_000
_Model = TypeVar("_Model", bound=BaseModel)


def _without_nul(text: str) -> str:
    if "\0" in text:  # PostgreSQL stores none
        raise ValueError("NUL")
    return text


Number = Annotated[int, Field(strict=True, ge=0, lt=2**63, description="a whole number, 0 or more")]
Text = Annotated[
    str,
    BeforeValidator(lambda value: "" if value is None else value),
    Field(strict=True, max_length=_MAX_TEXT, description="text"),
    AfterValidator(_without_nul),
]
Name = Annotated[Text, Field(max_length=1_000)]
ImageIds = Annotated[list[Number], Field(strict=True, fail_fast=True, description="a list of image numbers")]


class OpBody(BaseModel):
    """A decision, or an undo or redo of the step named `step` ("" = the newest)."""

    seq: Number
    action: Annotated[str, Field(strict=True, max_length=20, description="keep, delete, relabel or clear")]
    image_ids: ImageIds | None = None
    label_id: Number | None = None
    step: Name = ""
    step_name: Name = ""

    @property
    def is_turn(self) -> bool:
        """Whether a step is undone or redone."""
        return self.action in ("undo", "redo")

    def as_decision(self) -> Op:
        """The decision as it is stored. Raises BadInput when it names no images."""
        if self.image_ids is None:
            raise BadInput("`image_ids` is a list of image numbers.")
        return Op(self.seq, tuple(self.image_ids), self.action, self.label_id, self.step, self.step_name)


class DecisionsBody(BaseModel):
    """What a POST of decisions holds.  at: the image that the reviewer looks at, told in a review session."""

    client: Annotated[
        str,
        Field(strict=True, min_length=8, max_length=40, pattern=r"^[\x01-\x7f]+$"),
        Field(description="8 to 40 letters that name the sender"),
    ]
    since: Number
    run_id: Number | None = None
    ops: Annotated[
        list[OpBody], Field(strict=True, max_length=MAX_OPS, fail_fast=True),
        Field(description=f"a list of at most {MAX_OPS} decisions"),
    ]  # fmt: skip
    at: Number | None = None


class BatchBody(BaseModel):
    """How many images somebody wants in a review session."""

    n: Number | None = None


class NoteBody(BaseModel):
    """Something said about images.  asked: the one whom a question is for."""

    kind: Annotated[
        Literal["note", "flag", "question", "reason"], Field(description="one of note, flag, question, reason")
    ]
    image_ids: Annotated[
        list[Annotated[int, Field(strict=True, gt=0, lt=2**63)]],
        Field(strict=True, fail_fast=True, min_length=1, max_length=MAX_NOTED_IMAGES),
        Field(description=f"a list of 1 to {MAX_NOTED_IMAGES:,} numbers of images"),
    ]
    text: Text = ""
    asked: Name = ""


class KeysBody(BaseModel):
    """Labels' keys by the labels' numbers."""

    keys: Annotated[
        dict[Annotated[str, Field(pattern=r"^[0-9]{1,18}$")], Name],
        Field(strict=True, max_length=100_000, description="an object of label numbers and their keys"),
    ]


class LabelBody(BaseModel):
    """A label to add."""

    name: Annotated[Name, Field(min_length=1, description="the label's name")]


class Parser(Generic[_Model]):
    """Validates bodies of one model; compiled once."""

    def __init__(self, model: type[_Model]) -> None:
        self._adapter = TypeAdapter(model)
        self._descriptions = _described(model.model_json_schema())

    def __call__(self, raw: bytes) -> _Model:
        """The body. Raises BadInput with a sentence on the first field that is missing or not what it should be."""
        try:
            return self._adapter.validate_json(raw)
        except ValidationError as error:
            raise BadInput(self._sentence(error.errors(include_url=False, include_context=False)[0])) from error

    def _sentence(self, error: Any) -> str:
        if error["type"] == "json_invalid":
            return "The request is not JSON."
        names = [part for part in error["loc"] if part in self._descriptions]
        if not names:
            return "The request is not a JSON object."
        if error["type"] == "model_type":
            return "A decision is a JSON object."
        return f"`{names[-1]}` is {self._descriptions[names[-1]]}."


def _described(schema: Any) -> dict[str, str]:
    """{field: description} of a model's schema and all that it refers to."""
    parts = [schema, *schema.get("$defs", {}).values()]
    fields = [field for part in parts for field in part.get("properties", {}).items()]
    return {name: field.get("description") or field["anyOf"][0]["description"] for name, field in fields}


parse_decisions = Parser(DecisionsBody)
parse_batch = Parser(BatchBody)
parse_note = Parser(NoteBody)
parse_keys = Parser(KeysBody)
parse_label = Parser(LabelBody)

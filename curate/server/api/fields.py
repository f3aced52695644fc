"""The parents of the API's models. Their schemas are built at first use: at the start they took a third of a second."""

from collections.abc import Iterator
from functools import lru_cache
from threading import Lock
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _refuse_others(value: Any) -> Any:
    if isinstance(value, str | bool):
        raise ValueError("Input should be a number")
    return value


# Whole numbers of a body: 3.0 is one in JSON, "3" is not.
Number = Annotated[int, Field(ge=1, lt=2**63), BeforeValidator(_refuse_others)]
NumberOrZero = Annotated[int, Field(ge=0, lt=2**63), BeforeValidator(_refuse_others)]


class Answer(BaseModel):
    """What the API answers, or a part of it."""

    model_config = ConfigDict(defer_build=True)


class Fields(BaseModel):
    """The query or the body of a request: other names than these are refused."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class NoFields(Fields):
    """A query without anything."""


_building = Lock()


def build_models() -> None:
    """Build the schemas of all models, once: threads that build one at the same moment disturb each other."""
    with _building:
        _build_models()


def are_models_built() -> bool:
    """Whether that is done."""
    return bool(_build_models.cache_info().currsize)


@lru_cache(maxsize=1)
def _build_models() -> None:
    for parent in (Answer, Fields):
        for model in _below(parent):
            model.model_rebuild()


def _below(parent: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in parent.__subclasses__():
        yield model
        yield from _below(model)

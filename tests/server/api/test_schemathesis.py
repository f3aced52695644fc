"""schemathesis over all of /api/v1: valid and invalid requests made from the OpenAPI document, answers held against it.

`API_EXAMPLES=200` makes it a long run; as it stands it takes some twenty seconds.
"""

import copy
import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import positive_data_acceptance
from schemathesis.core.failures import FailureGroup

from curate.server.api import app as api
from curate.server.api import events
from curate.server.api.openapi import document

# What is valid by the document and refused all the same: bytes that are no pictures, settings that exclude each other.
LOOSE = {"predict", "add_images", "train"}
N_EXAMPLES = int(os.environ.get("API_EXAMPLES", "12"))  # of each operation, valid and invalid ones


def described(image_ids: list[int]) -> dict[str, Any]:
    """The document, with values that exist for what stands in paths: random ones are never found."""
    made = copy.deepcopy(document(api.operations()))
    known = {
        "project": ["pets", "1", "cows"],
        "image": [*image_ids[:2], 999],
        "run": [1, 2],
        "job": [1, 2, 999],
        "export": [1, 9],
    }
    for methods in made["paths"].values():
        for operation in methods.values():
            for parameter in operation["parameters"]:
                if parameter["in"] == "path":
                    parameter["schema"] |= {"enum": known[parameter["name"]]}
    return made


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])
def test_every_answer_is_as_the_document_says(
    answering: Any, server: tuple[Any, str], monkeypatch: pytest.MonkeyPatch, mode: GenerationMode
) -> None:
    monkeypatch.setenv("CURATE_API_RATE", "100000")
    monkeypatch.setattr(events, "LONGEST_S", 0.0)
    # What is invalid is made from the document itself: a number that is not listed may exist all the same.
    is_valid = mode == GenerationMode.POSITIVE
    made_from = described(answering.project.image_ids) if is_valid else document(api.operations())
    schema = schemathesis.openapi.from_dict(made_from)
    schema.config.update(base_url=f"{server[1]}/api/v1")
    asked, failures = set(), []
    for operation in operations_of(schema):

        @settings(
            max_examples=N_EXAMPLES, deadline=None, database=None, phases=[Phase.generate], report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            asked.add(f"{case.method.upper()} {case.path}")
            is_loose = case.operation.definition.raw["operationId"] in LOOSE
            case.call_and_validate(excluded_checks=[positive_data_acceptance] if is_loose else [])

        try:
            ask()
        except Unsatisfiable:  # an operation without any field takes nothing invalid
            pass
        except FailureGroup as error:
            failures.append(str(error))
    assert not failures, "\n".join(failures)
    assert len(asked) == len(api.operations()) if mode == GenerationMode.POSITIVE else len(asked) > 15, asked


def operations_of(schema: Any) -> list[Any]:
    return [result.ok() for result in schema.get_all_operations()]

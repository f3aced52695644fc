"""The examples of docs/api.md and the README's, run against a real server."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from curate import api_tokens
from tests.conftest import REPOSITORY, tiny_picture

PAGE = (REPOSITORY / "docs" / "api.md").read_text()


@pytest.fixture
def environment(
    server: tuple[Any, str], answering: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """What the examples need: two photos in the working folder, an address, a token."""
    for number, name in enumerate(("photo.jpg", "other.jpg")):
        (tmp_path / name).write_bytes(tiny_picture(700 + number, "JPEG", side=64))
    monkeypatch.chdir(tmp_path)
    token = api_tokens.create_token("examples", "ann", api_tokens.SCOPES)
    return {**os.environ, "URL": f"{server[1]}/api/v1", "TOKEN": token}


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def test_the_python_example_runs(environment: dict[str, str]) -> None:
    (example,) = blocks("python")
    assert len([line for line in example.splitlines() if line]) <= 11
    done = subprocess.run([sys.executable, "-c", example], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first == "pets 9" and second.endswith(" run 1")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_curl_examples_run(environment: dict[str, str]) -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines() if line]
    assert len(lines) >= 10
    for line in lines:
        if line.startswith("curl -N"):  # a stream, which ends by itself after an hour
            line = line.replace("curl -N", "curl -N -m 2")
        done = subprocess.run(
            ["bash", "-c", f"{line} -sS"], env=environment, capture_output=True, text=True, timeout=60
        )
        if line.startswith("curl -N"):
            assert done.stdout.startswith("retry: "), done.stderr
            continue
        answer = json.loads(done.stdout)
        assert done.returncode == 0 and "detail" not in answer, (line, answer)


def test_the_readmes_example_is_one_of_the_apis() -> None:
    readme = (REPOSITORY / "README.md").read_text()
    (line,) = [line for line in readme.splitlines() if line.startswith("curl ") and "/api/v1/" in line]
    assert line.replace("http://localhost:8501/api/v1", "$URL").replace('"', "") in PAGE.replace(
        " -F files=@other.jpg", ""
    ).replace('"', "")

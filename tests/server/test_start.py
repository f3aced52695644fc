"""What a server does that cannot start: it says why in a sentence, and ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"STREAMLIT_SECRETS_FILES": "{folder}/secrets.toml"}, "cannot be read as TOML"),
        ({"CURATE_STANDBY_MINUTES": "soon"}, "CURATE_STANDBY_MINUTES is a number of minutes, not 'soon'."),
        ({"CURATE_MAX_PIXELS": "ten"}, "CURATE_MAX_PIXELS is a whole number of pixels, not 'ten'."),
        ({"CURATE_SECRET": "short"}, "CURATE_SECRET has to be a text of at least 32 bytes."),
        ({"CURATE_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:9/none"}, "connection"),
    ],
)
def test_a_server_that_cannot_start_says_why_and_ends(tmp_path: Path, wrong: dict[str, str], sentence: str) -> None:
    (tmp_path / "secrets.toml").write_text("[auth\n")
    command = [sys.executable, "-m", "streamlit", "run", "Home.py", "--server.headless=true", "--server.port=0"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CURATE_")}
    environment |= {"CURATE_HOME": str(tmp_path), "BROWSER_GATHER_USAGE_STATS": "false"}
    environment |= {name: value.format(folder=tmp_path) for name, value in wrong.items()}
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    (said,) = [line for line in done.stderr.splitlines() if line.startswith("Curate cannot start.")]
    assert sentence in said

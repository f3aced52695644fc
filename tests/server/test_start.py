"""A server that cannot start says why in a sentence, and ends; one that nobody uses leaves the processor alone."""

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from tests.browser.conftest import start_server
from tests.conftest import REPOSITORY

OBSERVED_S = 6


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


def test_an_idle_server_wakes_up_a_few_times_a_second_only(tmp_path: Path) -> None:
    server = start_server(REPOSITORY / "Home.py", tmp_path)
    try:
        while not httpx.get(f"{server.url}/api/health").json()["scheduler"]:
            time.sleep(0.2)
        time.sleep(3)
        web = psutil.Process(server.process.pid)
        processes = [web, *web.children(recursive=True)]
        before = [process.num_ctx_switches().voluntary for process in processes]
        time.sleep(OBSERVED_S)
        n_wakes = [process.num_ctx_switches().voluntary - n for process, n in zip(processes, before, strict=True)]
    finally:
        server.process.terminate()
        server.process.wait(10)
    assert len(processes) == 2  # itself and the dispatcher
    # 10 and 5 a second when uvicorn and the dispatcher looked that often: 0.65 % of a core.
    assert max(n_wakes) / OBSERVED_S < 4, n_wakes

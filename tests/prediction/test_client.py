"""The model process, for real: started by its client, asked, killed, raced for."""

import fcntl
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import psutil
import pytest
from PIL import Image

from curate import settings, store
from curate.errors import CurateError
from curate.prediction import client, endpoint, process
from curate.prediction.process import graph_process, torch_process
from curate.training.settings.config import TrainConfig

START = "from curate.prediction.process import torch_process as p; p.await_ready(); print('up'); input()"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """(run folder, files, probabilities): a network of two labels trained on 24 plain pictures, in float32."""
    from curate.training.fitting.run import train

    folder = tmp_path_factory.mktemp("trained")
    rng = np.random.default_rng(1)
    files = []
    for i in range(24):
        pixels = rng.integers(0, 90, (40, 30, 3), dtype=np.uint8) + (i % 2) * 120
        buffer = BytesIO()
        Image.fromarray(pixels.astype(np.uint8)).save(buffer, "PNG")
        files.append(folder / f"{i}.png")
        files[-1].write_bytes(buffer.getvalue())
    labels, is_valid = np.arange(24) % 2, np.arange(24) >= 16
    config = TrainConfig(
        architecture="small_cnn", pretrained=False, size_px=32, epochs=2, batch_size=8, learning_rate=1e-2,
        augment="none", precision="float32",
    )  # fmt: skip
    result = train(files, labels, is_valid, ["dark", "light"], config, folder / "run")
    return folder / "run", files, result.probabilities


def test_it_says_what_the_training_said_of_the_same_files_and_names_bad_ones(trained):
    folder, files, probabilities = trained
    answers = client.predict(
        folder,
        [("a.png", files[0]), ("bad.png", b"no picture"), ("b.png", files[1].read_bytes()), ("c", folder / "gone.png")],
    )
    assert [answer.name for answer in answers] == ["a.png", "bad.png", "b.png", "c"]
    assert answers[3].probabilities is None
    assert answers[3].error == "The file cannot be opened: No such file or directory."
    np.testing.assert_allclose(answers[0].probabilities, probabilities[0], atol=1e-5)
    np.testing.assert_allclose(answers[2].probabilities, probabilities[1], atol=1e-5)
    assert answers[1].probabilities is None
    assert answers[1].error.startswith("Not a picture in a format")
    # A picture as a training would see it needs no run at all: by its bytes, or by the name of a stored one.
    config = TrainConfig(architecture="small_cnn", pretrained=False, size_px=32, augment="standard")
    copies = client.augmented(files[0].read_bytes(), config)
    assert len(copies) == 24 and len(set(copies)) > 12
    assert Image.open(BytesIO(copies[0])).size == (32, 32)
    assert client.augmented(store.add_blob(files[0].read_bytes()), config, 2) == copies[:2]
    with pytest.raises(CurateError, match="Not a picture in a format"):
        client.augmented(b"no picture", config)
    with pytest.raises(CurateError, match="up to 64 times"):
        client.augmented(files[0].read_bytes(), config, 65)
    # Where in a stored picture the labels were found: a place for each of the last layer's, none of them negative.
    maps = client.heat(folder, store.add_blob(files[1].read_bytes()), [0, 1])
    assert maps.shape == (2, 4, 4) and maps.min() >= 0 and maps.max() > 0
    with pytest.raises(CurateError, match="labels that the run knows"):
        client.heat(folder, store.add_blob(files[1].read_bytes()), [2])
    # A run without a model is said in one sentence, and the process goes on.
    with pytest.raises(CurateError, match="no model"):
        client.predict(store.run_folder(99), [("a.png", files[0])])
    assert torch_process.is_ready()


def test_two_callers_at_once_start_one_process_and_a_killed_one_is_started_again(trained):
    folder, files, probabilities = trained
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: client.predict(folder, [("a", files[0])]), range(2)))
    assert np.allclose(answers[0][0].probabilities, answers[1][0].probabilities)
    first = endpoint.find(endpoint.TORCH)
    os.kill(torch_process.started[-1].pid, signal.SIGKILL)
    torch_process.started[-1].wait()
    assert not torch_process.is_ready()
    np.testing.assert_allclose(client.predict(folder, [("a", files[0])])[0].probabilities, probabilities[0], atol=1e-5)
    assert endpoint.find(endpoint.TORCH) != first


def test_one_that_is_still_ending_when_somebody_asks_says_nothing_about_the_next_one(home, monkeypatch):
    graph_process.await_ready()
    ending = graph_process.started[-1]
    ending.kill()
    ending.wait()
    looks = iter([None])  # its threads end one after the other: at the first look it is there yet
    monkeypatch.setattr(ending, "poll", lambda: next(looks, -signal.SIGKILL))
    graph_process.await_ready()
    assert graph_process.is_ready() and graph_process.started[-1] is not ending


def test_the_next_question_goes_over_the_same_connection(trained):
    folder, files, _ = trained
    client.predict(folder, [("a", files[0])])
    listener = psutil.Process(torch_process.started[-1].pid)

    def callers():
        return {c.raddr for c in listener.net_connections("tcp") if c.status == psutil.CONN_ESTABLISHED}

    first = callers()
    for _ in range(3):
        client.predict(folder, [("a", files[0])])
    assert len(first) == 1 and callers() == first


def test_a_process_that_cannot_start_says_why(trained, monkeypatch):
    folder, files, _ = trained
    monkeypatch.setattr(process, "START_S", 1)
    (endpoint.folder(endpoint.TORCH) / "lock").mkdir()
    with pytest.raises(CurateError, match="could not start|did not answer") as caught:
        client.predict(folder, [("a", files[0])])
    assert caught.value.hint


def test_nothing_to_ask_asks_nobody():
    assert client.predict(settings.home(), []) == []
    assert torch_process.started == []


def test_only_the_key_in_the_users_own_file_opens_it(trained):
    folder, files, _ = trained
    client.predict(folder, [("a", files[0])])
    found = endpoint.find(endpoint.TORCH)
    assert (endpoint.folder(endpoint.TORCH) / "endpoint.json").stat().st_mode & 0o077 == 0
    endpoint.publish(endpoint.TORCH, endpoint.Endpoint(found.port, "wrong"))
    assert not torch_process.is_ready()


def test_a_request_carries_any_bytes():
    files, asked = [b"", b"\n{}", bytes(range(256))], {"folder": "a\nb", "n": 2}
    assert endpoint.unpack(endpoint.pack(asked, files)) == (asked, files)


def test_it_ends_when_whoever_started_it_is_killed(home):
    starter = subprocess.Popen(
        [sys.executable, "-c", START],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=process.ROOT,
    )  # fmt: skip
    assert starter.stdout.readline() == b"up\n"
    assert torch_process.is_ready()
    starter.kill()
    starter.communicate()
    with (endpoint.folder(endpoint.TORCH) / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # held until the process is gone
    assert not torch_process.is_ready()

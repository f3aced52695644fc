"""The process that answers from graphs: as torch does, but soon and small; pictures that wait together go together."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest

from curate.errors import Busy
from curate.model_export import golden
from curate.onnx_graph import GRAPH, write
from curate.prediction import client, serve_graphs
from curate.prediction.batches import Batches
from curate.prediction.process import graph_process, torch_process
from curate.training import saved_model
from curate.training.settings.config import TrainConfig
from tests.onnx_graph.test_write import CONFIGS, NAME, leave_network


def test_it_answers_from_the_graph_without_torch_and_says_what_torch_says(tmp_path: Path) -> None:
    from curate.prediction.model import load_model

    leave_network(tmp_path, CONFIGS["squeezenet1_1"])
    write.ensure(tmp_path, NAME)
    files: list[tuple[str, bytes | Path]] = [*golden.pictures().items()]
    files += [("bad.png", b"no picture"), ("gone.png", tmp_path / "gone.png")]
    answers = client.predict(tmp_path, files)
    assert torch_process.started == [] and len(graph_process.started) == 1
    assert [answer.name for answer in answers] == [name for name, _ in files]
    model = load_model(tmp_path)
    expected = model.predict([model.prepare(data) for data in golden.pictures().values()])
    np.testing.assert_allclose([answer.probabilities for answer in answers[:-2]], expected, atol=1e-4)
    assert answers[-2].error.startswith("Not a picture in a format")
    assert answers[-1].error == "The file cannot be opened: No such file or directory."
    process = psutil.Process(graph_process.started[0].pid)
    assert process.memory_info().rss < 250_000_000
    assert not any("torch" in each.path for each in process.memory_maps())


def test_many_pictures_come_back_in_order_in_several_requests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    leave_network(tmp_path, CONFIGS["small_cnn"])
    write.ensure(tmp_path, NAME)
    files = [(str(number), data) for number, data in enumerate([*golden.pictures().values()] * 7)]
    once = client.predict(tmp_path, files[:15])
    answers = client.predict(tmp_path, files)
    assert [answer.name for answer in answers] == [name for name, _ in files]
    for number, answer in enumerate(answers):
        np.testing.assert_allclose(answer.probabilities, once[number % 15].probabilities, atol=1e-6)


def test_a_run_that_averages_augmented_copies_is_answered_by_torch(tmp_path: Path) -> None:
    config = TrainConfig(architecture="small_cnn", pretrained=False, size_px=32, tta=True)
    leave_network(tmp_path, config)
    write.ensure(tmp_path, NAME)
    assert (tmp_path / GRAPH).exists()
    assert client.process_of(tmp_path) is torch_process
    saved_model.recalibrate(tmp_path, 2.0, np.zeros((1, 3)))
    assert saved_model.read_facts(tmp_path).temperature == 2.0


def test_pictures_that_wait_together_are_answered_together_and_none_waits_for_company() -> None:
    sizes: list[int] = []
    first_began, go_on = threading.Event(), threading.Event()

    def predict(squares: Sequence[np.ndarray]) -> np.ndarray:
        sizes.append(len(squares))
        first_began.set()
        go_on.wait(10)
        return np.array([square.sum() for square in squares])

    batches = Batches(predict)
    answers = [batches.add(np.array([0]))]
    assert first_began.wait(10)  # it began alone, at once
    answers += [batches.add(np.array([number])) for number in range(1, 20)]
    go_on.set()
    assert [int(answer.result(10)) for answer in answers] == list(range(20))
    assert sizes == [1, 4, 4, 4, 4, 3]


def test_what_the_network_raises_reaches_whoever_waits_and_the_next_is_answered() -> None:
    def predict(squares: Sequence[np.ndarray]) -> np.ndarray:
        if squares[0][0] < 0:
            raise ValueError("below 0")
        return np.array([1.0])

    batches = Batches(predict)
    with pytest.raises(ValueError, match="below 0"):
        batches.add(np.array([-1])).result(10)
    assert batches.add(np.array([1])).result(10) == 1.0


def test_one_picture_is_answered_in_its_own_thread_while_nobody_waits_and_in_turn_otherwise() -> None:
    threads, first_began, go_on = [], threading.Event(), threading.Event()

    def predict(squares: Sequence[np.ndarray]) -> np.ndarray:
        threads.append(threading.current_thread())
        if squares[0][0] == 1:
            first_began.set()
            assert go_on.wait(10)
        if squares[0][0] < 0:
            raise ValueError("below 0")
        return np.array([square.sum() for square in squares])

    batches = Batches(predict)
    assert batches.ask(np.array([7])) == 7
    assert threads == [threading.current_thread()]
    with pytest.raises(ValueError, match="below 0"):
        batches.ask(np.array([-1]))
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(batches.ask, np.array([1]))
        assert first_began.wait(10)
        others = [pool.submit(batches.ask, np.array([number])) for number in (2, 3)]
        time.sleep(0.05)
        assert not any(other.done() for other in others) and len(threads) == 3  # one at a time
        go_on.set()
        assert [int(answer.result(10)) for answer in (first, *others)] == [1, 2, 3]


def test_a_full_queue_says_so_and_the_client_comes_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = serve_graphs._Waiting()
    waiting.add(serve_graphs.MOST_WAITING)
    with pytest.raises(Busy, match="Too many pictures wait"):
        waiting.add(1)
    waiting.remove(serve_graphs.MOST_WAITING)
    waiting.add(10 * serve_graphs.MOST_WAITING)  # alone, anything goes
    refusals = iter([Busy("full"), Busy("full"), None])
    leave_network(tmp_path, CONFIGS["small_cnn"])

    def ask(path: str, body: bytes) -> dict[str, object]:
        if error := next(refusals):
            raise error
        return {"answers": [{"probabilities": [0.5, 0.25, 0.25], "error": None}]}

    monkeypatch.setattr(torch_process, "ask", ask)
    monkeypatch.setattr(client.time, "sleep", lambda s: None)
    assert client.predict(tmp_path, [("a", b"x")])[0].probabilities.tolist() == [0.5, 0.25, 0.25]


def test_callers_at_once_get_their_own_answers(tmp_path: Path) -> None:
    leave_network(tmp_path, CONFIGS["small_cnn"])
    write.ensure(tmp_path, NAME)
    files = list(golden.pictures().items())
    expected = {answer.name: answer.probabilities for answer in client.predict(tmp_path, files)}
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda number: client.predict(tmp_path, [files[number % 15]])[0], range(64)))
    for answer in answers:
        np.testing.assert_allclose(answer.probabilities, expected[answer.name], atol=1e-5)


def test_the_first_answer_comes_soon(tmp_path: Path) -> None:
    leave_network(tmp_path, CONFIGS["squeezenet1_1"])
    write.ensure(tmp_path, NAME)
    began = time.monotonic()
    client.predict(tmp_path, [("a", golden.pictures()["plain.jpg"])])
    assert time.monotonic() - began < 8  # s; 0.9 on an idle machine, where torch took 8 to 13

"""Settings from the environment: validated, named in one sentence, listed in README; and who can read the data."""

import os
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from curate import settings
from curate.catalog import projects
from curate.cli import main
from curate.errors import BadInput

README = Path(__file__).parents[1] / "README.md"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_every_setting_is_in_the_readmes_table() -> None:
    rows = set(re.findall(r"^\|\s*`(CURATE_[A-Z_]+)`\s*\|", README.read_text(), re.MULTILINE))
    assert rows == set(settings.NAMES)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("CURATE_MAX_PIXELS", "ten", "CURATE_MAX_PIXELS is a whole number of pixels, not 'ten'."),
        ("CURATE_MAX_PIXELS", "0", "CURATE_MAX_PIXELS is a whole number of pixels, not '0'."),
        ("CURATE_MAX_UPLOAD_MB", "1.5", "CURATE_MAX_UPLOAD_MB is a whole number of megabytes, not '1.5'."),
        ("CURATE_STANDBY_MINUTES", "nan", "CURATE_STANDBY_MINUTES is a number of minutes, not 'nan'."),
        ("CURATE_TRUSTED_PROXIES", "proxy", "CURATE_TRUSTED_PROXIES is addresses and networks by commas, not 'proxy'."),
        ("CURATE_SECRET", "x" * 31, "CURATE_SECRET has to be a text of at least 32 bytes."),
    ],
)
def test_a_value_that_cannot_be_used_is_one_sentence_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadInput) as error:
        settings.check()
    assert str(error.value) == sentence
    assert main(["projects"]) == 1
    assert capsys.readouterr().err == f"curate: {sentence}\n"


def test_an_empty_variable_is_an_unset_one_and_a_changed_one_counts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_MAX_PIXELS", "")
    assert settings.max_pixels() == 200_000_000
    monkeypatch.setenv("CURATE_MAX_PIXELS", "1000")
    assert settings.max_pixels() == 1000
    monkeypatch.setenv("CURATE_ALLOW_HOSTS", " 10.0.0.0/8, ,intranet ")
    assert settings.allowed_hosts() == ["10.0.0.0/8", "intranet"]
    monkeypatch.setenv("CURATE_TRUSTED_PROXIES", "10.0.0.5/16")
    assert [str(network) for network in settings.trusted_proxies()] == ["10.0.0.0/16"]


def test_threads_that_draw_the_first_secret_at_once_get_the_same(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    both_have_drawn, link = Barrier(2, timeout=20), os.link

    def link_together(fresh: Path, path: Path) -> None:
        both_have_drawn.wait()
        link(fresh, path)

    monkeypatch.setattr(settings.os, "link", link_together)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: settings.secret(), range(2))
    assert first == second
    assert [path.name for path in home.glob("secret*")] == ["secret"]


def test_a_secret_of_32_bytes_signs_and_a_drawn_one_is_as_long(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    assert len(settings.secret()) >= 32
    assert mode(home / "secret") == 0o600
    monkeypatch.setenv("CURATE_SECRET", "x" * 32)
    assert settings.secret() == "x" * 32


def test_only_the_owner_can_read_the_data_also_in_a_home_that_was_open(home: Path) -> None:
    projects.create_project("pets")
    assert (mode(home), mode(home / "catalog.db")) == (0o700, 0o600)
    home.chmod(0o755)
    (home / "catalog.db").chmod(0o644)
    settings._prepared_home.cache_clear()
    settings.home()
    assert (mode(home), mode(home / "catalog.db")) == (0o700, 0o600)


def test_a_folder_that_holds_no_catalog_keeps_its_mode(home: Path) -> None:
    home.mkdir(mode=0o755)
    (home / "holiday.txt").touch()
    assert settings.home() == home
    assert mode(home) == 0o755 & ~os.umask(os.umask(0))

"""Files that are not what they seem to be."""

import os
from pathlib import Path

import pytest

from curate.errors import BadPicture
from curate.gather.sources import read_file


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="there is no /proc")
def test_of_a_file_behind_a_link_no_more_is_read_than_it_says_it_holds(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to("/proc/version")
    assert Path("/proc/version").stat().st_size == 0
    assert read_file(tmp_path / "a.png") == b""


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.png")
    with pytest.raises(BadPicture, match=r"^It is a device or a pipe, not a file\.$"):
        read_file(tmp_path / "a.png")

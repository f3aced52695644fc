"""`python -m curate write-back`: looked at first, then done, then undone."""

import csv

from curate.catalog import images
from curate.cli import main


def test_write_back_previews_moves_and_undoes(pictures, tmp_path, capsys):
    def curate(*args: str) -> str:
        assert main(list(args)) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    folder = tmp_path / "pets"
    pictures(folder, {"cats": 2, "dogs": 2})
    curate("import", "pets", str(folder))
    image = next(row for row in images.image_rows([1, 2, 3, 4]) if row.provenance["path"] == "cats/0.png")
    curate("decide", "pets", str(image.id), "relabel", "dogs")
    curate("apply", "pets")
    output = curate("write-back", "pets", "--now", "--csv", str(tmp_path / "list.csv"))
    assert "1 files would move, 0 go into quarantine, 0 are left alone. Add --now to do it." in output
    with (tmp_path / "list.csv").open() as file:
        assert [(row["file"], row["goes to"]) for row in csv.DictReader(file)] == [("cats/0.png", "dogs/0~2.png")]
    assert "1 files moved, 0 left alone" in output
    assert (folder / "dogs" / "0~2.png").is_file() and not (folder / "cats" / "0.png").exists()
    assert "1 files lie where they lay" in curate("write-back", "pets", "--undo")
    assert (folder / "cats" / "0.png").is_file() and not (folder / "dogs" / "0~2.png").exists()
    assert main(["write-back", "pets", "--undo"]) == 1
    assert "nothing to roll back" in capsys.readouterr().err

"""Writing back: what is planned, what moves, what is left alone, and that everything comes back."""

import os

import pytest
from sqlalchemy import delete

from curate.catalog import images, linked_files, projects, versions, write_backs
from curate.catalog.database import writing
from curate.catalog.tables.core import Project
from curate.catalog.tables.write_back import SourceFile
from curate.errors import BadInput, Conflict
from curate.gather.folders.label_choices import LabelChoices
from curate.gather.importing import import_folder
from curate.review.deciding import apply, decisions
from curate.review.deciding.decisions import Op
from curate.write_back import folder as folders
from curate.write_back import moving, planning
from tests.write_back.conftest import decide, ignore, plan, tree

PETS = ("cats/a.png", "cats/b.png", "cats/c.png", "dogs/d.png", "dogs/e.png")


def journal(row):
    return [(file.source, file.target, file.state, file.why) for file in write_backs.files(row.id)]


def test_a_relabelled_file_moves_a_deleted_one_goes_into_quarantine_and_both_come_back(take_in):
    pets, folder = take_in(*PETS)
    before = tree(folder)
    decide(pets, "a.png", "relabel", "dogs")
    decide(pets, "e.png", "delete")
    row = plan(pets)
    assert tree(folder) == before
    quarantined = f".curate-quarantine/{row.id}/dogs/e.png"
    assert journal(row) == [
        ("cats/a.png", "dogs/a.png", "waits", None), ("dogs/e.png", quarantined, "waits", None),
    ]  # fmt: skip
    cats, dogs = (projects.find_label(pets, name) for name in ("cats", "dogs"))
    assert row.counts["rows"] == [["delete", dogs, 0, 1], ["move", cats, dogs, 1]]
    assert moving.carry_out(row.id, ignore) == {"done": 2}
    after = {("dogs/a.png" if path == "cats/a.png" else path): data for path, data in before.items()}
    after[quarantined] = after.pop("dogs/e.png")
    assert tree(folder) == after
    assert moving.undo(row.id, ignore) == {"back": 2}
    assert tree(folder) == before
    assert sorted(path.name for path in folder.iterdir()) == ["cats", "dogs"]
    assert write_backs.find(row.id).state == "undone"


def test_what_was_written_back_is_not_planned_again_and_not_imported_again(take_in):
    pets, folder = take_in(*PETS)
    decide(pets, "a.png", "relabel", "dogs")
    decide(pets, "e.png", "delete")
    moving.carry_out(plan(pets).id, ignore)
    assert journal(plan(pets)) == []
    head = versions.list_versions(pets)[0]
    assert import_folder(pets, folder, "Ada", ignore).n_added == 0
    assert versions.list_versions(pets)[0] == head
    assert journal(plan(pets)) == []


def test_a_picture_that_came_back_from_the_bin_comes_back_from_quarantine_under_its_label(take_in):
    pets, folder = take_in(*PETS)
    before = tree(folder)
    decide(pets, "a.png", "delete")
    first = plan(pets)
    moving.carry_out(first.id, ignore)
    apply.restore(pets, 1, "Ada")
    decide(pets, "a.png", "relabel", "dogs")
    second = plan(pets)
    assert journal(second) == [(f".curate-quarantine/{first.id}/cats/a.png", "dogs/a.png", "waits", None)]
    moving.carry_out(second.id, ignore)
    assert tree(folder) == {("dogs/a.png" if path == "cats/a.png" else path): data for path, data in before.items()}
    with pytest.raises(Conflict, match="newer write-back"):
        moving.undo(first.id, ignore)
    moving.undo(second.id, ignore)
    moving.undo(first.id, ignore)
    assert tree(folder) == before


def test_no_name_is_given_twice_and_nothing_is_written_over(take_in):
    pets, folder = take_in("cats/x.png", "cats/sub/y.png", "birds/x.png", "dogs/x.png")
    (folder / "dogs" / "sub").mkdir()
    (folder / "dogs" / "sub" / "y.png").write_bytes(b"somebody's")
    decide(pets, ["birds/x.png", "cats/x.png", "y.png"], "relabel", "dogs")
    row = plan(pets)
    assert sorted(target for _, target, _, _ in journal(row)) == ["dogs/sub/y~2.png", "dogs/x~2.png", "dogs/x~3.png"]
    moving.carry_out(row.id, ignore)
    assert (folder / "dogs" / "sub" / "y.png").read_bytes() == b"somebody's"


def test_train_and_valid_keep_their_files_and_a_missing_label_folder_is_made_and_removed(take_in):
    pets, folder = take_in(
        "set/train/cats/a.png", "set/train/dogs/b.png", "set/valid/cats/c.png", "set/train/cats/d.png"
    )
    decide(pets, "c.png", "relabel", "dogs")
    decide(pets, "a.png", "relabel", "a/b: ..")
    row = plan(pets)
    assert journal(row) == [
        ("set/train/cats/a.png", "set/train/a_b_/a.png", "waits", None),
        ("set/valid/cats/c.png", "set/valid/dogs/c.png", "waits", None),
    ]
    moving.carry_out(row.id, ignore)
    assert (folder / "set/valid/dogs/c.png").is_file()
    moving.undo(row.id, ignore)
    assert not (folder / "set/valid/dogs").exists()


def _touch(path):
    os.utime(path, ns=(1, 1))


def _rewrite_quietly(path):
    facts = path.stat()
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def _put_behind_a_link(path):
    path.parent.rename(path.parents[2] / "elsewhere")
    path.parent.symlink_to(path.parents[2] / "elsewhere")


CHANGES = {
    planning.GONE: lambda path: path.unlink(),
    planning.CHANGED_SIZE: lambda path: path.write_bytes(b"longer" * 1_000),
    planning.CHANGED_TIME: _touch,
    planning.CHANGED_CONTENT: _rewrite_quietly,
    planning.LINK: _put_behind_a_link,
}


@pytest.mark.parametrize("why", CHANGES)
def test_a_file_that_changed_since_it_came_in_is_listed_and_left_alone(take_in, why):
    pets, folder = take_in(*PETS)
    decide(pets, "a.png", "relabel", "dogs")
    CHANGES[why](folder / "cats" / "a.png")
    before = tree(folder)
    row = plan(pets)
    assert journal(row) == [("cats/a.png", "", "left", why)]
    assert (row.counts["left"], row.counts["move"]) == (1, 0)
    assert moving.carry_out(row.id, ignore) == {"left": 1}
    assert tree(folder) == before


def test_what_changes_between_the_preview_and_the_move_is_left_and_the_rest_moves(take_in):
    pets, folder = take_in(*PETS)
    for name in ("a.png", "b.png", "c.png"):
        decide(pets, name, "relabel", "dogs")
    row = plan(pets)
    _touch(folder / "cats" / "a.png")
    (folder / "dogs" / "b.png").write_bytes(b"somebody's")
    moving.carry_out(row.id, ignore)
    assert journal(row) == [
        ("cats/a.png", "dogs/a.png", "left", moving.CHANGED),
        ("cats/b.png", "dogs/b.png", "left", moving.IN_THE_WAY),
        ("cats/c.png", "dogs/c.png", "done", None),
    ]
    assert (folder / "dogs" / "b.png").read_bytes() == b"somebody's"
    _touch(folder / "dogs" / "c.png")
    assert moving.undo(row.id, ignore) == {"left": 2, "stuck": 1}
    assert (folder / "dogs" / "c.png").is_file()


def test_no_folder_is_made_or_removed_behind_a_link(take_in, tmp_path):
    pets, folder = take_in("cats/tabby/a.png", "dogs/b.png")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    decide(pets, "a.png", "relabel", "dogs")
    row = plan(pets)
    [(_, target, _, _)] = journal(row)
    (folder / "dogs" / "b.png").unlink()
    (folder / "dogs").rmdir()
    (folder / "dogs").symlink_to(elsewhere)
    moving.carry_out(row.id, ignore)
    assert target == "dogs/tabby/a.png"
    assert journal(row) == [("cats/tabby/a.png", target, "left", moving.IN_THE_WAY)]
    assert list(elsewhere.iterdir()) == []


def test_files_of_a_project_from_before_they_were_remembered_are_found_by_their_content(take_in):
    pets, folder = take_in(*PETS)
    with writing() as session:
        session.execute(delete(SourceFile))
    (folder / "cats" / "a.png").rename(folder / "cats" / "renamed.png")
    decide(pets, "a.png", "relabel", "dogs")
    assert journal(plan(pets, folder)) == [("cats/renamed.png", "dogs/renamed.png", "waits", None)]


def test_every_copy_of_a_picture_follows_it(take_in):
    pets, folder = take_in("cats/a.png", "cats/b.png", "dogs/c.png")
    (folder / "cats" / "copy.png").write_bytes((folder / "cats" / "a.png").read_bytes())
    import_folder(pets, folder, "Ada", ignore)
    decide(pets, "a.png", "delete")
    assert sorted(source for source, *_ in journal(plan(pets))) == ["cats/a.png", "cats/copy.png"]


def test_a_preview_of_an_older_version_is_not_carried_out(take_in):
    pets, folder = take_in(*PETS)
    before = tree(folder)
    decide(pets, "a.png", "relabel", "dogs")
    row = plan(pets)
    decide(pets, "b.png", "relabel", "dogs")
    with pytest.raises(Conflict, match="moved on from version 2"):
        moving.carry_out(row.id, ignore)
    assert tree(folder) == before
    newer = plan(pets)
    assert write_backs.find(row.id).state == "dropped"
    with pytest.raises(Conflict, match="not waiting"):
        moving.carry_out(row.id, ignore)
    assert moving.carry_out(newer.id, ignore) == {"done": 2}


def test_a_project_without_a_folder_and_linked_folders_are_refused_in_a_sentence(take_in, small_project, home):
    with pytest.raises(BadInput, match="^pets's pictures did not come from a folder on this machine, so there is none"):
        folders.choose(small_project.id)
    with writing() as session:
        session.get_one(Project, small_project.id).name = "digits"
    pets, folder = take_in(*PETS)
    linked = projects.create_project("linked")
    import_folder(linked, folder, "Ada", ignore, is_linked=True)
    with pytest.raises(
        BadInput, match=r"linked's pictures are read where they lie \(linked\), so Curate does not move"
    ):
        folders.choose(linked)
    with pytest.raises(BadInput, match="The project linked reads pictures of .* where they lie"):
        folders.choose(pets)
    assert linked_files.look(linked).n_missing == 0
    with pytest.raises(BadInput, match="Curate's own data"):
        folders.choose(pets, str(home))


def test_a_folder_that_is_gone_is_said_to_be(take_in):
    pets, folder = take_in(*PETS)
    decide(pets, "a.png", "delete")
    row = plan(pets)
    folder.rename(folder.with_name("moved"))
    with pytest.raises(BadInput, match="is not there"):
        folders.choose(pets)
    with pytest.raises(BadInput, match="is not there"):
        moving.carry_out(row.id, ignore)
    assert write_backs.count_states(row.id) == {"waits": 1}


def test_a_rename_never_replaces_a_file(tmp_path, monkeypatch):
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    with pytest.raises(FileExistsError):
        moving.rename_to_free(tmp_path / "a", tmp_path / "b")
    monkeypatch.setattr(moving.ctypes, "CDLL", lambda *_, **__: object())  # as on a system without renameat2
    with pytest.raises(FileExistsError):
        moving.rename_to_free(tmp_path / "a", tmp_path / "b")
    moving.rename_to_free(tmp_path / "a", tmp_path / "c")
    assert {path.name: path.read_text() for path in tmp_path.iterdir() if path.is_file()} == {"b": "b", "c": "a"}


def test_labels_whose_folders_would_be_named_alike_keep_apart_and_are_known_again(take_in):
    pets, folder = take_in(*PETS)
    for name, label in (("a.png", "AC/DC"), ("b.png", "AC:DC"), ("d.png", "what?")):
        decide(pets, name, "relabel", label)
    moving.carry_out(plan(pets).id, ignore)
    assert sorted(tree(folder)) == ["AC_DC/a.png", "AC_DC~2/b.png", "cats/c.png", "dogs/e.png", "what_/d.png"]
    decide(pets, "e.png", "relabel", "AC:DC")  # its folder is there already
    moving.carry_out(plan(pets).id, ignore)
    assert sorted(tree(folder)) == ["AC_DC/a.png", "AC_DC~2/b.png", "AC_DC~2/e.png", "cats/c.png", "what_/d.png"]
    known = [label.name for label in projects.labels(pets)]
    assert import_folder(pets, folder, "Ada", ignore).n_added == 0
    assert [label.name for label in projects.labels(pets)] == known


def test_labels_given_and_taken_off_move_files_into_their_folders_and_back(tmp_path, picture):
    folder = tmp_path / "pets"
    for seed, path in enumerate(("cats/a.png", "b.png", "unlabelled/deep/c.png")):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(picture(seed))
    pets = projects.create_project("pets")
    import_folder(pets, folder, "Ada", ignore, choices=LabelChoices(takes_unlabelled=True))
    before = tree(folder)
    decide(pets, ["b.png", "c.png"], "relabel", "cats")
    op = Op(1, (images.find_image(pets, "a.png").id,), "relabel", projects.ensure_unlabelled_id(pets))
    decisions.decide(pets, "Ada", [op], "test-off")
    apply.apply(pets, "Ada")
    row = plan(pets)
    moving.carry_out(row.id, ignore)
    assert sorted(tree(folder)) == ["cats/b.png", "cats/deep/c.png", "unlabelled/a.png"]
    decide(pets, "b.png", "relabel", "dogs")
    second = plan(pets)
    moving.carry_out(second.id, ignore)
    assert "dogs/b.png" in tree(folder)
    moving.undo(second.id, ignore)
    moving.undo(row.id, ignore)
    assert tree(folder) == before

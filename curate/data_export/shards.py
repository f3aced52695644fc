"""Exports in files of many images each: planned once, written one by one, so that one that breaks off goes on."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from curate.data_export.picture_files import facts_of
from curate.data_export.target import Target
from curate.data_export.tree import Step, Written
from curate.data_export.version_images import ExportedImage, ProjectVersion, images, pages

SPLITS = {"train": "train", "valid": "validation"}  # ours, and the word that most tools know
MAX_IMAGES, MAX_BYTES = 10_000, 1_000_000_000  # in a file


@dataclass(frozen=True)
class Shard:
    """The images of one file: those of a split with ids over `after` up to `until`; file `number`, from 0, of `of`."""

    split: str
    number: int
    of: int
    after: int
    until: int
    n_images: int


# Writes a shard's images to a path and lists in `Written` what it left out; yields after each image.
WriteShard = Callable[[Path, Iterator[ExportedImage], Written], Iterator[None]]


def write_shards(
    version: ProjectVersion, target: Target, name_of: Callable[[Shard], str], write: WriteShard, on_step: Step
) -> Written:
    """Write every shard that is not there yet; name_of: its path below the target."""
    on_step(0, version.n_images, "Planning files")
    written, done = Written(), target.manifest.fact("done") or {}
    for shard in _stored_plan(version, target):
        name, path = name_of(shard), target.place(name_of(shard))
        if name not in done:
            one = Written()
            fresh = path.with_name(f".{path.name}")
            try:
                for _ in write(fresh, images(version, shard.split, shard.after, shard.until), one):
                    one.n_added += 1
                    on_step(written.n_images + one.n_added, version.n_images, "Writing pictures")
                fresh.replace(path)
            finally:
                fresh.unlink(missing_ok=True)
            target.manifest.store_extra(name, *facts_of(path))
            done[name] = {"n_added": one.n_added, "n_left_out": one.n_left_out, "left_out": one.left_out}
            target.manifest.set_facts(done=done)
            target.manifest.commit()
        _add(written, Written(**done[name]))
    return written


def _add(written: Written, one: Written) -> None:
    written.n_added += one.n_added
    written.n_images += one.n_added
    for file, why in one.left_out:
        written.leave_out(file, why)
    written.n_left_out += one.n_left_out - len(one.left_out)


def _stored_plan(version: ProjectVersion, target: Target) -> list[Shard]:
    """The plan of the pass that broke off, else a new one."""
    plan: list[dict[str, object]] | None = target.manifest.fact("plan")
    if plan is None:
        plan = [asdict(shard) for split in SPLITS for shard in plan_shards(version, split)]
        target.manifest.set_facts(plan=plan)
        target.manifest.commit()
    return [Shard(**each) for each in plan]  # type: ignore[arg-type]


def plan_shards(version: ProjectVersion, split: str) -> list[Shard]:
    """Returns the shards of a split; a file holds at least one image, whatever its size."""
    parts: list[list[int]] = []  # [after, until, images]
    n_bytes, after = 0, 0
    for page in pages(version, split):
        for image in page:
            if not parts or parts[-1][2] >= MAX_IMAGES or n_bytes + image.n_bytes > MAX_BYTES:
                parts.append([after, image.id, 0])
                n_bytes = 0
            parts[-1][1], after = image.id, image.id
            parts[-1][2] += 1
            n_bytes += image.n_bytes
    return [Shard(split, number, len(parts), *part) for number, part in enumerate(parts)]

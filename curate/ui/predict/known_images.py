"""Which pictures of a tray the project has already: recognised by their bytes."""

from collections.abc import Sequence

from curate.catalog import images, projects


def labels(project_id: int, shas: Sequence[str]) -> dict[str, str]:
    """{SHA-256: label} of those that the project has; the names of two labels are joined."""
    image_of = images.showing(project_id, sorted({sha for sha in shas if sha}))
    names = projects.label_names(project_id, with_unlabelled=True)
    rows = {row.id: row for row in images.image_rows(list(image_of.values()))}
    return {sha: names.get(rows[image_id].label_id, "?") for sha, image_id in image_of.items() if image_id in rows}

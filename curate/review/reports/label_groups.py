"""Label groups of a project: coarse labels, such as *animals*, that fold its confusion matrix."""

from collections.abc import Mapping

from sqlalchemy import delete, insert, select

from curate.catalog import projects
from curate.catalog.database import reading, writing
from curate.catalog.projects import clean_name
from curate.catalog.tables.labels import LabelGroup


def label_groups(project_id: int) -> dict[int, str]:
    """Returns {label id: name of its group}; labels without a group are left out."""
    query = select(LabelGroup.label_id, LabelGroup.name).where(LabelGroup.project_id == project_id)
    with reading() as session:
        return {row.label_id: row.name for row in session.execute(query.order_by(LabelGroup.label_id))}


def set_label_groups(project_id: int, groups: Mapping[int, str]) -> None:
    """Replace the project's groups; blank names and labels of other projects are left out. Raises BadInput."""
    known = {label.id for label in projects.labels(project_id)}
    rows = [
        {"label_id": label_id, "project_id": project_id, "name": clean_name(name, "label group")}
        for label_id, name in groups.items()
        if label_id in known and name.strip()
    ]
    with writing(project_id) as session:
        session.execute(delete(LabelGroup).where(LabelGroup.project_id == project_id))
        if rows:
            session.execute(insert(LabelGroup), rows)

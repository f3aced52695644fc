"""The table of label groups: coarse labels that fold a large confusion matrix."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from curate.catalog.tables.core import Base


class LabelGroup(Base):
    """The group of a label, by its name; labels without a group have no row."""

    __tablename__ = "label_group"
    label_id: Mapped[int] = mapped_column(ForeignKey("label.id"), primary_key=True, autoincrement=False)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    name: Mapped[str] = mapped_column(String(300))

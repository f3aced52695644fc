"""What is asked of an export, whatever its format."""

from dataclasses import dataclass, replace
from pathlib import Path

from curate.data_export import attribution, data_card
from curate.data_export.data_card import ErrorsLeft
from curate.data_export.target import WriteList
from curate.data_export.version_images import ProjectVersion

ATTRIBUTION, CARD = "ATTRIBUTION.md", "README.md"


@dataclass(frozen=True)
class Order:
    """The version to export and what goes along.

    has_card, has_attribution: the data card, and the list of sources and licences. errors_left: for the card, None =
    not known. run_id: whose held-out probabilities are wanted, None = no run. is_for_spreadsheet: see `image_table`.
    with_unlabelled: images without a label go along, where the format has a place for them.
    """

    version: ProjectVersion
    has_card: bool = True
    has_attribution: bool = True
    is_for_spreadsheet: bool = False
    errors_left: ErrorsLeft | None = None
    run_id: int | None = None
    with_unlabelled: bool = False

    @property
    def everything(self) -> ProjectVersion:
        """The version with its unlabelled images, if they go along."""
        return replace(self.version, with_unlabelled=self.with_unlabelled)

    def extras(self, usage: str) -> dict[str, WriteList]:
        """{file name: what writes it} of all that goes along.  usage: how to open the export, in Markdown."""
        writers: dict[str, WriteList] = {CARD: lambda path: self._write_readme(path, usage)}
        if self.has_attribution:
            writers[ATTRIBUTION] = lambda path: attribution.write_markdown(path, self.everything)
        return writers

    def _write_readme(self, path: Path, usage: str) -> None:
        title = data_card.title(self.version)
        card = (self.version, self.errors_left, usage, self.with_unlabelled)
        text = data_card.text(*card) if self.has_card else f"{title}\n\n{usage}\n"
        path.write_text(text, encoding="utf-8", errors="backslashreplace")

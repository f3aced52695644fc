"""What is exported: the version, the format, what goes along, and where to."""

from dataclasses import replace
from pathlib import Path

import streamlit as st

from curate.catalog import runs, versions
from curate.catalog.projects import ProjectSummary
from curate.catalog.versions import VersionRow
from curate.data_export import target, version_images
from curate.data_export.formats import FORMATS, Format
from curate.data_export.version_images import ProjectVersion
from curate.errors import BadInput
from curate.jobs.submit import export
from curate.jobs.submit.export import Extras
from curate.ui.rendering import formatting
from curate.ui.shell import guards, identity, query_params, run_picker

HERE, FOLDER = "Download", "Folder on the server"
_VERSION, _FORMAT = "version", "format"  # in the address


def show_form(project: ProjectSummary) -> None:
    """Draws the form and its button, which submits the export."""
    with st.container(border=True):
        left, right = st.columns([3, 2], gap="large")
        with left:
            name = _choose_format()
        with right, guards.shown_errors():
            version = version_images.find_version(project.id, _choose_version(project))
            extras = _choose_extras(project, name)
            extras = replace(extras, unlabelled=_choose_unlabelled(version, FORMATS[name]))
            to, is_usable = _choose_place(version, name)
            if st.button(
                f"Export {_amount(version, FORMATS[name])}", key="export", type="primary",
                icon=":material/ios_share:", disabled=not is_usable,
            ):  # fmt: skip
                export.start(project.id, name, version.row.number, to, extras, identity.reviewer())
                st.rerun()


def _choose_unlabelled(version: ProjectVersion, kind: Format) -> bool:
    """Returns whether pictures without a label go along; shows the choice, or that they do not."""
    n = version.row.n_unlabelled
    pictures = formatting.counted(n, "picture")
    if n and kind.takes_unlabelled:
        return st.checkbox(
            f"{pictures} without a label", key="export_unlabelled",
            help="In the folder `unlabelled`, beside `train` and `valid`. They stay out of labels.csv.",
        )  # fmt: skip
    if n:
        st.caption(f"{pictures} without a label {'stays' if n == 1 else 'stay'} out.")
    return False


def _amount(version: ProjectVersion, kind: Format) -> str:
    return formatting.counted(version.n_images, "picture") if kind.has_pictures else kind.title


def _choose_format() -> str:
    known = query_params.read_option(_FORMAT, tuple(FORMATS), "zip")
    return str(
        st.radio(
            "Format", list(FORMATS), key="export_format", format_func=lambda name: FORMATS[name].title,
            captions=[kind.note for kind in FORMATS.values()],
            on_change=query_params.bind("export_format", _FORMAT, known),
        )
    )  # fmt: skip


def _choose_version(project: ProjectSummary) -> int:
    rows = {row.number: row for row in versions.list_versions(project.id) if _n_images(row)}
    known = query_params.read_option(_VERSION, list(rows), next(iter(rows)))
    return int(
        st.selectbox(
            "Version", list(rows), key="export_version", format_func=lambda number: _in_short(rows[number]),
            on_change=query_params.bind("export_version", _VERSION, known),
            help="Every version can be exported, as its labels were.",
        )
    )  # fmt: skip


def _n_images(row: VersionRow) -> int:
    return sum(sum(n.values()) for n in row.counts.values())


def _in_short(row: VersionRow) -> str:
    newest = " (newest)" if row.is_head else ""
    message = f" · {formatting.shorten(row.message, 40)}" if row.message else ""
    return f"Version {row.number}{newest} · {formatting.counted(_n_images(row), 'picture')}{message}"


def _choose_extras(project: ProjectSummary, name: str) -> Extras:
    kind, run_id = FORMATS[name], None
    if name == "cleanlab" and runs.list_runs(project.id, only_done=True):
        finished = run_picker.finished_runs(project)
        run_id = run_picker.choose(finished, label="Whose probabilities", purpose="review").id
    card = attribution = spreadsheet = False
    if kind.takes_extras or kind.has_table:
        st.markdown(":small[What goes along]")
    if kind.takes_extras:
        card = st.checkbox(
            "Data card", value=True, key="export_card",
            help="README.md: counts, sources, licences, how the labels were cleaned, wrong labels left where known.",
        )  # fmt: skip
        attribution = st.checkbox("Sources and licences", value=True, key="export_attribution")
    if kind.has_table:
        spreadsheet = st.checkbox(
            "For a spreadsheet", key="export_spreadsheet",
            help="Puts an apostrophe before the cells of the table that a spreadsheet would run as formulas.",
        )  # fmt: skip
    return Extras(card, attribution, spreadsheet, run_id)


def _choose_place(version: ProjectVersion, name: str) -> tuple[Path | None, bool]:
    """(the folder, None = for a download; whether it can be used)."""
    where = st.segmented_control("Where to", [HERE, FOLDER], key="export_where", default=HERE, required=True)
    if where != FOLDER:
        return None, True
    typed = st.text_input(
        "Folder", key="export_folder", placeholder="/data/exports/pets",
        help="A full path on the machine that Curate runs on. Nothing that lies there is written over.",
    )  # fmt: skip
    if not typed.strip():
        return None, False
    try:
        path = export.check_place(version, name, Path(typed.strip()))
    except BadInput as error:
        guards.show_error(error)
        return None, False
    if FORMATS[name].follows and (number := target.check_following(path, version, name)):
        st.caption(f"Version {number} was exported there: only what changed since is written.")
    return Path(typed.strip()), True

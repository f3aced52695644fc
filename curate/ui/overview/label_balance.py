"""Labels with too few images, with links to get more; and the attribution list."""

from functools import lru_cache

import streamlit as st

from curate import settings
from curate.catalog import attribution, projects
from curate.catalog.balance import FEWEST_TO_TRAIN, Shortage, shortages
from curate.catalog.projects import LabelRow, ProjectSummary
from curate.ui.gather import search_form
from curate.ui.rendering import formatting
from curate.ui.rendering.image_urls import base_path
from curate.ui.shell import navigation

MORE = 50
MOST_SHOWN = 8
_ICONS = {"train": ":red[:material/error:]", "valid": ":orange[:material/warning:]", "few": ":material/balance:"}


def show_balance(project: ProjectSummary) -> None:
    """Show the labels that are short, and the attribution list; nothing for an empty project."""
    if not project.n_images:
        return
    with st.grid(2, min_column_width=360, gap="large"):
        with st.container():
            _show_balance(project)
        with st.container():
            _show_licences(project)


def _show_balance(project: ProjectSummary) -> None:
    labels = projects.labels(project.id)
    short_ones = shortages([(label.n_train, label.n_valid) for label in labels])
    st.subheader("Balance", anchor=False)
    if not short_ones:
        st.markdown(":green[:material/check_circle:] Every label has enough to train and to validate.")
        smallest = min(
            (label for label in labels if label.n_train + label.n_valid),
            key=lambda label: label.n_train + label.n_valid,
        )
        _link(smallest)
        return
    for short in short_ones[:MOST_SHOWN]:
        _show_shortage(labels[short.place], short)
    if len(short_ones) > MOST_SHOWN:
        st.caption(f"and {formatting.counted(len(short_ones) - MOST_SHOWN, 'label')} more")


def _show_shortage(label: LabelRow, short: Shortage) -> None:
    name, n = formatting.plain(label.name, 40), label.n_train + label.n_valid
    sentences = {
        "train": f"**{name}** has {formatting.counted(label.n_train, 'image')} to train on; training needs at least "
        f"{FEWEST_TO_TRAIN} of each label.",
        "valid": f"**{name}** has none held out for validation: nobody will know how well it is recognised.",
        "few": f"**{name}** has {formatting.counted(n, 'image')}, a quarter of what labels have here or less.",
    }
    with st.container(gap="xxsmall"):
        st.markdown(f"{_ICONS[short.kind]} {sentences[short.kind]}")
        _link(label)


def _link(label: LabelRow) -> None:
    query = {search_form.MORE_OF: label.name, search_form.MORE: str(MORE)}
    navigation.link("gather", f"Gather {MORE} more of {formatting.plain(label.name, 30)}", query)


def _show_licences(project: ProjectSummary) -> None:
    st.subheader("Whose pictures", anchor=False)
    counts = dict(_count(settings.database_url(), project.id, project.version_number))
    unknown = counts.pop("", 0)
    parts = [f"{n:,} under {formatting.plain(licence, 40)}" for licence, n in list(counts.items())[:MOST_SHOWN]]
    parts += [f"{len(counts) - MOST_SHOWN:,} more licences"] if len(counts) > MOST_SHOWN else []
    parts += [f"{unknown:,} whose licence is not known"] if unknown else []
    st.markdown(" · ".join(parts))
    with st.container(horizontal=True, gap="xsmall"):
        for kind, title in (("md", "Attribution as Markdown"), ("csv", "Attribution as CSV")):
            address = f"{base_path()}/api/projects/{project.id}/attribution.{kind}"
            st.link_button(title, address, icon=":material/download:")


@lru_cache(maxsize=200)  # licences change with a version only; counting a million takes seconds
def _count(_database: str, project_id: int, _version: int) -> tuple[tuple[str, int], ...]:
    return tuple(attribution.count_licences(project_id).items())

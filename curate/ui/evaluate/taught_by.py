"""Which training pictures taught the run its answer for one picture, and what relabelling one of them would change."""

import streamlit as st

from curate.catalog import projects
from curate.catalog.projects import LabelRow, ProjectSummary
from curate.catalog.runs import RunRow
from curate.embeddings.embed import Recipe, recipe_of
from curate.evaluation import per_cent
from curate.evaluation.levels import Levels
from curate.jobs.submit import quick_look
from curate.review.listing import pages, selections
from curate.review.listing.pages import Item
from curate.review.listing.views import View
from curate.review.reports.evaluated import Evaluated
from curate.review.reports.taught_by import TaughtBy, Teacher, find_teachers
from curate.training.settings.config import TrainConfig
from curate.ui.components import cards
from curate.ui.evaluate import choice as choices
from curate.ui.evaluate.choice import Choice
from curate.ui.rendering import formatting
from curate.ui.review import view_url
from curate.ui.shell import identity, navigation, query_params

PICTURE = "picture"  # image id in the address
N_OFFERED = 12
_EXACT = "Exact: the score of this quick look is a sum over its {n:,} training pictures."
_STAND_IN = (
    "This run's own sum is not known: a kernel model on the embeddings of {network} stands in for it, fitted on {n:,} "
    "of its training pictures."
)


def show_teachers(project: ProjectSummary, evaluated: Evaluated, levels: Levels, choice: Choice) -> None:
    """Show the chosen pictures to pick one of, and the training pictures behind its answer."""
    view = choices.find_view(evaluated, levels, choice)
    items = pages.find_page(view, size=N_OFFERED).items if view else []
    if not items:
        st.caption("There is no picture to ask about.")
        return
    item = _choose_item(items)
    names = {label.id: label for label in projects.labels(project.id)}
    with st.spinner("Adding up …"):
        taught = find_teachers(evaluated.run, recipe_for(evaluated.run, project.id), item.sha, item.trained_label_id)
    if taught is None:
        st.info("The embeddings of these pictures are missing; a quick look of this project computes them.")
        return
    _show(project, evaluated.run, item, taught, names)


def recipe_for(run: RunRow, project_id: int) -> Recipe:
    """Returns the recipe of a quick look's own embeddings; for other runs that of the project's newest quick look."""
    is_quick = run.config.get("method") == "quick_look"
    return recipe_of(TrainConfig.from_json(run.config) if is_quick else quick_look.usual(project_id))


def describe(taught: TaughtBy, names: dict[int, LabelRow]) -> str:
    """Returns a sentence with the answer for the picture. Plain text."""
    predicted, label = (_name(names, label_id) for label_id in (taught.predicted_id, taught.label_id))
    return f"{predicted} {per_cent(taught.p_predicted)}, {label} {per_cent(taught.p_label)}."


def describe_relabelled(teacher: Teacher, names: dict[int, LabelRow], own: str) -> str:
    """Returns what the answer becomes when the training picture is relabelled. Plain text."""
    answer = _name(names, teacher.after_label_id)
    new = _name(names, teacher.new_label_id)
    return f"were it labelled {new}, the answer would be {answer}, with {per_cent(teacher.after)} for {own}"


def _choose_item(items: list[Item]) -> Item:
    st.caption("Click a picture to see what taught the model its answer; these are the first of the list on the page.")
    made = [cards.Card(item.sha, formatting.shorten(item.file_name, 80)) for item in items]
    clicked = cards.show_clickable(made, "taught_pictures", 64)
    chosen = query_params.read_number(PICTURE)
    ids = [item.image_id for item in items]
    if clicked is not None and clicked < len(ids) and ids[clicked] != chosen:
        query_params.write(**{PICTURE: ids[clicked]})
        return items[clicked]
    return items[ids.index(chosen)] if chosen in ids else items[0]


def _show(project: ProjectSummary, run: RunRow, item: Item, taught: TaughtBy, names: dict[int, LabelRow]) -> None:
    own = _name(names, item.trained_label_id)
    card = cards.Card(
        item.sha,
        item.file_name,
        (cards.tag(names.get(item.trained_label_id)), cards.tag(names.get(taught.predicted_id))),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width=150):
            cards.show([card], "taught_picture", 120)
        with st.container():
            st.markdown(f"**{formatting.plain(describe(taught, names), 300)}**")
            basis = (_EXACT if taught.is_exact else _STAND_IN).format(n=taught.n, network=taught.network)
            st.caption(formatting.plain(basis, 400))
    rivals = taught.predicted_id, taught.label_id
    predicted, label = (formatting.plain(_name(names, label_id), 60) for label_id in rivals)
    for key, title, teachers in (
        ("towards", f"Pulled hardest towards {predicted}", taught.towards),
        ("against", f"Pulled hardest towards {label}", taught.against),
    ):
        st.markdown(f"**{title}**")
        cards.show([_card(teacher, names, own) for teacher in teachers], f"taught_{key}", 118)
    _offer_review(project, run, [teacher.image_id for teacher in taught.towards + taught.against])


def _card(teacher: Teacher, names: dict[int, LabelRow], own: str) -> cards.Card:
    relabelled = describe_relabelled(teacher, names, own)
    caption = f"{formatting.shorten(teacher.file_name, 80)}: pull {teacher.pull:+.3f}; {relabelled}."
    new = _name(names, teacher.new_label_id)
    lines = (
        f"pull {teacher.pull:+.3f}".replace("-", "−"),
        f"were it {new}:",
        f"{per_cent(teacher.after)} {own}",
    )
    return cards.Card(teacher.sha, caption, (cards.tag(names.get(teacher.label_id)),), lines=lines)


def _offer_review(project: ProjectSummary, run: RunRow, image_ids: list[int]) -> None:
    """Offer to decide on the training pictures: stored as a selection when the button is pressed."""
    if image_ids and st.button(f"Review these {len(image_ids)}", key="review_teachers", icon=":material/checklist:"):
        picked_id = selections.keep(project.id, image_ids, f"Taught {run.name}", identity.reviewer())
        navigation.go("curate", view_url.of(View(run.id, "loss", picked_id=picked_id)))


def _name(names: dict[int, LabelRow], label_id: int) -> str:
    return formatting.in_sentence(names[label_id].name) if label_id in names else "?"

"""What can be chosen about a training; it begins with what the last run used, so that retraining is one click."""

import streamlit as st

from curate import settings
from curate.catalog import runs
from curate.catalog.projects import ProjectSummary
from curate.errors import BadInput
from curate.training import architectures
from curate.training.config import AUGMENTS, RESIZES, SAMPLE, TrainConfig
from curate.ui import guards, words

_FILLED_FOR = "train_form_filled_for"  # (project, run) whose settings the widgets hold
_KEYS = {
    "architecture": "train_architecture",
    "pretrained": "train_pretrained",
    "size_px": "train_size",
    "resize": "train_resize",
    "augment": "train_augment",
    "epochs": "train_epochs",
    "frozen_epochs": "train_frozen",
    "batch_size": "train_batch",
    "seed": "train_seed",
}


def first_config(project: ProjectSummary) -> TrainConfig:
    """The settings to begin with: the last finished run's, the sample's own, else those for a first try."""
    finished = runs.list_runs(project.id, only_done=True)
    if finished:
        return TrainConfig.from_json(finished[0].config)
    if project.is_sample:
        return SAMPLE
    ready = [row.name for row in architectures.ARCHITECTURES if architectures.weights_at_hand(row.name)]
    return TrainConfig(architecture=ready[0]) if ready else TrainConfig()


def button_words(project: ProjectSummary) -> str:
    """What the start button says: the first training, once more, or once more on a new version."""
    finished = runs.list_runs(project.id, only_done=True)
    if not finished:
        return "Start training"
    if finished[0].version_number < project.version_number:
        return f"Retrain on version {project.version_number}"
    return "Train again"


def use_settings(config: TrainConfig) -> None:
    """Fill the form with these settings; call it before the form is shown."""
    for name, key in _KEYS.items():
        st.session_state[key] = getattr(config, name)
    st.session_state["train_auto_rate"] = config.learning_rate is None
    st.session_state["train_rate"] = config.learning_rate or 2e-3


def show(project: ProjectSummary) -> TrainConfig | None:
    """The form; the settings it holds, or None while something in it cannot be used (it says what)."""
    _fill(project)
    with st.container(border=True):
        _ask_network()
        _ask_time()
        with st.expander("Everything else", icon=":material/tune:"):
            _ask_rest()
    try:
        return _read().validated()
    except BadInput as error:
        guards.show_error(error)
        return None


def _fill(project: ProjectSummary) -> None:
    finished = runs.list_runs(project.id, only_done=True)
    source = (project.id, finished[0].id if finished else 0)
    # Widget values vanish when another page is visited: then, too, the form begins with the last run's settings.
    if st.session_state.get(_FILLED_FOR) != source or "train_architecture" not in st.session_state:
        use_settings(first_config(project))
        st.session_state[_FILLED_FOR] = source


def _ask_network() -> None:
    left, right = st.columns([3, 2])
    with left:
        st.selectbox(
            "Architecture",
            [row.name for row in architectures.ARCHITECTURES],
            key=_KEYS["architecture"],
            format_func=_option,
            help="The kind of network that learns. Small ones are quick; large ones want a GPU and more pictures.",
        )
    chosen = architectures.find(st.session_state[_KEYS["architecture"]])
    can_be = architectures.may_be_pretrained(chosen)
    if not can_be:
        st.session_state[_KEYS["pretrained"]] = False
    with right:
        st.toggle(
            "Start from pretrained weights",
            key=_KEYS["pretrained"],
            disabled=not can_be,
            help="Weights learnt on ImageNet's million photos: for photos nearly always better and much quicker.",
        )
        st.caption(_weights_words(chosen))
    st.caption(words.plain(chosen.words))


def _ask_time() -> None:
    size, epochs, frozen = st.columns(3)
    size.number_input(
        "Image size (px)", 16, 1024, step=16, key=_KEYS["size_px"],
        help="Pictures are brought to squares of this side. Larger sees more detail and takes longer (squared).",
    )  # fmt: skip
    epochs.number_input(
        "Epochs", 0, 1000, key=_KEYS["epochs"], help="How often the whole network sees every training picture."
    )
    frozen.number_input(
        "Frozen epochs", 0, 1000, key=_KEYS["frozen_epochs"], disabled=not st.session_state[_KEYS["pretrained"]],
        help="Epochs before those in which only the new last layers learn; pretrained networks only.",
    )  # fmt: skip


def _ask_rest() -> None:
    left, right = st.columns(2)
    with left:
        st.radio("Resize", list(RESIZES), key=_KEYS["resize"], captions=list(RESIZES.values()), format_func=str.title)
        st.number_input(
            "Batch size", 2, 4096, key=_KEYS["batch_size"],
            help="Pictures learnt from at a time; halve it when memory runs out.",
        )  # fmt: skip
        st.number_input(
            "Seed", 0, 2**31 - 1, key=_KEYS["seed"], help="The same seed and settings give the same figures on a CPU."
        )
    with right:
        st.radio(
            "Augmentation", list(AUGMENTS), key=_KEYS["augment"], captions=list(AUGMENTS.values()),
            format_func=str.title, help="Random changes to training pictures, so that none is seen twice alike.",
        )  # fmt: skip
        st.toggle("Find the learning rate", key="train_auto_rate", help="fastai's learning-rate finder (valley).")
        if not st.session_state["train_auto_rate"]:
            st.number_input(
                "Learning rate", 1e-6, 10.0, step=1e-4, format="%.6f", key="train_rate",
                help="How large the steps are. Too large: the loss explodes; too small: nothing is learnt.",
            )  # fmt: skip


def _read() -> TrainConfig:
    chosen = {name: st.session_state[key] for name, key in _KEYS.items()}
    rate = None if st.session_state["train_auto_rate"] else st.session_state.get("train_rate", 2e-3)
    return TrainConfig(**chosen, learning_rate=rate)


def _option(name: str) -> str:
    row = architectures.find(name)
    return f"{name} · {row.parameters_m:g} million parameters · {row.size_mb:g} MB"


def _weights_words(chosen: architectures.Architecture) -> str:
    if architectures.weights_at_hand(chosen.name):
        return "Its weights are on this machine."
    if not architectures.may_be_pretrained(chosen):
        return "There are no pretrained weights for it: it learns from scratch."
    place = "" if settings.weights_folder() else ", or set CURATE_WEIGHTS to a folder that has them"
    return (
        f"Its weights are not on this machine: training downloads {chosen.download_mb:g} MB first{place}. "
        "Without a network, turn this off to train from scratch."
    )

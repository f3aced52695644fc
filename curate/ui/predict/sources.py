"""Where pictures to predict come from: files, folders, zips, the clipboard, an address, the camera, the project."""

import streamlit as st

from curate.catalog import images
from curate.catalog.projects import ProjectSummary
from curate.gather import fetch_one
from curate.tray.answers import Answers
from curate.tray.pictures import Tray
from curate.ui.components import uploader
from curate.ui.predict import session
from curate.ui.shell import guards, query_params

_WAYS = {
    "address": ":material/link: Address",
    "camera": ":material/photo_camera: Camera",
    "project": ":material/photo_library: This project",
}

_FORGOTTEN = "Pictures are forgotten when this page is closed, unless you add them to the project."


def show(project: ProjectSummary, answers: Answers) -> None:
    """The field for files, and the other ways one at a time; what comes goes into the tray."""
    with st.container():  # so that what stands below keeps its place
        _show(project, answers.tray)


def _show(project: ProjectSummary, tray: Tray) -> None:
    upload, pasted = uploader.show_pasteable(f"predict_upload_{session.round_number()}")
    with guards.shown_errors():
        if upload:
            tray.add_upload(upload.folder, upload.kind, upload.names)
            _go_on()
        if pasted:
            _add_address(tray, pasted)
    with st.container(horizontal=True, vertical_alignment="center"):
        way = st.segmented_control(
            "Or from", list(_WAYS), format_func=_WAYS.__getitem__, key="predict_way", label_visibility="collapsed",
            width="content",
        )  # fmt: skip
        st.caption(_FORGOTTEN, width="content")
    with guards.shown_errors():
        if way == "address":
            _ask_address(tray)
        elif way == "camera":
            _ask_camera(tray)
        elif way == "project":
            _ask_project(project)
        _take_from_address_bar(project, tray)


def _go_on() -> None:
    session.close()
    session.empty_field()
    st.rerun()


def _ask_address(tray: Tray) -> None:
    with st.form(f"predict_address_form_{session.round_number()}", border=False):
        left, right = st.columns([4, 1], vertical_alignment="bottom")
        address = left.text_input("Address of a picture", key="predict_address", placeholder="https://…")
        is_asked = right.form_submit_button("Fetch", key="predict_fetch", width="stretch")
    if is_asked and address.strip():
        _add_address(tray, address)


def _add_address(tray: Tray, address: str) -> None:
    with st.spinner("Fetching the picture", show_time=True):
        data = fetch_one.fetch_one(address)
    tray.add_bytes(data, fetch_one.name_in(address), "address", address.strip())
    _go_on()


def _ask_camera(tray: Tray) -> None:
    photo = st.camera_input(
        "A photo", key=f"predict_camera_{session.round_number()}", label_visibility="collapsed", width=480
    )
    if photo:
        n = 1 + sum(picture.origin == "camera" for picture in tray.pictures)
        tray.add_bytes(photo.getvalue(), f"photo {n}.jpg", "camera")
        _go_on()


def _ask_project(project: ProjectSummary) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = st.text_input("Its number or file name", key="predict_image", placeholder="17, or dog/IMG_0042.jpg")
        is_random = st.button("A random one", key="predict_random")
    if is_random:
        query_params.write(**{session.IMAGE: images.random_image(project.id)})
    elif key.strip() and key != st.session_state.get("predict_image_taken"):
        st.session_state["predict_image_taken"] = key  # once: the picture can be closed while the field still names it
        query_params.write(**{session.IMAGE: images.find_image(project.id, key.strip()).id})


def _take_from_address_bar(project: ProjectSummary, tray: Tray) -> None:
    """`?image=17` is a link to the answer for that picture of the project."""
    if key := query_params.read_text(session.IMAGE):
        row = images.find_image(project.id, key)
        session.open_linked(tray.add_image(row.id, row.sha, row.file_name))

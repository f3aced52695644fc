"""Uploads of any size: the browser streams each file to the server's disk, never through memory.

The files go to `curate.server.uploads`, one request each; Python receives the finished upload.
"""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from curate.review import tokens
from curate.ui.rendering.image_urls import base_path
from curate.ui.shell import identity
from curate.ui.shell.urls import script_loader

_FOLDER = Path(__file__).parent
_UPLOADER = st.components.v2.component(
    "curate_uploader",
    html='<div class="uploader"></div>',
    css=(_FOLDER / "uploader.css").read_text(encoding="utf-8"),
    js=script_loader(_FOLDER / "uploader.js"),
)


@dataclass(frozen=True)
class Uploaded:
    """A finished upload.  kind: files, folder or zip.

    names: the original names of the files "0", "1", … in `folder`; for a folder with their paths.
    """

    folder: str
    kind: str
    names: list[str]


def show(key: str) -> Uploaded | None:
    """Show the buttons, then a progress bar; returns the upload since the last run, if any."""
    note = "or drop pictures, a folder or a zip here. Of any size: files go straight to the server's disk."
    return _mount(key, {"takes_paste": False, "note": note})[0]


def show_pasteable(key: str) -> tuple[Uploaded | None, str | None]:
    """Show the same; pictures may be pasted, too.

    Returns the upload and the text (an address) that was pasted, each if it came since the last run.
    """
    note = "or drop or paste pictures, a folder or a zip here."
    return _mount(key, {"takes_paste": True, "note": note})


def _mount(key: str, settings: dict[str, object]) -> tuple[Uploaded | None, str | None]:
    token, post_url = tokens.sign(identity.reviewer()), f"{base_path()}/api/uploads"
    data = {"token": token, "header": tokens.HEADER, "post_url": post_url, **settings}
    state = _UPLOADER(
        key=key, data=data,
        on_uploaded_change=lambda: None, on_again_change=lambda: None, on_pasted_change=lambda: None,
    )  # fmt: skip
    pasted, upload = state.pasted, state.uploaded
    if upload is None:
        return None, pasted and str(pasted)
    names = [str(name) for name in upload["names"]]
    return Uploaded(str(upload["upload"]), str(upload["kind"]), names), pasted and str(pasted)

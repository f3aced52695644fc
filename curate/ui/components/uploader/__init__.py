"""Uploads of any size: the browser streams each file to the server's disk; nobody holds it in memory.

The files go to `curate.server.uploads`, one request each; Python hears of the whole upload when it is there.
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
    """What was uploaded; kind: files, folder or zip; names: what people called the files "0", "1", … in `folder`, for
    a folder with the path in it."""

    folder: str
    kind: str
    names: list[str]


def show(key: str, has_label: bool) -> Uploaded | None:
    """The buttons to choose with, then a bar; what was uploaded since the last run, if anything.

    has_label: whether single files may be chosen, since there is a label to file them under.
    """
    token, post_url = tokens.sign(identity.reviewer()), f"{base_path()}/api/uploads"
    data = {"token": token, "header": tokens.HEADER, "post_url": post_url, "has_label": has_label}
    told = _UPLOADER(key=key, data=data, on_uploaded_change=lambda: None, on_again_change=lambda: None).uploaded
    if told is None:
        return None
    return Uploaded(str(told["upload"]), str(told["kind"]), [str(name) for name in told["names"]])

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


def show(key: str, has_label: bool) -> Uploaded | None:
    """Show the buttons, then a progress bar; returns the upload since the last run, if any.

    has_label: whether single files can be chosen, since a label for them is set.
    """
    token, post_url = tokens.sign(identity.reviewer()), f"{base_path()}/api/uploads"
    data = {"token": token, "header": tokens.HEADER, "post_url": post_url, "has_label": has_label}
    upload = _UPLOADER(key=key, data=data, on_uploaded_change=lambda: None, on_again_change=lambda: None).uploaded
    if upload is None:
        return None
    return Uploaded(str(upload["upload"]), str(upload["kind"]), [str(name) for name in upload["names"]])

"""Where the browser finds the pictures that our own routes serve."""

import streamlit as st


def base_path() -> str:
    """What stands before every address of ours: "" or, behind a proxy that says so, "/curate"."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def images_url() -> str:
    """What stands before /{sha}/thumb and /{sha}/view."""
    return f"{base_path()}/images"


def thumbnail_url(sha: str) -> str:
    """The address of a small picture."""
    return f"{images_url()}/{sha}/thumb"


def tray_url(name: str, number: int) -> str:
    """What stands before /thumb and /view of a picture in a visitor's tray."""
    return f"{base_path()}/trays/{name}/{number}"


def view_url(sha: str) -> str:
    """The address of a picture as large as a screen needs."""
    return f"{images_url()}/{sha}/view"

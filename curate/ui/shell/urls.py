"""Where the browser finds what routes of our own serve."""

from pathlib import Path

import streamlit as st

from curate import scripts


def base_path() -> str:
    """What stands before every address of ours: "" or, behind a proxy that says so, "/curate"."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def script_loader(name: str, folder: Path) -> str:
    """An ES module, for `st.components.v2.component`, that is what `main.js` in `folder` is: it fetches that, once for
    all reruns."""
    address = f"{base_path()}/scripts/{scripts.keep(name, scripts.bundle(folder, 'main'))}"
    # Streamlit runs it from a blob: address, to which no other is relative.
    return f'const {{ default: show }} = await import(new URL("{address}", location.origin));\nexport default show;\n'

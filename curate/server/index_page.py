"""Streamlit's index.html at the address of every page, with the server's address in it.

Without that address the browser looks for the server below the page's own address first (`/evaluate/_stcore/health`,
`/evaluate/_stcore/host-config`), and begins every visit with two answers of 404.
"""

import json
from functools import lru_cache
from pathlib import Path

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from streamlit import config, file_util

_SCRIPT = "<script>window.__streamlit = {BACKEND_BASE_URL: location.origin + PATH}</script>"


class PageNameConvertor(StringConvertor):
    """{name:page_name} in a route's path: a page's name, empty for the first page; never a file's name."""

    regex = "[a-z_]*"


register_url_convertor("page_name", PageNameConvertor())


def routes() -> list[Route]:
    """GET /{page}, and / for the first page, below the base path of a proxy."""
    return [Route(f"{_base_path()}/{{page:page_name}}", get_index)]


async def get_index(_request: Request) -> Response:
    """The page that loads Streamlit's browser part; it is asked for again at every visit."""
    return HTMLResponse(_index(_base_path()), headers={"Cache-Control": "no-cache"})


@lru_cache(maxsize=1)
def _index(base: str) -> str:
    html = Path(file_util.get_static_dir(), "index.html").read_text(encoding="utf-8")
    # JSON in a script element: "<" could end the element.
    script = _SCRIPT.replace("PATH", json.dumps(base).replace("<", "\\u003c"))
    return html.replace("<head>", f"<head>{script}", 1)


def _base_path() -> str:
    base = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""

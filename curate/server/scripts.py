"""GET /scripts/{version}/{path}: a module of the components' scripts, which a browser may keep for ever.

The version is the hash of all modules. A page that was open while the program was updated asks for an old one: it is
sent on to the module of today, whose relative imports then lead to modules of today as well.
"""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from curate import scripts

_HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
_PASSING = {"Cache-Control": "no-store"}


def routes() -> list[Route]:
    """GET /scripts/{version}/{path}."""
    return [Route("/scripts/{version}/{path:path}", get_script)]


async def get_script(request: Request) -> Response:
    """The module; a redirect from another version's; 404 for one that this version of the program has not."""
    path = request.path_params["path"]
    module = scripts.modules().get(path)
    if module is None:
        return PlainTextResponse("There is no such script.", 404, headers=_PASSING)
    if request.path_params["version"] != scripts.version():
        up = "../" * (path.count("/") + 1)  # relative: a proxy may put something before the path
        return RedirectResponse(f"{up}{scripts.version()}/{path}", 307, headers=_PASSING)
    return Response(module, media_type="text/javascript; charset=utf-8", headers=_HEADERS)

"""GET /scripts/{file}: the components' scripts. The address names the content, so a browser may keep it for ever."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from curate import scripts

_HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}


def routes() -> list[Route]:
    """GET /scripts/{file}."""
    return [Route("/scripts/{file}", get_script)]


async def get_script(request: Request) -> Response:
    """The script; 404 for one that this version of the program has not."""
    script = scripts.find(request.path_params["file"])
    if script is None:
        return PlainTextResponse("There is no such script.", 404, headers={"Cache-Control": "no-store"})
    return Response(script, media_type="text/javascript; charset=utf-8", headers=_HEADERS)

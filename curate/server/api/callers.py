"""Who sends a request to the API, and whether they may: by a token, or by anybody where names are typed anyway."""

from starlette.requests import Request

from curate import api_tokens
from curate.review import visitors
from curate.server.api.operations import Caller, Scope
from curate.server.api.problems import Forbidden, Unauthorized
from curate.server.gates.visitors import needs_login

NAME_HEADER = "X-Curate-Reviewer"  # the name of somebody without a token, typed as on the pages
NOBODY = "API"


def identify(request: Request, scope: Scope) -> Caller:
    """The caller. Raises Unauthorized without a valid token, where one is needed; Forbidden without the scope.

    Where nobody logs in, a token is not needed: whoever reaches the server can do everything on its pages. A token that
    is sent all the same has to be valid, and its scopes hold.
    """
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return _by_token(token.strip(), scope)
    if needs_login():
        raise Unauthorized("The API needs a token.", "Send `Authorization: Bearer curate_…`; the Team page makes one.")
    typed = request.headers.get(NAME_HEADER, "").encode("latin-1", "replace")
    address = request.client.host if request.client else ""
    return Caller(visitors.name_in_header(typed) or NOBODY, f"address {address}")


def _by_token(token: str, scope: Scope) -> Caller:
    row = api_tokens.find_token(token)
    if row is None:
        raise Unauthorized("This token is unknown, or was revoked.", "Make a new one on the Team page.")
    if scope not in row.scopes:
        raise Forbidden(f"The token {row.name!r:.80} lacks the scope `{scope}`.", "Make one that has it.")
    return Caller(row.owner, f"token {row.id}")

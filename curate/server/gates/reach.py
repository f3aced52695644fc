"""What the start says about who can reach the server, and what keeps others out."""

from streamlit.auth_util import get_secrets_auth_section
from streamlit.config import get_option

from curate import settings
from curate.server.gates import hosts


def who_can_reach() -> str:
    """Sentences on where the server listens, which names it answers to, and whether people have to log in."""
    address = get_option("server.address") or ""
    return f"Curate: {_listens(address)} {_names()} {_people(not hosts.is_loopback(address or '0.0.0.0'))}"


def _listens(address: str) -> str:
    if hosts.is_loopback(address):
        return f"only this machine reaches it ({address}). STREAMLIT_SERVER_ADDRESS=0.0.0.0 opens it to others."
    if address in ("", "0.0.0.0", "::"):
        return "every machine that reaches this one can open it (it listens on all addresses)."
    return f"every machine that reaches {address} can open it."


def _names() -> str:
    others = settings.hosts()
    if "*" in others:
        return "Host names are not checked (CURATE_HOSTS has *)."
    names = ", ".join([*sorted(hosts.own_names()), *others])
    return f"Host names are checked: {names}, and this machine's addresses."


def _people(is_open: bool) -> str:
    if settings.user_header():
        return f"People are known by the header {settings.user_header()}."
    if get_secrets_auth_section():
        return "People log in."
    warning = " Whoever reaches it can do everything, importing any folder it can read included." if is_open else ""
    return f"Nobody has to log in: names are typed.{warning}"

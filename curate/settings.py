"""Every setting, read from the environment at call time so that tests and tools can change it.

The table in README.md lists the same names; a test keeps the two alike.
"""

import ipaddress
import os
import secrets
from functools import lru_cache
from pathlib import Path

from curate.errors import BadInput

NAMES = (
    "CURATE_HOME",
    "CURATE_DATABASE_URL",
    "CURATE_SCHEDULER",
    "CURATE_WEIGHTS",
    "CURATE_STANDBY_MINUTES",
    "CURATE_SECRET",
    "CURATE_USER_HEADER",
    "CURATE_TRUSTED_PROXIES",
    "CURATE_HOSTS",
    "CURATE_MAX_PIXELS",
    "CURATE_MAX_UPLOAD_MB",
    "CURATE_ALLOW_HOSTS",
    "CURATE_OPENVERSE_URL",
    "CURATE_OPENVERSE_ID",
    "CURATE_OPENVERSE_SECRET",
)


def home() -> Path:
    """The folder in which all data lives, created when missing: CURATE_HOME, else ./curate-data."""
    return _made(os.environ.get("CURATE_HOME") or "curate-data", str(Path.cwd()))


@lru_cache(maxsize=8)
def _made(folder: str, _here: str) -> Path:
    """The folder's full path, made and worked out once: every picture and every query asks for it."""
    path = Path(folder).expanduser().resolve()
    path.mkdir(parents=True, exist_ok=True)
    return path


def database_url() -> str:
    """SQLAlchemy URL of the catalog: CURATE_DATABASE_URL, else SQLite inside `home()`."""
    return os.environ.get("CURATE_DATABASE_URL") or f"sqlite:///{home() / 'catalog.db'}"


def scheduler() -> str | None:
    """Address of a Dask scheduler (tcp://…) to use instead of the embedded one; None = embedded."""
    return os.environ.get("CURATE_SCHEDULER") or None


def weights_folder() -> Path | None:
    """Folder with pretrained state dicts named <architecture>.safetensors or .pth, looked in first; None = unset."""
    value = os.environ.get("CURATE_WEIGHTS")
    return Path(value).expanduser().resolve() if value else None


def standby_minutes() -> float:
    """For how long after a training was expected a process waits for it (`jobs.standby`), 0 = never:
    CURATE_STANDBY_MINUTES, else 10. Raises BadInput for what is no number."""
    given = os.environ.get("CURATE_STANDBY_MINUTES") or "10"
    try:
        return float(given)
    except ValueError as error:
        raise BadInput(f"CURATE_STANDBY_MINUTES is a number of minutes, not {given!r:.50}.") from error


def max_pixels() -> int:
    """Pictures with more pixels than this are refused (decompression bombs): CURATE_MAX_PIXELS, else 200 million."""
    return int(os.environ.get("CURATE_MAX_PIXELS") or 200_000_000)


def max_upload_bytes() -> int:
    """Largest body the streaming upload route takes: CURATE_MAX_UPLOAD_MB megabytes, else 20,000."""
    return int(os.environ.get("CURATE_MAX_UPLOAD_MB") or 20_000) * 1_000_000


def allowed_hosts() -> list[str]:
    """Hosts and networks that may be gathered from although they are not public: CURATE_ALLOW_HOSTS, by commas."""
    return [part.strip() for part in os.environ.get("CURATE_ALLOW_HOSTS", "").split(",") if part.strip()]


def openverse_url() -> str:
    """Where the Openverse API answers: CURATE_OPENVERSE_URL, else the public one; without a slash at the end."""
    return (os.environ.get("CURATE_OPENVERSE_URL") or "https://api.openverse.org").rstrip("/")


def openverse_client() -> tuple[str, str] | None:
    """(id, secret) of a client registered with Openverse: CURATE_OPENVERSE_ID and _SECRET; None = anonymous."""
    client, key = os.environ.get("CURATE_OPENVERSE_ID"), os.environ.get("CURATE_OPENVERSE_SECRET")
    return (client, key) if client and key else None


def user_header() -> str | None:
    """Lower-case name of the header in which a proxy says who the user is: CURATE_USER_HEADER; None = names are typed,
    or people log in."""
    return os.environ.get("CURATE_USER_HEADER", "").strip().lower() or None


def trusted_proxies() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Where that header is believed from: CURATE_TRUSTED_PROXIES, addresses or networks by commas, else this machine.

    Raises ValueError for what is neither.
    """
    written = os.environ.get("CURATE_TRUSTED_PROXIES") or "127.0.0.0/8,::1"
    return [ipaddress.ip_network(part.strip(), strict=False) for part in written.split(",") if part.strip()]


def hosts() -> list[str]:
    """Host names that the server answers to besides loopback and the machine's own: CURATE_HOSTS, by commas.

    In lower case. `*.example.org` stands for every name below; `*` for every name: nothing is checked then.
    """
    return [part.strip().lower().rstrip(".") for part in os.environ.get("CURATE_HOSTS", "").split(",") if part.strip()]


def secret() -> str:
    """Key that signs reviewer tokens: CURATE_SECRET, else one drawn once and kept in `home()` for all processes."""
    if os.environ.get("CURATE_SECRET"):
        return os.environ["CURATE_SECRET"]
    path = home() / "secret"
    if not path.exists():
        fresh = path.with_name(f"secret.{os.getpid()}")
        fresh.write_text(secrets.token_urlsafe(32))
        fresh.chmod(0o600)
        try:
            os.link(fresh, path)  # atomic: the first of several starting processes wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()

"""Every setting, validated by pydantic-settings and read from the environment at call time: tests can change it.

The table in README.md lists the same names; a test keeps the two alike.
"""

import ipaddress
import os
import secrets
import stat
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from curate.errors import BadInput

SECRET_BYTES = 32  # at least: what signs reviewer tokens must not be guessed


def _split(text: object) -> object:
    return [part.strip() for part in text.split(",") if part.strip()] if isinstance(text, str) else text


def _networks(parts: list[str]) -> list[str]:
    for part in parts:
        ipaddress.ip_network(part, strict=False)
    return parts


CommaSeparated = Annotated[list[str], NoDecode, BeforeValidator(_split)]
Networks = Annotated[CommaSeparated, AfterValidator(_networks)]


class Settings(BaseSettings):
    """One field per CURATE_… variable; its description says in an error what the value has to be."""

    model_config = SettingsConfigDict(env_prefix="CURATE_", env_ignore_empty=True, extra="ignore")

    home: str = Field(default="curate-data", description="a folder")
    database_url: str = Field(default="", description="an SQLAlchemy URL")
    store: str = Field(default="", description="the address of an object store (s3://…, gs://…, az://…) or a folder")
    cache_gb: float = Field(default=20, gt=0, allow_inf_nan=False, description="a number of gigabytes")
    scheduler: str | None = Field(default=None, description="the address of a Dask scheduler (tcp://…)")
    weights: Path | None = Field(default=None, description="a folder")
    standby_minutes: float = Field(default=10, ge=0, allow_inf_nan=False, description="a number of minutes")
    secret: str = Field(default="", description=f"a text of at least {SECRET_BYTES} bytes")
    user_header: str = Field(default="", description="the name of a header")
    trusted_proxies: Networks = Field(default=["127.0.0.0/8", "::1"], description="addresses and networks by commas")
    hosts: CommaSeparated = Field(default=[], description="host names by commas")
    max_pixels: int = Field(default=200_000_000, gt=0, description="a whole number of pixels")
    max_upload_mb: int = Field(default=20_000, gt=0, description="a whole number of megabytes")
    api_rate: float = Field(default=200, gt=0, allow_inf_nan=False, description="a number of requests a second")
    allow_hosts: CommaSeparated = Field(default=[], description="hosts and networks by commas")
    openverse_url: str = Field(default="https://api.openverse.org", description="an address")
    openverse_id: str | None = Field(default=None, description="a text")
    openverse_secret: str | None = Field(default=None, description="a text")


NAMES = tuple(f"CURATE_{field.upper()}" for field in Settings.model_fields)


def check() -> None:
    """Raises BadInput, a sentence that names the variable, for an unusable value."""
    given = _settings().secret
    if given and len(given.encode(errors="surrogateescape")) < SECRET_BYTES:
        raise BadInput(f"CURATE_SECRET has to be {Settings.model_fields['secret'].description}.")


def _settings() -> Settings:
    return _read(tuple(os.environ.get(name) for name in NAMES))


@lru_cache(maxsize=8)
def _read(_values: tuple[str | None, ...]) -> Settings:
    """The settings as they are now, validated once per set of values."""
    try:
        return Settings()
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        name = f"CURATE_{field.upper()}"
        raise BadInput(
            f"{name} is {Settings.model_fields[field].description}, not {os.environ.get(name)!r:.50}."
        ) from error


def home() -> Path:
    """Returns the folder of all data, made when missing: CURATE_HOME, else ./curate-data."""
    return _prepared_home(os.environ.get("CURATE_HOME") or Settings.model_fields["home"].default, str(Path.cwd()))


@lru_cache(maxsize=8)
def _prepared_home(folder: str, _working_folder: str) -> Path:
    """Returns the folder's full path, accessible to its owner only; cached, as every picture and query needs it.

    An older folder is restricted only where it holds a catalog: it may be somebody's ~ or /srv.
    """
    path = Path(folder).expanduser().resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir(mode=stat.S_IRWXU)
    except FileExistsError:
        catalog = path / "catalog.db"
        if catalog.exists():
            close_to_others(path, stat.S_IRWXU)
            close_to_others(catalog, stat.S_IRUSR | stat.S_IWUSR)
    return path


def close_to_others(path: Path, mode: int) -> None:
    """Set the mode of a file or folder of this user; others', and systems without owners, are left alone."""
    if hasattr(os, "getuid") and path.stat().st_uid == os.getuid() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        path.chmod(mode)


def database_url() -> str:
    """Returns the catalog's SQLAlchemy URL: CURATE_DATABASE_URL, else SQLite inside `home()`."""
    return os.environ.get("CURATE_DATABASE_URL") or f"sqlite:///{home() / 'catalog.db'}"


def cache_bytes() -> int:
    """Returns the limit of local copies of an object store's pictures: CURATE_CACHE_GB gigabytes, else 20."""
    return int(_settings().cache_gb * 1e9)


def scheduler() -> str | None:
    """Returns the address of an external Dask scheduler (tcp://…); None = the embedded one."""
    return _settings().scheduler


def weights_folder() -> Path | None:
    """Returns the folder searched first for weights named <architecture>.safetensors or .pth; None = unset."""
    folder = _settings().weights
    return folder.expanduser().resolve() if folder else None


def standby_minutes() -> float:
    """How long a pre-warmed process waits for an expected training (`jobs.runtime.prewarmed`); 0 = never, 10 if unset.

    Raises BadInput for what is no number.
    """
    return _settings().standby_minutes


def max_pixels() -> int:
    """Returns the limit of a picture's pixels (decompression bombs): CURATE_MAX_PIXELS, else 200 million."""
    return _settings().max_pixels


def max_upload_bytes() -> int:
    """Returns the limit of a streamed upload: CURATE_MAX_UPLOAD_MB megabytes, else 20,000."""
    return _settings().max_upload_mb * 1_000_000


def api_rate() -> float:
    """Returns how many requests a second one caller of the API may send: CURATE_API_RATE, else 200."""
    return _settings().api_rate


def allowed_hosts() -> list[str]:
    """Returns non-public hosts and networks that may be gathered from: CURATE_ALLOW_HOSTS, by commas."""
    return list(_settings().allow_hosts)


def openverse_url() -> str:
    """Returns the URL of the Openverse API without a final slash: CURATE_OPENVERSE_URL, else the public one."""
    return _settings().openverse_url.rstrip("/")


def openverse_client() -> tuple[str, str] | None:
    """Returns (id, secret) of a registered client: CURATE_OPENVERSE_ID and _SECRET; None = anonymous."""
    client, key = _settings().openverse_id, _settings().openverse_secret
    return (client, key) if client and key else None


def user_header() -> str | None:
    """Returns the lower-case name of the header in which a proxy names the user: CURATE_USER_HEADER.

    None = names are typed, or people log in.
    """
    return _settings().user_header.strip().lower() or None


def trusted_proxies() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Where that header is believed from: CURATE_TRUSTED_PROXIES, addresses or networks by commas, else this machine.

    Raises BadInput for what is neither.
    """
    return [ipaddress.ip_network(part, strict=False) for part in _settings().trusted_proxies]


def hosts() -> list[str]:
    """Returns the host names that the server answers to besides loopback and its own: CURATE_HOSTS, by commas.

    In lower case. `*.example.org` means every name below; `*` every name: then nothing is checked.
    """
    return [part.lower().rstrip(".") for part in _settings().hosts]


def secret() -> str:
    """Returns the key that signs reviewer tokens: CURATE_SECRET, else one drawn once and kept in `home()`.

    Raises BadInput for a CURATE_SECRET of less than 32 bytes.
    """
    check()
    if given := _settings().secret:
        return given
    path = home() / "secret"
    if not path.exists():
        fresh = path.with_name(f"secret.{secrets.token_hex(8)}")  # threads of one process draw at once, too
        fresh.write_text(secrets.token_urlsafe(SECRET_BYTES))
        fresh.chmod(0o600)
        try:
            os.link(fresh, path)  # atomic: the first of several that draw wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()

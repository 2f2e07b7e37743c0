"""What an installation decides: where the database, the files and the keys are, and whether it is production.

All of it comes from the environment, with defaults that work on one machine; none of it is a tenant's rule.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tenants import server
from tenants.rowsecurity import BACKUP, OWNER, WEB

SESSION_SECRET_BYTES = 32
MASTER_KEY_BYTES = 16
INDEX_KEY_BYTES = 32


class ConfigurationError(RuntimeError):
    """The environment contradicts itself; the message names the variable."""


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """The three doors of one database: the web's, the migrations' and the backup's."""

    web: str
    owner: str
    backup: str


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation. The keys are raw bytes: ``master_key`` is an SM4 key, ``index_key`` keys HMAC-SM3."""

    var: Path
    keys: Path
    database: DatabaseUrls = field(repr=False)
    session_secret: bytes = field(repr=False)
    master_key: bytes = field(repr=False)
    index_key: bytes = field(repr=False)
    production: bool = False
    proxies: int = 0

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the environment; make keys and start the embedded database where none is named.

        Raises `ConfigurationError`.
        """
        var = Path(environ.get("PORTAL_VAR", "var")).resolve()
        keys = Path(environ.get("PORTAL_KEYS", var / "keys")).resolve()
        return cls(
            var=var,
            keys=keys,
            database=database_urls(var, environ),
            session_secret=kept_key(keys / "session", SESSION_SECRET_BYTES),
            master_key=kept_key(keys / "master", MASTER_KEY_BYTES),
            index_key=kept_key(keys / "index", INDEX_KEY_BYTES),
            production=is_production(environ),
            proxies=trusted_proxies(environ),
        )


def is_production(environ: Mapping[str, str]) -> bool:
    """``PORTAL_ENV``: production refuses the demo world."""
    stage = environ.get("PORTAL_ENV", "local")
    if stage not in {"local", "production"}:
        message = f"PORTAL_ENV is {stage!r}; it must be 'local' or 'production'"
        raise ConfigurationError(message)
    return stage == "production"


def trusted_proxies(environ: Mapping[str, str]) -> int:
    """``PORTAL_PROXIES``: how many proxies in front each add the address they were asked from.

    Nobody's word is taken for an address unless this is set. Raises `ConfigurationError`.
    """
    text = environ.get("PORTAL_PROXIES", "") or "0"
    if not (text.isascii() and text.isdigit() and len(text) == 1):
        message = f"PORTAL_PROXIES is {text!r}; it must be a number from 0 to 9"
        raise ConfigurationError(message)
    return int(text)


def database_urls(var: Path, environ: Mapping[str, str] = os.environ) -> DatabaseUrls:
    """The three URLs of a real server, or those of the embedded one, which is started for them.

    Raises `ConfigurationError` where only some of the three are set.
    """
    names = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_BACKUP_URL")
    given = [environ.get(name, "") for name in names]
    if all(given):
        return DatabaseUrls(*given)
    if any(given):
        missing = ", ".join(name for name, url in zip(names, given, strict=True) if not url)
        message = f"a real database needs all three URLs; missing: {missing}"
        raise ConfigurationError(message)
    embedded = server.start(var / "postgres")
    return DatabaseUrls(embedded.url(role=WEB), embedded.url(role=OWNER), embedded.url(role=BACKUP))


def kept_key(path: Path, size: int) -> bytes:
    """The key in ``path``, made of ``size`` random bytes at first use; read by its owner alone (0600).

    Of two processes that come first together, one makes it and both read the same.
    Raises `ConfigurationError` where the file holds something else.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(size))
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    try:
        key = bytes.fromhex(path.read_text().strip())
    except ValueError:
        key = b""
    if len(key) != size:
        message = f"{path} does not hold {size} bytes in hexadecimal; restore it from the backup of the keys"
        raise ConfigurationError(message)
    return key

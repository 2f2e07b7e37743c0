import stat
from pathlib import Path

import pytest

from portal.config import ConfigurationError, database_urls, is_production, kept_key, trusted_proxies


def test_key_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "master"

    first = kept_key(path, 16)

    assert (kept_key(path, 16), len(first)) == (first, 16)
    assert [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent)] == [0o600, 0o700]
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("content", ("", "zz", "00ff", "  "))
def test_damaged_key_is_refused_and_never_replaced(tmp_path: Path, content: str) -> None:
    path = tmp_path / "master"
    path.write_text(content)

    with pytest.raises(ConfigurationError, match="restore it from the backup"):
        kept_key(path, 16)

    assert path.read_text() == content


def test_some_of_the_three_urls_are_not_enough(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="missing: DATABASE_OWNER_URL, DATABASE_BACKUP_URL"):
        database_urls(tmp_path, {"DATABASE_URL": "postgresql://portal_web@db/portal"})


def test_all_three_urls_start_nothing_here(tmp_path: Path) -> None:
    named = {name: f"postgresql://{name}@db/portal" for name in _URLS}

    assert database_urls(tmp_path, named).owner == "postgresql://DATABASE_OWNER_URL@db/portal"
    assert list(tmp_path.iterdir()) == []


def test_stage_is_local_or_production_and_nothing_else() -> None:
    assert [is_production(stage) for stage in ({}, {"PORTAL_ENV": "production"})] == [False, True]
    with pytest.raises(ConfigurationError, match="prod'"):
        is_production({"PORTAL_ENV": "prod"})


_URLS = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_BACKUP_URL")


@pytest.mark.parametrize("text", ("-1", "ten", "10", "１", "1.0"))
def test_the_number_of_trusted_proxies_is_one_digit(text: str) -> None:
    assert [trusted_proxies(told) for told in ({}, {"PORTAL_PROXIES": "2"})] == [0, 2]
    with pytest.raises(ConfigurationError, match="PORTAL_PROXIES"):
        trusted_proxies({"PORTAL_PROXIES": text})

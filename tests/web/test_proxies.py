"""A proxy nobody told us of is noticed, and `doctor` says so."""

from dataclasses import replace
from pathlib import Path

import pytest

from portal.app import create_app
from portal.config import Settings
from portal.report.doctor import Level, proxy_finding


def _met(settings: Settings, headers: dict[str, str]) -> Level:
    create_app(settings).test_client().get("/static/none", headers=headers)
    return proxy_finding(settings).level


@pytest.mark.parametrize("header", ("X-Forwarded-For", "X-Real-IP", "Forwarded"))
def test_a_request_through_a_proxy_that_is_not_configured_is_remembered(
    settings: Settings, tmp_path: Path, header: str
) -> None:
    alone = replace(settings, var=tmp_path, proxies=0)
    assert _met(alone, {}) is Level.OK
    assert _met(alone, {header: "10.9.9.9"}) is Level.NOTE
    assert proxy_finding(replace(alone, proxies=1)).level is Level.OK


def test_a_proxy_that_is_configured_is_none_of_its_business(settings: Settings, tmp_path: Path) -> None:
    behind = replace(settings, var=tmp_path, proxies=1)
    assert _met(behind, {"X-Forwarded-For": "10.9.9.9"}) is Level.OK
    assert list(tmp_path.iterdir()) == []

"""No page asks the database more often for three rows than for one, and none more than twelve times.

Two look over many rooms at once and may ask more: each room answers for itself.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import Engine, event

from tenants.db import db
from tests.structure.conftest import Land
from tests.structure.pages import Page, Visit
from tests.support.world import a_bureau

LIMIT = 12
MAY_ASK = {"progress.progress": 14, "tender.choosing": 13}
log = logging.getLogger(__name__)


@contextmanager
def statements(application: Flask) -> Iterator[list[str]]:
    """What the application asks while the block runs; BEGIN, COMMIT and ROLLBACK are not among it."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    with application.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _asked(visit: Visit, page: Page) -> list[str]:
    """The statements of a page that its reader has opened before."""
    with statements(visit.app) as asked:
        visit.browser(page.person).send("GET", page.url)
    return asked


def _counts(application: Flask, land: Land, backup: Engine) -> Iterator[tuple[str, list[str], list[str]]]:
    one, three = (Visit(application, land, county, backup) for county in (land.one, land.three))
    of_three = {page.endpoint: page for page in three.pages()}
    for page in one.pages():
        yield page.endpoint, _asked(one, page), _asked(three, of_three[page.endpoint])


@pytest.mark.timeout(600)
def test_pages_ask_as_often_for_three_rows_as_for_one(application: Flask, land: Land, backup: Engine) -> None:
    counts = {endpoint: (len(few), len(many)) for endpoint, few, many in _counts(application, land, backup)}
    for endpoint, (few, many) in sorted(counts.items(), key=lambda each: each[1], reverse=True):
        log.info("%-34s %2d %2d", endpoint, few, many)

    assert {endpoint: pair for endpoint, pair in counts.items() if pair[0] != pair[1]} == {}
    assert {
        endpoint: pair for endpoint, pair in counts.items() if max(pair) > MAY_ASK.get(endpoint, LIMIT)
    } == {}


def test_lists_of_bureaus_ask_as_often_for_more_of_them(
    application: Flask, land: Land, backup: Engine
) -> None:
    visit = Visit(application, land, land.one, backup)
    lists = [page for page in visit.pages() if page.endpoint in {"office.tenants", "identity.counties"}]
    assert len(lists) == 2
    few = [len(_asked(visit, page)) for page in lists]
    with application.app_context():
        a_bureau(parent=land.above)

    assert [len(_asked(visit, page)) for page in lists] == few

"""Keeping files, and who reads them."""

from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal import file
from portal.access import Role
from portal.file.queries import storage
from portal.kernel.errors import Invalid, NotFound
from tenants import scope
from tenants.db import db
from tests.file.makers import a_docx, a_pdf, a_stored_file, an_upload
from tests.support.world import Bureau, a_bureau, a_person

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def bureau(app: Flask) -> Bureau:
    """A bureau with a handler and an organiser."""
    assert app
    return a_bureau(roles=[Role.HANDLER, Role.ORGANISER])


def test_a_kept_file_lies_under_its_digest(bureau: Bureau) -> None:
    handler = bureau.people[Role.HANDLER]
    file_id = a_stored_file(handler, content=a_pdf(3), name="C:\\资料\\评价 报告.PDF")

    with scope.unit_of_work(handler.scope):
        row = file.stored(file_id)
        assert (row.name, row.pages, row.size) == ("评价 报告.pdf", 3, len(a_pdf(3)))
        assert row.kept_by == handler.name
        assert storage().size(row.digest) == row.size
        with file.content_of(row) as content:
            assert content.read() == a_pdf(3)


@pytest.mark.parametrize(
    ("content", "name", "code"),
    (
        (b"", "空.pdf", "file.empty"),
        (a_pdf()[:120], "坏.pdf", "file.unreadable"),
        (b"MZ", "报告.pdf", "file.wrong_kind"),
        (a_pdf(), "", "file.none"),
    ),
)
def test_a_file_that_is_refused_says_why_on_its_field(
    bureau: Bureau, content: bytes, name: str, code: str
) -> None:
    handler = bureau.people[Role.HANDLER]
    with scope.unit_of_work(handler.scope):
        with pytest.raises(Invalid) as refused:
            file.keep(an_upload(content, name), by=handler.actor, now=scope.now(), field="report")
        scope.give_up()

    assert (refused.value.field, refused.value.code) == ("report", code)


def test_a_file_above_the_limit_is_refused(bureau: Bureau) -> None:
    handler = bureau.people[Role.HANDLER]
    with scope.unit_of_work(handler.scope):
        with pytest.raises(Invalid, match="too_large"):
            file.keep(an_upload(), by=handler.actor, now=scope.now(), most=10)
        scope.give_up()


def test_the_party_it_is_kept_for_reads_a_file_and_no_other_party(bureau: Bureau) -> None:
    ours, theirs = uuid4(), uuid4()
    reader = a_person(bureau, Role.FIRM_HANDLER, party_id=ours)
    stranger = a_person(bureau, Role.FIRM_HANDLER, party_id=theirs)
    file_id = a_stored_file(bureau.people[Role.HANDLER], readers=(ours,))

    with scope.unit_of_work(reader.scope):
        assert file.stored(file_id).readers == [ours]
    with scope.unit_of_work(stranger.scope), pytest.raises(NotFound):
        file.stored(file_id)
    with scope.unit_of_work(bureau.people[Role.HANDLER].scope):
        file.add_readers(file_id, [theirs, ours])
    with scope.unit_of_work(stranger.scope):
        assert file.stored(file_id).readers == [ours, theirs]


def test_who_is_taken_off_a_file_reads_it_no_more(bureau: Bureau) -> None:
    ours, theirs = uuid4(), uuid4()
    reader = a_person(bureau, Role.EXPERT, party_id=ours)
    file_id = a_stored_file(bureau.people[Role.HANDLER], readers=(ours, theirs))

    with scope.unit_of_work(reader.scope):
        assert file.stored(file_id).readers == [ours, theirs]
    with scope.unit_of_work(bureau.people[Role.ORGANISER].scope):
        file.remove_readers(file_id, [ours])
    with scope.unit_of_work(reader.scope), pytest.raises(NotFound):
        file.stored(file_id)
    with scope.unit_of_work(bureau.people[Role.HANDLER].scope):
        assert file.stored(file_id).readers == [theirs]


def test_what_an_outside_party_brings_it_reads_and_the_bureau_too(bureau: Bureau) -> None:
    firm_id = uuid4()
    firm = a_person(bureau, Role.FIRM_HANDLER, party_id=firm_id)
    file_id = a_stored_file(firm, content=a_docx("初稿"), name="初稿.docx")

    for person in (firm, bureau.people[Role.HANDLER]):
        with scope.unit_of_work(person.scope):
            row = file.stored(file_id)
            assert (row.readers, row.pages, row.kept_by) == ([firm_id], None, firm.name)


def test_another_bureau_reads_no_file(bureau: Bureau) -> None:
    other = a_bureau(roles=[Role.HANDLER])
    file_id = a_stored_file(bureau.people[Role.HANDLER])

    with scope.unit_of_work(other.people[Role.HANDLER].scope), pytest.raises(NotFound):
        file.stored(file_id)


@pytest.mark.parametrize(
    "statement",
    (
        "UPDATE stored_file SET name = 'x' WHERE id = :id",
        "UPDATE stored_file SET digest = repeat('0', 64) WHERE id = :id",
        "UPDATE stored_file SET readers = '{}' WHERE id = :id",
        "DELETE FROM stored_file WHERE id = :id",
    ),
)
def test_nothing_changes_a_stored_file(bureau: Bureau, statement: str) -> None:
    handler = bureau.people[Role.HANDLER]
    file_id = a_stored_file(handler, readers=(uuid4(),))
    with scope.entered(handler.scope), pytest.raises(DBAPIError, match="never changes"):
        db.session.execute(text(statement), {"id": file_id})


def test_a_file_whose_content_is_gone_is_found_out(bureau: Bureau) -> None:
    handler = bureau.people[Role.HANDLER]
    file_id = a_stored_file(handler, content=a_pdf(1, str(uuid4())))
    with scope.entered(handler.scope):
        assert list(file.invariants()) == []
        path = storage().path(file.stored(file_id).digest)
        content = path.read_bytes()
        path.unlink()
        assert list(file.invariants()) == ["文件“评价报告.pdf”的内容缺失或大小不符"]
        path.write_bytes(content)

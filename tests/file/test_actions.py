"""Keeping files, and who reads them."""

from portal import file
from portal.access import Role
from portal.file.queries import storage
from tests.file.makers import a_pdf, a_stored_file
from tests.support.world import a_bureau
from tenants import scope


def test_a_kept_file_lies_under_its_digest(app) -> None:
    bureau = a_bureau(roles=[Role.HANDLER])
    handler = bureau.people[Role.HANDLER]
    file_id = a_stored_file(handler, content=a_pdf(3), name="C:\\资料\\评价 报告.PDF")

    with scope.unit_of_work(handler.scope):
        row = file.stored(file_id)
        assert (row.name, row.pages, row.size) == ("评价 报告.pdf", 3, len(a_pdf(3)))
        assert storage().size(row.digest) == row.size

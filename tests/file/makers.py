"""Files as people upload them, made on the spot: a PDF of a few pages, a Word file, a workbook."""

import io
from uuid import UUID

import docx
import openpyxl
from werkzeug.datastructures import FileStorage

from portal import file
from tenants import scope
from tests.support.world import Person


def a_pdf(pages: int = 1, text: str = "report") -> bytes:
    """A sound PDF with ``pages`` pages; ``text`` (Latin) stands on each."""
    kids = " ".join(f"{4 + 2 * place} 0 R" for place in range(pages))
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for place in range(pages):
        drawn = f"BT /F1 24 Tf 72 720 Td ({text} {place + 1}) Tj ET"
        fonts = "/Resources << /Font << /F1 3 0 R >> >>"
        box = "/MediaBox [0 0 595 842]"
        parts += [
            f"<< /Type /Page /Parent 2 0 R {box} /Contents {5 + 2 * place} 0 R {fonts} >>",
            f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream",
        ]
    out, offsets = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{part}\nendobj\n".encode()
    count = len(parts) + 1
    table = "".join(f"{each:010d} 00000 n \n" for each in offsets)
    tail = f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<< /Size {count} /Root 1 0 R >>"
    return out + f"{tail}\nstartxref\n{len(out)}\n%%EOF\n".encode()


def a_docx(*paragraphs: str) -> bytes:
    """A Word file with these paragraphs."""
    made = docx.Document()
    for each in paragraphs or ("正文",):
        made.add_paragraph(each)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def a_workbook() -> bytes:
    """An Excel file with one cell."""
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"] = "合计"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def an_upload(content: bytes | None = None, name: str = "评价报告.pdf") -> FileStorage:
    """What a view gets from a form: a PDF of one page unless other ``content`` is given."""
    return FileStorage(io.BytesIO(a_pdf() if content is None else content), filename=name)


def a_stored_file(
    person: Person,
    *,
    content: bytes | None = None,
    name: str = "评价报告.pdf",
    readers: tuple[UUID, ...] = (),
) -> UUID:
    """A file that ``person`` keeps; its id."""
    with scope.unit_of_work(person.scope):
        now = scope.now()
        return file.keep(an_upload(content, name), readers=readers, by=person.actor, now=now).id

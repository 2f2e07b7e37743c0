"""What uploads that were cut off leave behind: a process killed half-way cleans up nothing itself."""

from datetime import datetime

from portal.file import pdf, queries
from portal.file.storage import old_files


def sweep_drafts(*, before: datetime) -> int:
    """Remove half-written files from before an instant of the machine's clock; how many there were."""
    drawn = (each for each in old_files(queries.pictures(), before=before) if pdf.is_draft(each))
    left = list(drawn)
    for path in left:
        path.unlink(missing_ok=True)
    return len(left) + queries.storage().drop_drafts(before=before)

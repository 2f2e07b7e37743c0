"""Choosing a workbook, and confirming what it would do."""

from typing import Any

from wtforms import FileField, HiddenField

from portal.spreadsheet.opening import MAX_BYTES
from portal.web.forms import BaseForm
from portal.web.uploads import as_seen


class UploadForm(BaseForm):
    """The one file of an import."""

    workbook = FileField("表格文件", description="")

    def validate(self, extra_validators: Any = None) -> bool:
        """A file was chosen and is not larger than `MAX_BYTES`; what is in it is read afterwards."""
        sound = bool(super().validate(extra_validators))
        chosen = self.workbook.data
        if not getattr(chosen, "filename", ""):
            self.workbook.errors = [*self.workbook.errors, "请选择要导入的 .xlsx 文件"]
            return False
        return sound

    def content(self) -> bytes:
        """The chosen file's bytes, one more than is taken at the most, so that too large is told apart."""
        return bytes(self.workbook.data.read(MAX_BYTES + 1))

    def filename(self) -> str:
        """The chosen file's name on one line, without any path a browser may have sent or unseen sign."""
        sent = as_seen(str(self.workbook.data.filename)).replace("\\", "/").rpartition("/")[2]
        return " ".join(sent.split())[:200]


class ConfirmForm(BaseForm):
    """What was shown is what is confirmed: the digest of the plan."""

    seal = HiddenField()

"""What the buyer types to decide. Shape only: who may be chosen is `rules`' matter."""

from typing import Any
from uuid import UUID

from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, FileField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.web.forms import REQUIRED, BaseForm


class AwardForm(BaseForm):
    """确定成交机构, with the ground where it is not the first."""

    bid_id = RadioField("成交机构", [InputRequired("请选定一家成交机构")])
    ground = TextAreaField(
        "理由（确定排名最前的不填）",
        [Length(max=2000)],
        description="只有排名在前的放弃成交、因不可抗力不能履行，或者被查实有影响成交结果的违法行为等情形，才能确定后一名",
    )
    file = FileField("证明材料（确定排名最前的不传）")
    declared = BooleanField("我确认：所传材料不含国家秘密、工作秘密")

    def validate(self, extra_validators: Any = None) -> bool:
        """A file comes with the word that it holds no secret."""
        sound = bool(super().validate(extra_validators))
        if self.chosen_file() is not None and not self.declared.data:
            self.declared.errors = ["涉密材料不得上传本系统；不涉密的，请先勾选确认"]
            return False
        return sound

    def chosen(self) -> UUID:
        """The bid chosen; call after `validate`."""
        return UUID(self.bid_id.data)

    def chosen_file(self) -> FileStorage | None:
        """What was uploaded, for `portal.file.keep`."""
        data = self.file.data
        return data if isinstance(data, FileStorage) and data.filename else None


class FailForm(BaseForm):
    """Why the purchase ends though it was awarded: told to all who were invited, and announced."""

    reason = TextAreaField(
        "理由",
        [REQUIRED, Length(max=2000)],
        description="写明谁因什么没有签约、为什么重新开展采购，会告知全部被邀请机构并写入终止公告",
    )

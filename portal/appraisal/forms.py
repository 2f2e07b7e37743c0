"""What is typed about an appraisal beside the sheets themselves. Shape only."""

from typing import Any

from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, DateField, FileField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.web.forms import REQUIRED, BaseForm, SecretField, SelectChoice

UPHELD = "upheld"
DISMISSED = "dismissed"


class LockForm(BaseForm):
    """A signature: one's own password, given again for this very sheet."""

    password = SecretField(
        "登录密码", [REQUIRED], description="再次输入密码即为签名，签的是这份考评表的内容摘要"
    )


class SignForm(LockForm):
    """The filler's signature; where items were left untouched, the word that nothing was found there."""

    confirmed = BooleanField(
        "上列各项我都对照实际情况看过，没有发现扣分事项，按满分计", [InputRequired("请先确认")]
    )


class ReasonForm(BaseForm):
    """Why a sheet goes back, why the two sides differ, or why no score is counted."""

    reason = TextAreaField("理由", [REQUIRED, Length(max=1000)], description="写清事实，不少于四个字")


class ExtendForm(ReasonForm):
    """延期: until when, and why."""

    new_on = DateField("新的期限", [REQUIRED])


class FinishForm(BaseForm):
    """确定考评得分; where 一票否决 was ticked, whether it is confirmed and why."""

    upheld = RadioField(
        "一票否决是否成立",
        choices=[
            SelectChoice(UPHELD, "证据属实，成立（考评得分为零）"),
            SelectChoice(DISMISSED, "证据不足，不成立（按各项得分计算）"),
        ],
        validate_choice=False,
    )
    reason = TextAreaField("核实意见", [Length(max=1000)], description="写清核实的证据和结论，不少于四个字")

    def decided(self) -> bool | None:
        """Whether it is confirmed; None where nothing was chosen."""
        return {UPHELD: True, DISMISSED: False}.get(self.upheld.data)


class TalkForm(BaseForm):
    """质量沟通反馈: when the bureau talked with the units, what was said, and the note of it."""

    on = DateField("沟通日期", [REQUIRED])
    text = TextAreaField(
        "沟通情况", [REQUIRED, Length(max=4000)], description="被评价单位对机构工作质量的反馈"
    )
    file = FileField(
        "沟通记录（可以不传）", description="PDF 或 Word（.docx）文件。涉密材料请通过保密渠道报送，不得上传"
    )
    declared = BooleanField("我确认：所传材料不含国家秘密、工作秘密")

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether what was attached was declared."""
        sound = bool(super().validate(extra_validators))
        if self.chosen() is not None and not self.declared.data:
            self.declared.errors = ["涉密材料不得上传本系统；不涉密的，请先勾选确认"]
            return False
        return sound

    def chosen(self) -> FileStorage | None:
        """What was attached, if anything."""
        data = self.file.data
        return data if isinstance(data, FileStorage) and data.filename else None

"""What people type about rounds and seats; the sheet itself is `portal.scoresheet`'s."""

from typing import Any

from wtforms import (
    BooleanField,
    FileField,
    IntegerField,
    RadioField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.quality.rules import DECLINING_LABELS, Verdict
from portal.web.forms import REQUIRED, BaseForm, SecretField, SelectChoice


class ReasonForm(BaseForm):
    """Why something is done that others must be able to read later."""

    reason = TextAreaField("理由", [REQUIRED, Length(max=1000)], description="将记入办理经过")


class ObjectionForm(BaseForm):
    """The firm's one objection; a file is brought with the word that it holds no state secret."""

    reason = TextAreaField(
        "异议和理由", [REQUIRED, Length(max=4000)], description="请写明对哪一项有异议、依据在成果的哪一页"
    )
    file = FileField("证明材料", [Optional()], description="PDF 或 Word（.docx）文件，可以不附")
    declared = BooleanField("我确认：所传材料不含国家秘密、工作秘密")

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether a reason was given, and a file declared."""
        sound = bool(super().validate(extra_validators))
        if self.file.data is not None and self.file.data.filename and not self.declared.data:
            self.declared.errors = ["涉密材料不得上传本系统；不涉密的，请先勾选确认"]
            return False
        return sound


class CheckList(SelectMultipleField):
    """A choice of many as boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ReopenForm(ReasonForm):
    """Which sheets go back to their experts, and why."""

    sheets = CheckList("退回哪几张评分表", [InputRequired("请至少勾选一张评分表")])


class MatchForm(BaseForm):
    """What a person found about an employer and a body of a like name."""

    verdict = RadioField(
        "认定",
        [InputRequired("请选择")],
        choices=[
            SelectChoice(Verdict.CONFIRMED.value, "是同一单位（或其分支、内设机构），应当回避"),
            SelectChoice(Verdict.REJECTED.value, "不是同一单位，可以抽取"),
        ],
    )
    reason = TextAreaField(
        "依据", [REQUIRED, Length(max=1000)], description="例如核对过的统一社会信用代码、社保单位"
    )


class HandInForm(BaseForm):
    """The word that nothing was found where nothing was written."""

    confirmed = BooleanField(
        "上列各项我都对照成果看过，没有发现扣分事项，按满分计", [InputRequired("请先确认")]
    )


class AcceptForm(BaseForm):
    """The declaration, signed with the password."""

    declared = BooleanField(
        "我声明：以上各条属实，如有不实，愿意承担责任", [InputRequired("接受评审须先声明")]
    )
    password = SecretField("登录密码（作为签名）", [REQUIRED])


class DeclineForm(BaseForm):
    """Why an expert declines."""

    declining = RadioField(
        "原因",
        [InputRequired("请选择")],
        choices=[SelectChoice(each.value, label) for each, label in DECLINING_LABELS.items()],
    )
    reason = TextAreaField("说明", [Length(max=500)], description="选“其他原因”的请说明")


class ExtendForm(ReasonForm):
    """How many more working days an expert gets."""

    days = IntegerField("延长", [InputRequired("请填写天数"), NumberRange(1, 20, "延长 1 至 20 个工作日")])

"""What officers, members and firms type at opening and review. Shape only: the law is `rules`' matter."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, FileField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length, ValidationError

from portal.panel.actions import Verdict
from portal.web.forms import REQUIRED, BaseForm, SecretField, SelectChoice

MET = "met"
NOT_MET = "not_met"
UNDECIDED: Final = "请选符合或者不符合"
FIRST_WORDS: Final = 12


class PasswordForm(BaseForm):
    """A signature: one's own password, given again."""

    password = SecretField("登录密码", [REQUIRED], description="再次输入密码即为签名，记入办理经过")


class DeclarationForm(PasswordForm):
    """无利害关系声明."""

    clear = BooleanField(
        "我与上列机构及其主要人员没有利害关系，愿意独立、公正评审",
        [REQUIRED],
        description="近三年内在其中任职或者担任董事、监事，是其控股股东或者实际控制人，与其法定代表人或者负责人是"
        "夫妻、直系血亲、三代以内旁系血亲或者近姻亲，或者有其他可能影响公正的关系的，不能签署，请申请回避",
    )


class ReasonForm(BaseForm):
    """Why somebody steps aside, a report goes back, a purchase ends."""

    reason = TextAreaField(
        "理由", [REQUIRED, Length(max=1000)], description="将记入办理经过，有关人员可以看到"
    )


class SubstituteForm(BaseForm):
    """Who takes an empty seat."""

    post_id = SelectField("补选的成员", [REQUIRED])

    def post(self) -> UUID:
        """The post chosen; call after `validate`."""
        return UUID(self.post_id.data)


class SignForm(PasswordForm):
    """评审报告 signed, with one's dissent."""

    dissent = TextAreaField(
        "不同意见（没有可以不填）",
        [Length(max=1000)],
        description="填写后与签名一并存档，不影响多数意见的效力",
    )


def verdict_form(requirements: Sequence[str]) -> type[BaseForm]:
    """The form of one bid: a verdict and, where it is not met, a reason for each requirement, in order."""

    class ExaminationForm(BaseForm):
        """符合性认定."""

        @property
        def verdicts(self) -> list[tuple[Any, Any]]:
            """The fields of each requirement."""
            return [(self[f"verdict_{n}"], self[f"reason_{n}"]) for n in range(len(requirements))]

        def given(self) -> list[Verdict]:
            """The verdicts typed; call after `validate`."""
            return [Verdict(verdict.data == MET, reason.data or "") for verdict, reason in self.verdicts]

    for n, text in enumerate(requirements):
        setattr(ExaminationForm, f"verdict_{n}", _verdict_field(n, text))
        setattr(ExaminationForm, f"reason_{n}", _reason_field(n, text))
    return ExaminationForm


def _verdict_field(n: int, text: str) -> RadioField:
    return RadioField(
        f"第 {n + 1} 项：{text}",
        [InputRequired(UNDECIDED), AnyOf((MET, NOT_MET), UNDECIDED)],
        choices=[SelectChoice(MET, "符合"), SelectChoice(NOT_MET, "不符合")],
        validate_choice=False,  # which tells it in words of its own
    )


def _reason_field(n: int, text: str) -> StringField:
    """Its label says what it is about, for whoever meets it in the summary of errors."""

    def with_its_verdict(form: Any, field: StringField) -> None:
        if form[f"verdict_{n}"].data == NOT_MET and not (field.data or "").strip():
            raise ValidationError("请写明不符合的理由")

    about = text if len(text) <= FIRST_WORDS else f"{text[:FIRST_WORDS]}…"
    return StringField(f"第 {n + 1} 项（{about}）不符合的理由", [Length(max=500), with_its_verdict])


class JudgementForm(BaseForm):
    """Whether an abnormally low price was explained."""

    justified = RadioField(
        "小组认定",
        [REQUIRED],
        choices=[SelectChoice("yes", "报价合理，继续参加排序"), SelectChoice("no", "不能证明合理，响应无效")],
    )
    reason = TextAreaField("理由", [REQUIRED, Length(max=1000)])


class AnswerForm(BaseForm):
    """低价说明 by the firm, with a file where it has one."""

    text = TextAreaField(
        "说明",
        [REQUIRED, Length(max=5000)],
        description="写明人员投入、现场天数、成本构成和报价低的原因；提交后不能修改",
    )
    file = FileField("证明材料")
    declared = BooleanField("我确认：所传材料不含国家秘密、工作秘密")

    def validate(self, extra_validators: Any = None) -> bool:
        """A file comes with the word that it holds no secret."""
        sound = bool(super().validate(extra_validators))
        if self.chosen() is not None and not self.declared.data:
            self.declared.errors = ["涉密材料不得上传本系统；不涉密的，请先勾选确认"]
            return False
        return sound

    def chosen(self) -> FileStorage | None:
        """What was chosen, for `portal.file.keep`."""
        data = self.file.data
        return data if isinstance(data, FileStorage) and data.filename else None

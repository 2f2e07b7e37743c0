"""What is typed about a contract. Shape only: what is lawful is `rules`' matter."""

from decimal import Decimal
from typing import Any

from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length, NumberRange

from portal.contract.actions import Draft, Filing
from portal.contract.rules import CLAUSES, DELIVERABLES, LONGEST_PAYMENT_DAYS, DeliverableKind
from portal.kernel.exact import plain_decimal
from portal.web.forms import REQUIRED, BaseForm, SecretField, SelectChoice

FULL = Decimal(100)


class PercentField(StringField):
    """A percentage from 0 to 100 with at most two places; nothing typed is lost."""

    def process_data(self, value: Any) -> None:
        """From a fraction as the row keeps it."""
        self.data = "" if value is None else f"{value * FULL:.2f}".rstrip("0").rstrip(".")

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002
        """Raises `ValidationError` in the user's words."""
        self.ratio()

    def ratio(self) -> Decimal:
        """The fraction, 0 where nothing was typed. Raises `ValidationError`."""
        text = (self.data or "").strip().removesuffix("%")
        if not text:
            return Decimal(0)
        try:
            percent = plain_decimal(text)
        except ValueError as error:
            raise ValidationError("请填写百分数，例如 30 或 0.5") from error
        if not 0 <= percent <= FULL or len(text.partition(".")[2]) > 2:  # noqa: PLR2004
            raise ValidationError("请填写 0 至 100 的百分数，最多两位小数")
        return percent / FULL


def _clause(key: str) -> TextAreaField:
    return TextAreaField(CLAUSES[key][0], [REQUIRED, Length(max=4000)])


class ContractForm(BaseForm):
    """填写合同: what award, bid and quality terms leave open."""

    PLAIN = (
        "plan_due_on",
        "draft_due_on",
        "report_due_on",
        "advance_ratio",
        "payment_days",
        "late_ratio",
        "late_cap",
        "special",
    )
    plan_due_on = DateField("实施方案交付期限", [REQUIRED])
    draft_due_on = DateField("报告初稿交付期限", [REQUIRED])
    report_due_on = DateField("正式报告交付期限", [REQUIRED])
    advance_ratio = PercentField(
        "方案认可后支付", [REQUIRED], description="其余在全部正式报告验收、结算质量得分后支付"
    )
    payment_days = IntegerField(
        "每笔付款期限",
        [InputRequired("请填写天数"), NumberRange(1, LONGEST_PAYMENT_DAYS, "付款期限为 1 至 60 日")],
    )
    late_ratio = PercentField(
        "逾期每个工作日扣减", description="占合同价款的百分比；采购文件没有写明的填 0，只计入履约记录和考评"
    )
    late_cap = PercentField("逾期扣减上限", description="占合同价款的百分比")
    service = _clause("service")
    archive = _clause("archive")
    subcontract = _clause("subcontract")
    confidentiality = _clause("confidentiality")
    independence = _clause("independence")
    ownership = _clause("ownership")
    liability = _clause("liability")
    dispute = _clause("dispute")
    special = TextAreaField("其他约定", [Length(max=4000)], description="没有可以不填")

    def draft(self) -> Draft:
        """The contract as typed; call after `validate`."""
        assert self.plan_due_on.data  # noqa: S101 -- `validate` asked for all three
        assert self.draft_due_on.data  # noqa: S101
        assert self.report_due_on.data  # noqa: S101
        return Draft(
            plan_due_on=self.plan_due_on.data,
            draft_due_on=self.draft_due_on.data,
            report_due_on=self.report_due_on.data,
            advance_ratio=self.advance_ratio.ratio(),
            payment_days=self.payment_days.data or 0,
            late_ratio=self.late_ratio.ratio(),
            late_cap=self.late_cap.ratio(),
            clauses={key: (self[key].data or "").strip() for key in CLAUSES},
            special=(self.special.data or "").strip(),
        )


class ReasonForm(BaseForm):
    """Why a contract goes back, is taken back or is not made."""

    reason = TextAreaField("理由", [REQUIRED, Length(max=1000)], description="对方会看到，并记入办理经过")


class SignForm(BaseForm):
    """A signature: one's own password, given again for this very text."""

    password = SecretField("登录密码", [REQUIRED], description="再次输入密码即为签章，签的是上面这份内容摘要")


class FilingForm(BaseForm):
    """登记备案: where the copy was filed, on which day."""

    filed_on = DateField("备案日期", [REQUIRED])
    filed_with = StringField(
        "备案部门", [REQUIRED, Length(max=200)], description="例如：政府采购监管股、主管预算单位"
    )
    filing_note = TextAreaField("备注", [Length(max=500)], description="例如：回执号。没有可以不填")

    def filing(self) -> Filing:
        """As typed; call after `validate`."""
        assert self.filed_on.data  # noqa: S101 -- `validate` asked for it
        return Filing(
            self.filed_on.data, (self.filed_with.data or "").strip(), (self.filing_note.data or "").strip()
        )


class ExtensionForm(BaseForm):
    """延期: what, until when, why."""

    kind = SelectField(
        "哪一项成果",
        choices=[SelectChoice(kind.value, label) for kind, label in DELIVERABLES.items()],
    )
    new_on = DateField("延期至", [REQUIRED])
    reason = TextAreaField(
        "理由", [REQUIRED, Length(max=1000)], description="写清原因，不少于六个字；原定日期保留存档"
    )

    def which(self) -> DeliverableKind:
        """The kind chosen."""
        return DeliverableKind(self.kind.data)

"""What is typed about a contract's money. Shape only: what is owed is `rules`' matter."""

from typing import Any

from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, DateField, FieldList, FileField, FormField, StringField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.validators import Length

from portal.kernel.money import NOTHING
from portal.settlement.actions import Invoice, Penalty
from portal.web.forms import REQUIRED, BaseForm, YuanField

LINES = 5


class RequestForm(BaseForm):
    """申请付款: how much; the kind follows from where the contract stands."""

    amount = YuanField("申请金额", [REQUIRED], description="已按合同和结算结果填好，可以改小")
    note = TextAreaField(
        "说明", [Length(max=500)], description="例如收款账户已核对、分次支付的原因；可以不填"
    )


class ReasonForm(BaseForm):
    """Why a payment goes back."""

    reason = TextAreaField("理由", [REQUIRED, Length(max=1000)], description="申请人会看到，并记入办理经过")


class PayForm(BaseForm):
    """登记支付: the day the money left, and the invoice it was paid against."""

    paid_on = DateField("支付日期", [REQUIRED], description="复核通过之日至今天之间")
    number = StringField("发票号码", [REQUIRED, Length(max=60)])
    invoice_on = DateField("开票日期", [REQUIRED])
    file = FileField("发票文件（可以不传）", description="PDF 文件")
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

    def invoice(self) -> Invoice:
        """As typed; call after `validate`."""
        assert self.invoice_on.data  # noqa: S101 -- required, for the type checker
        assert self.paid_on.data  # noqa: S101
        return Invoice((self.number.data or "").strip(), self.invoice_on.data, self.paid_on.data)


class ReceiveForm(BaseForm):
    """登记收回: the day the money was back, and its voucher."""

    received_on = DateField("收回日期", [REQUIRED], description="发出退款通知之日至今天之间")
    voucher = StringField("凭证号", [REQUIRED, Length(max=60)])


class PenaltyForm(PlainForm):
    """One line of other deductions; an empty amount is no line."""

    clause = StringField("合同条款", [Length(max=200)])
    reason = StringField("事实", [Length(max=500)])
    amount = YuanField("金额（元）")


class AdjustForm(BaseForm):
    """登记扣减: what other clauses of the contract take from the fee."""

    lines = FieldList(FormField(PenaltyForm), min_entries=LINES, max_entries=LINES)

    def penalties(self) -> list[Penalty]:
        """The lines with an amount, as typed; call after `validate`."""
        made = []
        for each in self.lines:
            amount = each.form.amount.amount() or NOTHING
            if amount or (each.form.clause.data or "").strip():
                made.append(Penalty(amount, each.form.clause.data or "", each.form.reason.data or ""))
        return made

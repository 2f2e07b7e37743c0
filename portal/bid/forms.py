"""What a firm types to respond. Shape only; and nothing of it is ever kept by the server in the clear."""

import tempfile
from typing import IO, Any
from uuid import UUID

from flask import Response, after_this_request, request
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    MultipleFileField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from portal.bid import queries
from portal.bid.actions import Attachment, Member, Offer
from portal.bid.rules import LEAST_SEED, LONGEST_PLAN, MOST_MEMBERS, new_seed
from portal.kernel.envelope import FileKey, SealingStream
from portal.kernel.money import NOTHING
from portal.web.forms import REQUIRED, BaseForm, YuanField


def sealing(*_: Any) -> IO[bytes]:
    """Where an attachment is written while it arrives: sealed under a key that is in memory alone."""
    vault = queries.vault()
    vault.closed()
    target = tempfile.TemporaryFile(dir=vault.incoming)  # noqa: SIM115 -- closed after the request
    stream = SealingStream(target, FileKey.fresh())

    @after_this_request
    def close(response: Response) -> Response:
        """Nothing of it is left open, whatever the answer."""
        stream.close()
        return response

    return stream  # type: ignore[return-value]  # a raw stream, written and read as a file is


class MemberForm(Form):
    """One person of the team; a row left empty is nobody."""

    name = StringField("姓名", [Length(max=50)])
    title = StringField("职务或资格", [Length(max=100)])
    days = IntegerField("投入天数", [Optional(), NumberRange(1, 1000, "请填写 1 至 1000 的整数")])

    def validate_name(self, field: StringField) -> None:
        """A person has a name. Raises `ValidationError`."""
        if not (field.data or "").strip() and ((self.title.data or "").strip() or self.days.data):
            raise ValidationError("请填写姓名")

    def validate_title(self, field: StringField) -> None:
        """And a place in the team. Raises `ValidationError`."""
        if (self.name.data or "").strip() and not (field.data or "").strip():
            raise ValidationError("请填写职务或资格")

    def member(self) -> Member | None:
        """The person, or None where the row is empty."""
        name = (self.name.data or "").strip()
        return Member(name, (self.title.data or "").strip(), self.days.data or 0) if name else None


class BidForm(BaseForm):
    """响应文件: price, plan, team, lead evaluator, attachments."""

    price = YuanField("报价", [REQUIRED], description="报出一次，开启之后不得更改")
    over_ceiling = BooleanField("已知悉：报价高于最高限价将作无效响应处理")
    lead = SelectField("主评人", [InputRequired("请选择主评人")])
    onsite_days = IntegerField(
        "承诺现场工作天数", [InputRequired("请填写天数"), NumberRange(0, 1000, "请填写 0 至 1000 的整数")]
    )
    members = FieldList(
        FormField(MemberForm), "项目组成员", min_entries=MOST_MEMBERS, max_entries=MOST_MEMBERS
    )
    plan = TextAreaField("实施方案要点", [REQUIRED, Length(max=LONGEST_PLAN)])
    files = MultipleFileField("附件")
    independent = BooleanField(
        "独立性声明：本机构和拟派人员与被评价单位及其主管部门没有利害关系",
        [InputRequired("请先勾选独立性声明；确有利害关系的，请不要响应")],
    )
    declared = BooleanField(
        "我确认：所填内容真实，所传材料不含国家秘密、工作秘密", [InputRequired("请先勾选确认")]
    )

    seed = HiddenField(default=lambda: new_seed().hex())

    def validate_members(self, field: "FieldList[Any]") -> None:
        """Somebody does the work. Raises `ValidationError`."""
        if not any(entry.form.member() for entry in field):
            raise ValidationError("请至少填写一名成员")

    def offer(self) -> Offer:
        """The offer as typed; call after `validate`."""
        seed = (self.seed.data or "").encode()
        files = [each for each in request.files.getlist("files") if each.filename]
        return Offer(
            price=self.price.amount() or NOTHING,
            plan=(self.plan.data or "").strip(),
            lead_id=UUID(self.lead.data),
            members=tuple(each for entry in self.members if (each := entry.form.member())),
            onsite_days=self.onsite_days.data or 0,
            independent=self.independent.data,
            files=tuple(Attachment(each.filename or "", _sealed(each.stream)) for each in files),
            seed=seed if len(seed) >= LEAST_SEED else new_seed(),
        )


def _sealed(stream: Any) -> SealingStream:
    if not isinstance(stream, SealingStream):
        msg = "an attachment of a bid arrived unsealed"
        raise TypeError(msg)
    return stream


class ConfirmForm(BaseForm):
    """Asked once more."""

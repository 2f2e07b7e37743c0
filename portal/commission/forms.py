"""What an officer types to commission an evaluation. Shape only: what is lawful is `rules`' matter."""

import re
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.commission.actions import Draft
from portal.commission.rules import KIND_LABELS
from portal.kernel.exact import plain_decimal
from portal.web.forms import REQUIRED, BaseForm, SelectChoice, TextField, YuanField

FULL = Decimal(100)
ROW_KEY: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class PointsField(StringField):
    """Points from 0 to 100 with at most two places; nothing typed is lost."""

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002
        """Raises `ValidationError` in the user's words."""
        self.points()

    def points(self) -> Decimal | None:
        """The points, or None where nothing was typed. Raises `ValidationError`."""
        text = (self.data or "").strip()
        if not text:
            return None
        try:
            points = plain_decimal(text)
        except ValueError as error:
            raise ValidationError("请填写 0 至 100 的分数，例如 80 或 82.50") from error
        if not 0 <= points <= FULL or len(text.partition(".")[2]) > 2:  # noqa: PLR2004
            raise ValidationError("请填写 0 至 100 的分数，最多两位小数")
        return points


class CheckList(SelectMultipleField):
    """A choice of many as boxes that can be ticked without a keyboard trick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class CommissionForm(BaseForm):
    """起草委托: subjects, kind of service, ceiling, deadlines and quality terms."""

    PLAIN = (
        "name",
        "year",
        "service_kind",
        "assist_only",
        "budget_item",
        "plan_due_on",
        "draft_due_on",
        "report_due_on",
        "requirements",
    )

    name = StringField(
        "委托名称", [REQUIRED, Length(max=200)], description="例如：2023年度财政重点绩效评价（第一批）"
    )
    year = IntegerField(
        "年度", [InputRequired("请填写四位年份"), NumberRange(2000, 2999, "请填写 2000 以后的四位年份")]
    )
    service_kind = SelectField(
        "委托事项", choices=[SelectChoice(kind.value, label) for kind, label in KIND_LABELS.items()]
    )
    assist_only = BooleanField("仅协助事务性工作，不以第三方机构名义出具报告")
    commissioner_id = SelectField("委托方", description="默认由本局委托；主管部门组织部门评价的，选择该部门")
    subjects = CheckList("评价对象", [InputRequired("请至少勾选一个评价对象")])
    find = TextField("查找评价对象", [Length(max=100)])
    budget_item = StringField(
        "预算项目", [Length(max=100)], description="同一预算项目当年多次采购将合并计算，防止化整为零"
    )
    ceiling = YuanField("最高限价", [REQUIRED], description="单位：元。响应报价超过最高限价的无效")
    plan_due_on = DateField("实施方案提交截止", [Optional()], description="送审之前须填写；三个日期依次靠后")
    draft_due_on = DateField("报告初稿提交截止", [Optional()])
    report_due_on = DateField("正式报告提交截止", [Optional()])
    cutoff = PointsField(
        "质量分数线",
        [REQUIRED],
        description="没有默认值，必须由本局确定。得分等于分数线的全额支付，低于分数线的扣费",
    )
    experts = IntegerField(
        "评分专家人数", [InputRequired("请填写人数"), NumberRange(3, 15, "专家人数为 3 至 15 人")]
    )
    sample_size = IntegerField(
        "抽评对象数", [Optional(), NumberRange(1, 500, "请填写 1 以上的整数")], description="不填则全部评审"
    )
    requirements = TextAreaField("服务要求", [Length(max=4000)])

    def validate_draft_due_on(self, field: DateField) -> None:
        """After the plan. Raises `ValidationError`."""
        self._follows(field, self.plan_due_on)

    def validate_report_due_on(self, field: DateField) -> None:
        """After the draft, or where none is given the plan. Raises `ValidationError`."""
        self._follows(field, self.draft_due_on if self.draft_due_on.data else self.plan_due_on)

    @staticmethod
    def _follows(field: DateField, before: DateField) -> None:
        if field.data and before.data and field.data <= before.data:
            raise ValidationError(f"应晚于{before.label.text}（{before.data:%Y-%m-%d}）")

    def picked(self) -> list[UUID]:
        """The subjects ticked; what is no key of a row is left to `validate`."""
        return [UUID(each) for each in self.subjects.data or () if ROW_KEY.fullmatch(each)]

    def draft(self) -> Draft:
        """The draft as typed; call after `validate`."""
        return Draft(
            name=(self.name.data or "").strip(),
            year=self.year.data or 0,
            service_kind=self.service_kind.data,
            assist_only=bool(self.assist_only.data),
            commissioner_id=UUID(self.commissioner_id.data) if self.commissioner_id.data else None,
            budget_item=(self.budget_item.data or "").strip(),
            ceiling=self.ceiling.amount(),
            plan_due_on=self.plan_due_on.data,
            draft_due_on=self.draft_due_on.data,
            report_due_on=self.report_due_on.data,
            requirements=(self.requirements.data or "").strip(),
            subjects=tuple(UUID(each) for each in self.subjects.data or ()),
            cutoff=self.cutoff.points(),
            sample_size=self.sample_size.data,
            experts=self.experts.data or 0,
        )


class ReasonForm(BaseForm):
    """Why a commission goes back, is corrected or withdrawn."""

    reason = TextAreaField(
        "理由", [REQUIRED, Length(max=1000)], description="将记入办理经过，有关人员可以看到"
    )

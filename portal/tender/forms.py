"""What is typed to buy, to ask and to answer. Shape only: what is lawful is `rules`' matter."""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from wtforms import (
    BooleanField,
    DateTimeLocalField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.kernel.clock import SHANGHAI
from portal.kernel.money import NOTHING
from portal.tender.actions import Draft
from portal.tender.rules.moves import BEFORE_AN_AWARD, GROUND_LABELS, Ground
from portal.tender.rules.prospects import Verdict
from portal.tender.rules.told import CHECKED_BY_SYSTEM
from portal.web.forms import REQUIRED, BaseForm, SelectChoice, YuanField

MOST_REQUIREMENTS: Final = 30
DEFAULT_REQUIREMENTS: Final = (
    "指定的主评人符合规定的职称或执业资格、从业年限和绩效评价年限，并在合同期内不得更换",
    "团队不少于 3 人，列明每名成员的职务或资格、投入天数",
    "提交实施方案提纲，写明评价思路、指标、抽样和时间安排",
)


class InstantField(DateTimeLocalField):
    """Day and time of the clock on the wall in Shanghai; ``instant`` is the aware value."""

    def __init__(self, label: str, validators: Any = (), **named: Any) -> None:
        super().__init__(label, validators, format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], **named)

    def process_data(self, value: Any) -> None:
        """Shown as Shanghai's time, without a zone, as browsers want it."""
        super().process_data(value.astimezone(SHANGHAI).replace(tzinfo=None) if value else None)

    def instant(self) -> datetime | None:
        """What was typed, as an instant."""
        return self.data.replace(tzinfo=SHANGHAI).astimezone(UTC) if self.data else None


class CheckList(SelectMultipleField):
    """A choice of many as boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class TenderForm(BaseForm):
    """起草采购文件."""

    name = StringField("采购名称", [REQUIRED, Length(max=200)])
    ceiling = YuanField("最高限价", [REQUIRED], description="单位：元，不超过委托批准的最高限价")
    response_by = InstantField("响应截止时间", [InputRequired("请填写日期和时间，例如 2026-11-27 17:00")])
    requirements = TextAreaField(
        "实质性要求",
        [REQUIRED, Length(max=6000)],
        description="每行一项。开启后小组逐项审查，任何一项不符合，响应无效。"
        f"{'、'.join(CHECKED_BY_SYSTEM)}由系统核对，不用写",
        render_kw={"rows": 8},
    )
    needs = TextAreaField("服务要求", [Length(max=4000)], render_kw={"rows": 5})

    def validate_requirements(self, _field: TextAreaField) -> None:
        """Raises `ValidationError` for more than a panel can judge."""
        if len(self.listed()) > MOST_REQUIREMENTS:
            raise ValidationError(f"最多 {MOST_REQUIREMENTS} 项")

    def listed(self) -> tuple[str, ...]:
        """The requirements, one per line."""
        return tuple(each.strip() for each in (self.requirements.data or "").splitlines() if each.strip())

    def draft(self) -> Draft:
        """The draft as typed; call after `validate`."""
        response_by = self.response_by.instant()
        assert response_by is not None  # noqa: S101 -- required
        return Draft(
            name=(self.name.data or "").strip(),
            ceiling=self.ceiling.amount() or NOTHING,
            response_by=response_by,
            requirements=self.listed(),
            needs=(self.needs.data or "").strip(),
        )


class ChoiceForm(BaseForm):
    """选定邀请机构: the boxes are the table's own; here the reason."""

    reason = TextAreaField(
        "邀请理由",
        [REQUIRED, Length(max=1000)],
        description="说明为什么邀请这几家，例如专业对口、轮换、评级靠前。随采购档案保存",
    )


class MatchForm(BaseForm):
    """Whether two people of one name are one."""

    verdict = RadioField(
        "认定",
        [InputRequired("请选择")],
        choices=[
            SelectChoice(Verdict.CONFIRMED.value, "是同一人，应当回避"),
            SelectChoice(Verdict.REJECTED.value, "不是同一人，只是同名"),
        ],
    )
    reason = TextAreaField(
        "依据",
        [REQUIRED, Length(max=1000)],
        description="写明怎样核实的，例如：已电话向双方核实，两人年龄、单位不同。随采购档案保存",
    )


class PanelForm(BaseForm):
    """组成询价小组."""

    chair = SelectField("组长", [InputRequired("请选择组长")], validate_choice=False)
    members = CheckList("其他成员", [InputRequired("请至少勾选两名成员")], validate_choice=False)

    def posts(self) -> tuple[UUID, list[UUID]]:
        """The chair's post and the others'. Raises `ValueError` for what is no id."""
        return UUID(self.chair.data), [UUID(each) for each in self.members.data or ()]


class IssueForm(BaseForm):
    """发出: the deadline, now that the day of issue is known."""

    response_by = InstantField(
        "响应截止时间", [REQUIRED], description="发出当日不计入期限；可以晚于批准的时间，不能更早"
    )


class ReasonForm(BaseForm):
    """Why a tender goes back, stands still, goes on or ends."""

    reason = TextAreaField(
        "理由", [REQUIRED, Length(max=1000)], description="将记入办理经过，有关人员可以看到"
    )


class TerminationForm(ReasonForm):
    """终止: on which ground of the law."""

    ground = RadioField(
        "终止情形",
        [InputRequired("请选择一种情形")],
        choices=[SelectChoice(ground.value, GROUND_LABELS[ground]) for ground in BEFORE_AN_AWARD],
    )


class AmendmentForm(BaseForm):
    """变更采购文件, told to all."""

    words = TextAreaField(
        "变更内容",
        [REQUIRED, Length(max=4000)],
        description="写明改哪一条、原来怎么写、改成什么。实质性要求、质量约定和最高限价不能在此变更",
        render_kw={"rows": 5},
    )
    affects = BooleanField(
        "可能影响响应文件的编制（剩余时间不足规定工作日的，截止时间自动顺延）", default=True
    )
    response_by = InstantField(
        "新的响应截止时间", [Optional()], description="不填则不变，或者按规定自动顺延；不能提前"
    )


class QuestionForm(BaseForm):
    """提出询问."""

    text = TextAreaField(
        "询问内容",
        [REQUIRED, Length(max=2000)],
        description="请不要写出能看出机构身份的内容。问题和答复将同时发给全部被邀请机构",
        render_kw={"rows": 5},
    )


class AnswerForm(BaseForm):
    """答复询问."""

    published = TextAreaField(
        "对外公布的问题",
        [REQUIRED, Length(max=2000)],
        description="可以改写，去掉能看出提问机构的内容",
        render_kw={"rows": 4},
    )
    words = TextAreaField("答复", [REQUIRED, Length(max=4000)], render_kw={"rows": 5})
    affects = BooleanField(
        "可能影响响应文件的编制（剩余时间不足规定工作日的，截止时间自动顺延）", default=True
    )


def ground_of(form: TerminationForm) -> Ground | None:
    """The ground chosen."""
    return Ground(form.ground.data) if form.ground.data else None

"""What is typed about the work under a contract. Shape only: what is lawful is `rules`' matter."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from wtforms import BooleanField, DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from portal.deliverable.actions import Visited
from portal.deliverable.models import Opinion
from portal.web.forms import REQUIRED, BaseForm, SelectChoice
from portal.web.uploads import UploadForm

LONG = Length(max=2000)
ADOPTED, NOT_ADOPTED = "yes", "no"
WHY_NOT = "没有采纳的，请写明理由"


class HandInForm(UploadForm):
    """提交成果: the file, what is new in it, and for a report the lead evaluator's name."""

    note = TextAreaField("本版说明", [LONG], description="例如：按退回意见补充了抽样方案。没有可以不填")
    lead_confirmed = BooleanField("主评人已审阅本报告，同意署名并对报告负责")


class ReasonForm(BaseForm):
    """Why a deliverable goes back, or a visit is struck out."""

    reason = TextAreaField("理由", [REQUIRED, LONG], description="对方会看到，并与这一版一起存档")


class OpinionForm(BaseForm):
    """One opinion of the unit on the draft."""

    place = StringField("章节或页码", [REQUIRED, Length(max=100)], description="例如：第三章第二节，第 12 页")
    text = TextAreaField("意见", [REQUIRED, LONG])


class VisitForm(BaseForm):
    """记录现场工作: which subject, when, where, who."""

    subject_id = SelectField("评价对象")
    from_on = DateField("开始日期", [REQUIRED])
    to_on = DateField("结束日期", [REQUIRED])
    place = StringField("地点", [REQUIRED, Length(max=200)])
    attended = TextAreaField("参加人员", [REQUIRED, Length(max=500)], description="写姓名，用顿号隔开")
    lead_attended = BooleanField("主评人到场", description="主评人到场的天数计入合同承诺的现场工作天数")
    notes = TextAreaField("工作内容", [LONG])

    def visited(self) -> Visited:
        """The visit as typed; call after `validate`."""
        assert self.from_on.data  # noqa: S101 -- `validate` asked for both
        assert self.to_on.data  # noqa: S101
        return Visited(
            subject_id=UUID(self.subject_id.data),
            from_on=self.from_on.data,
            to_on=self.to_on.data,
            place=(self.place.data or "").strip(),
            attended=(self.attended.data or "").strip(),
            lead_attended=bool(self.lead_attended.data),
            notes=(self.notes.data or "").strip(),
        )


class AskForm(BaseForm):
    """索取资料: a list for one subject."""

    subject_id = SelectField("评价对象")
    items = TextAreaField("资料清单", [REQUIRED, LONG], description="每行写一项；请一次列全")
    is_original = BooleanField("需要提供原件", description="原件用完须返还，由单位确认收回")

    def listed(self) -> tuple[str, ...]:
        """The items, one per line, each once."""
        lines = (line.strip()[:200] for line in (self.items.data or "").splitlines())
        return tuple(dict.fromkeys(line for line in lines if line))


class DayForm(BaseForm):
    """On which day material changed hands."""

    on = DateField("日期", [REQUIRED])


def choose_subjects(form: Any, subjects: Sequence[dict[str, str]]) -> Any:
    """Give a form the subjects of a contract to choose from."""
    form.subject_id.choices = [
        SelectChoice(each["id"], f"{each['name']}（{each['unit_name']}）") for each in subjects
    ]
    return form


def answer_form(sent: Any, opinions: Sequence[Opinion]) -> Any:
    """A form with one choice and one line for each opinion."""
    fields: dict[str, Any] = {}
    for each in opinions:
        fields[f"adopted_{each.number}"] = RadioField(
            f"第 {each.number} 条是否采纳",
            [REQUIRED],
            choices=[SelectChoice(ADOPTED, "采纳"), SelectChoice(NOT_ADOPTED, "不采纳")],
        )
        fields[f"answer_{each.number}"] = TextAreaField(
            f"第 {each.number} 条的说明", [LONG], description="不采纳的必须写明理由；采纳的可以写怎样修改"
        )
    return type("AnswerForm", (BaseForm,), fields)(sent)


def answers_of(form: Any, opinions: Sequence[Opinion]) -> dict[int, tuple[bool | None, str]]:
    """The answers as typed, by number of the opinion."""
    return {
        each.number: (
            {ADOPTED: True, NOT_ADOPTED: False}.get(form[f"adopted_{each.number}"].data or ""),
            (form[f"answer_{each.number}"].data or "").strip(),
        )
        for each in opinions
    }

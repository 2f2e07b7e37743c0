"""What people type in the house: shape only; what it means is the rules' and the actions' matter."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from wtforms import (
    DateField,
    FileField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Regexp

from portal.office.actions.rulesets import Typed
from portal.office.rules.numbers import CODE
from portal.web.forms import REQUIRED, BaseForm, SelectChoice
from tenants.ruleset import KEYS, Choice
from tenants.ruleset.kinds import Flag

SOURCE_MARK = "-source"


def text_of(field: Any) -> str:
    """What was typed into a field of text, without the blanks around it."""
    return (field.data or "").strip()


class VerbForm(BaseForm):
    """Nothing but the token: the button is the deed."""


class RegionForm(BaseForm):
    """登记行政区划."""

    code = StringField("区划代码", [REQUIRED, Length(max=6)], description="六位数字，按 GB/T 2260")
    name = StringField("名称", [REQUIRED, Length(max=40)])


class TenantForm(BaseForm):
    """开设财政局: its name, and the three administrators who will let everybody else in."""

    name = StringField("财政局名称", [REQUIRED, Length(max=60)])
    system_username = StringField("系统管理员用户名", [REQUIRED, Length(max=32)])
    system_name = StringField("系统管理员姓名", [REQUIRED, Length(max=40)])
    security_username = StringField("安全管理员用户名", [REQUIRED, Length(max=32)])
    security_name = StringField("安全管理员姓名", [REQUIRED, Length(max=40)])
    audit_username = StringField("审计管理员用户名", [REQUIRED, Length(max=32)])
    audit_name = StringField("审计管理员姓名", [REQUIRED, Length(max=40)])


class CalendarForm(BaseForm):
    """导入工作日历."""

    file = FileField("安排表（.csv）")


class SectionForm(BaseForm):
    """科室（股室）: its name and what it is there for."""

    name = StringField("名称", [REQUIRED, Length(max=40)])
    duties = TextAreaField("职责", [Length(max=1000)])


class CodeForm(BaseForm):
    """启用代字."""

    code = StringField(
        "代字", [REQUIRED, Regexp(CODE.pattern + r"\Z", message="代字由 2 至 10 个汉字组成，例如：师财绩")]
    )
    section = SelectField("使用科室（股室）", validate_choice=True)


class TakeForm(BaseForm):
    """取号."""

    code = SelectField("代字")
    year = IntegerField("年份", [InputRequired("请填写四位年份"), NumberRange(1949, 2999, "请填写四位年份")])
    title = StringField("文件标题", [REQUIRED, Length(max=200)])


class RegisterForm(BaseForm):
    """补登旧文号."""

    typed = StringField(
        "文号", [REQUIRED, Length(max=40)], description="例如：师财绩〔2023〕10号；括号和“号文”会自动规范"
    )
    title = StringField("文件标题", [REQUIRED, Length(max=200)])
    reason = TextAreaField(
        "重号理由", [Length(max=400)], description="这个文号已经登记过、确实用了两次的，写明情况；否则不填"
    )


class ShareForm(BaseForm):
    """授权使用专家库."""

    grantee = SelectField("授权给", [REQUIRED])


class RuleSetForm(BaseForm):
    """起草规则集: one field per key, and beside it the document it rests on; empty states nothing."""

    effective_on = DateField("施行日期", [InputRequired("请填写施行日期")])
    note = TextAreaField(
        "修订说明", [Length(max=1000)], description="为什么修订、经谁研究，批准人和以后的人会看到"
    )
    seen = HiddenField()

    def typed(self, today: date) -> Typed:
        """What was typed; call after `validate`."""
        return Typed(
            values={name: self[field_of(name)].data or "" for name in KEYS},
            sources={name: self[field_of(name) + SOURCE_MARK].data or "" for name in KEYS},
            effective_on=self.effective_on.data or today,
            note=(self.note.data or "").strip(),
        )

    def lay(self, values: Mapping[str, str], sources: Mapping[str, str]) -> None:
        """Put the values and documents of a layer into the fields."""
        for name in values:
            self[field_of(name)].data = values[name]
            self[field_of(name) + SOURCE_MARK].data = sources.get(name, "")


def field_of(key: str) -> str:
    """The name of a key's field; dots would end the name of an id in a style sheet."""
    return key.replace(".", "-")


def _value_field(name: str) -> Any:
    """A field of text with its hint, or a choice of the key's words; the register judges it."""
    key = KEYS[name]
    words: tuple[str, ...] = ()
    if isinstance(key.kind, Choice):
        words = tuple(key.kind.labels.values())
    elif isinstance(key.kind, Flag):
        words = ("是", "否")
    if not words:
        return StringField(key.label, [Length(max=400)], description=key.kind.hint)
    choices = [SelectChoice("", "沿用"), *map(SelectChoice, words)]
    return SelectField(key.label, choices=choices, validate_choice=False)


for _name in KEYS:
    setattr(RuleSetForm, field_of(_name), _value_field(_name))
    setattr(RuleSetForm, field_of(_name) + SOURCE_MARK, StringField("依据文件", [Length(max=200)]))

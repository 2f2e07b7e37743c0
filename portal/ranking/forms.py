"""What is typed at a ranking: year, days of publicity, reasons, an objection, its answer. Shape only."""

from wtforms import IntegerField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from portal.ranking.rules import FINDING_LABELS, Finding
from portal.web.forms import REQUIRED, BaseForm, SelectChoice

FIRST_YEAR = 2000
LAST_YEAR = 2100
MOST_WORKDAYS = 250


class YearForm(BaseForm):
    """汇总年度排名."""

    year = IntegerField(
        "年度",
        [InputRequired("必填"), NumberRange(FIRST_YEAR, LAST_YEAR, "请填写四位年度，例如 2026")],
        description="合同归入哪个年度，由本局规则集规定",
    )


class PublishForm(BaseForm):
    """公示排名; how few days are too few, the rules of the ranking say."""

    workdays = IntegerField(
        "公示工作日",
        [InputRequired("必填"), NumberRange(1, MOST_WORKDAYS, f"公示 1 至 {MOST_WORKDAYS} 个工作日")],
    )


class ReasonForm(BaseForm):
    """更正排名."""

    reason = TextAreaField("更正理由", [REQUIRED, Length(max=500)], description="将随更正公告向社会公布")


class ObjectForm(BaseForm):
    """提出异议."""

    said = TextAreaField(
        "异议内容",
        [REQUIRED, Length(max=2000)],
        description="请写明对哪一次合作、哪一个分数有异议，以及理由",
    )


class AnswerForm(BaseForm):
    """答复异议."""

    finding = RadioField(
        "认定",
        [InputRequired("必选")],
        choices=[SelectChoice(each.value, label) for each, label in FINDING_LABELS.items()],
    )
    reason = TextAreaField("答复", [REQUIRED, Length(max=2000)], description="提出异议的机构可以看到")

    def found(self) -> Finding:
        """What was found."""
        return Finding(self.finding.data)

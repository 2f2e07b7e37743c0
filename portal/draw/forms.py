"""What is typed at a draw: the number, and why a draw is given up. Shape only."""

from wtforms import TextAreaField
from wtforms.validators import Length, Regexp

from portal.draw.rules import TYPED_SHAPE
from portal.web.forms import REQUIRED, BaseForm, TextField
from portal.wording import REFUSALS


class SeedForm(BaseForm):
    """输入抽取数."""

    typed = TextField(
        "抽取数",
        [REQUIRED, Regexp(f"^ *{TYPED_SHAPE} *$", message=REFUSALS["draw.typed_shape"])],
        description="4 到 20 位数字，当场掷骰子、摇号，或者由在场人员各报几位后连写",
        render_kw={"inputmode": "numeric", "autocomplete": "off", "maxlength": 24},
    )


class EndForm(BaseForm):
    """作废抽取."""

    reason = TextAreaField("作废原因", [REQUIRED, Length(max=500)], description="会同编号一起向社会公布")

"""What people type to come in and to hold posts. Passwords are never shown again, nor kept by the browser."""

from typing import Any
from uuid import UUID

from wtforms import BooleanField, HiddenField, SelectField, TextAreaField
from wtforms.validators import EqualTo, Length

from portal.access import ROLE_LABELS, STAFF, Role
from portal.identity.actions import Opening, Place
from portal.web.forms import REQUIRED, BaseForm, SecretField, SelectChoice, TextField

CHOOSING_HELP = "至少 10 个字符，大写字母、小写字母、数字、符号中至少三种，不得包含用户名"


class CarriedField(HiddenField):
    """A value the page sends back unseen; ``data`` is '' where none was sent."""

    data: str

    def process_data(self, value: Any) -> None:
        """What the form is shown with."""
        self.data = value or ""


class SignInForm(BaseForm):
    """用户名 and 密码, and where to go on afterwards."""

    username = TextField("用户名", [REQUIRED, Length(max=64)])
    password = SecretField("密码", [REQUIRED, Length(max=128)])
    next = CarriedField()


class PasswordForm(BaseForm):
    """A person changes their own password."""

    old_password = SecretField("原密码", [REQUIRED, Length(max=128)])
    new_password = SecretField("新密码", [REQUIRED], description=CHOOSING_HELP)
    again_password = SecretField("再输入一次", [REQUIRED, EqualTo("new_password", "两次输入的新密码不一致")])


class FirstForm(BaseForm):
    """The first sign-in with the code from a printed slip."""

    username = TextField("用户名", [REQUIRED, Length(max=64)])
    one_time_code = TextField(
        "一次性口令", [REQUIRED, Length(max=32)], description="口令条上印有，大小写和短横线不影响"
    )
    new_password = SecretField("设置密码", [REQUIRED], description=CHOOSING_HELP)
    again_password = SecretField("再输入一次", [REQUIRED, EqualTo("new_password", "两次输入的密码不一致")])


class NoticeForm(BaseForm):
    """Nothing but the token: consent is the button."""


class PostForm(BaseForm):
    """A post in the bureau: a role, and the section where it has one."""

    role = SelectField(
        "岗位",
        [REQUIRED],
        choices=[
            SelectChoice("", "请选择"),
            *(SelectChoice(role.value, ROLE_LABELS[role]) for role in Role if role in STAFF),
        ],
    )
    section = SelectField("科室（股室）", description="经办、复核等业务岗位请选择所在股室；三员岗位可不选")

    def __init__(self, *given: Any, sections: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*given, **more)
        self.section.choices = [
            SelectChoice("", "不限股室"),
            *(SelectChoice(key, name) for key, name in sections),
        ]

    def place(self) -> Place:
        """Where the post is."""
        return Place(section_id=UUID(self.section.data) if self.section.data else None)


class OpenForm(PostForm):
    """A new person of the bureau and their first post."""

    username = TextField(
        "用户名",
        [REQUIRED, Length(max=32)],
        description="3 至 32 个小写字母、数字、点或短横线，例如姓名全拼；开立后不能更改",
    )
    name = TextField("姓名", [REQUIRED, Length(max=64)])
    known = BooleanField("此人在其他单位已有账号，只增加本单位岗位（用户名和姓名须与原账号一致）")

    def opening(self) -> Opening:
        """What was typed."""
        return Opening(
            username=self.username.data.strip(),
            name=self.name.data.strip(),
            role=Role(self.role.data),
            place=self.place(),
            known=self.known.data,
        )


class RevealForm(BaseForm):
    """Why a sealed personal value is to be shown."""

    reason = TextAreaField(
        "查看理由",
        [REQUIRED, Length(min=4, max=500, message="请用四个字以上写明理由")],
        description="将记入审计记录",
    )

"""What people type to come in and to hold posts. Passwords are never shown again, nor kept by the browser."""

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, Length

from portal.web.forms import REQUIRED, BaseForm


class SignInForm(BaseForm):
    """用户名 and 密码, and where to go on afterwards."""

    username = StringField("用户名", [REQUIRED, Length(max=64)])
    password = PasswordField("密码", [REQUIRED, Length(max=128)])
    next = HiddenField()


class PasswordForm(BaseForm):
    """A person changes their own password."""

    old_password = PasswordField("原密码", [REQUIRED])
    new_password = PasswordField(
        "新密码",
        [REQUIRED],
        description="至少 10 个字符，大写字母、小写字母、数字、符号中至少三种，不得包含用户名",
    )
    again_password = PasswordField(
        "再输入一次", [REQUIRED, EqualTo("new_password", "两次输入的新密码不一致")]
    )


class FirstForm(BaseForm):
    """The first sign-in with the code from a printed slip."""

    username = StringField("用户名", [REQUIRED, Length(max=64)])
    code = StringField(
        "一次性口令", [REQUIRED, Length(max=32)], description="口令条上印有，大小写和短横线不影响"
    )
    new_password = PasswordField(
        "设置密码",
        [REQUIRED],
        description="至少 10 个字符，大写字母、小写字母、数字、符号中至少三种，不得包含用户名",
    )
    again_password = PasswordField("再输入一次", [REQUIRED, EqualTo("new_password", "两次输入的密码不一致")])


class NoticeForm(BaseForm):
    """Nothing but the token: consent is the button."""

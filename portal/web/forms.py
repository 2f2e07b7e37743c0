"""The base of every form, and fields of finance. A form validates shape; rules give meaning."""

import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from flask import current_app, request, session
from wtforms import Form, PasswordField, StringField, ValidationError
from wtforms.csrf.core import CSRFTokenField
from wtforms.csrf.session import SessionCSRF
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.form import BaseForm as AnyForm
from wtforms.validators import InputRequired, StopValidation

from portal.kernel.money import Yuan, yuan_as_typed

__all__ = [
    "REQUIRED",
    "BaseForm",
    "SelectChoice",
    "YuanField",
    "as_shown",
    "has_valid_token",
    "put_errors",
    "shown_version",
]
Row = TypeVar("Row")
_DIGITS: Final = 10
_GROUPED: Final = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")
REQUIRED = InputRequired("必填")


class MaskedToken(SessionCSRF):
    """WTForms' token behind a fresh random pad on every page.

    A page is sent compressed, and the length of what is compressed tells about a secret that stays the same
    (BREACH); behind a pad it never does.
    """

    def generate_csrf_token(self, csrf_token_field: CSRFTokenField) -> str:
        """A pad, and the token under it."""
        token = self._token(csrf_token_field)
        pad = secrets.token_bytes(len(token))
        return (pad + _under(pad, token)).hex()

    def validate_csrf_token(self, form: AnyForm, field: CSRFTokenField) -> None:  # noqa: ARG002
        """Raises `ValidationError` where the token is not this session's."""
        token = self._token(field)
        try:
            sent = bytes.fromhex(field.data or "")
        except ValueError:
            sent = b""
        pad, masked = sent[: len(token)], sent[len(token) :]
        if len(masked) != len(token) or not hmac.compare_digest(_under(pad, masked), token):
            raise ValidationError("表单已失效")

    def _token(self, field: CSRFTokenField) -> bytes:
        return bytes.fromhex(super().generate_csrf_token(field).removeprefix("##"))


def _under(pad: bytes, content: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(pad, content, strict=True))


class BaseForm(Form):
    """A form with its token; Chinese messages."""

    csrf_token: CSRFTokenField

    class Meta:
        """WTForms' own protection against forged requests, kept in the session."""

        csrf = True
        csrf_class = MaskedToken
        csrf_time_limit = None
        locales = ("zh",)

        @property
        def csrf_secret(self) -> bytes:
            """The installation's session secret."""
            secret = current_app.secret_key
            return secret if isinstance(secret, bytes) else str(secret).encode()

        @property
        def csrf_context(self) -> Any:
            """Where the token's seed is kept."""
            return session


def shown_version() -> int:
    """The version of its row that a page showed and its form sends back; 0 where none or nonsense came."""
    typed = request.form.get("version", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < _DIGITS else 0


def as_shown(row: Row, lock: Callable[..., None]) -> Row:
    """Nobody decides on what they have not seen. Raises `Stale` where the page showed an earlier version."""
    if "version" in request.form:
        lock(row, version=shown_version())
    return row


def has_valid_token(sent: Any) -> bool:
    """Whether what was sent carries the token of this browser's session."""
    form = BaseForm(sent)
    return bool(form.validate())


class TextField(StringField):
    """A line of text; ``data`` is '' where nothing was typed."""

    data: str

    def process_data(self, value: Any) -> None:
        """What the form is shown with."""
        self.data = value or ""


class SecretField(PasswordField):
    """A password: never shown again; ``data`` is '' where nothing was typed."""

    data: str

    def process_data(self, value: Any) -> None:
        """Always empty: a page never shows a password."""
        del value
        self.data = ""


class YuanField(StringField):
    """An amount in 元 above zero: digits with optional separators, at most two places, no sign or exponent.

    ``data`` is the text typed until `amount` reads it, so that nothing typed is ever lost.
    """

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002
        """Raises `StopValidation` in the user's words: what is no amount is not looked at any further."""
        try:
            self.amount()
        except ValidationError as error:
            raise StopValidation(*error.args) from None

    def amount(self) -> Yuan | None:
        """The amount, or None where nothing was typed. Raises `ValidationError`."""
        text = (self.data or "").strip().replace("，", ",")
        if not text:
            return None
        whole, dot, places = text.partition(".")
        if _GROUPED.fullmatch(whole):
            whole = whole.replace(",", "")
            text = f"{whole}{dot}{places}"
        if not (whole.isascii() and whole.isdigit()) or (dot and not (places.isascii() and places.isdigit())):
            raise ValidationError("请填写金额，单位元，例如 180000 或 180,000.00")
        if len(places) > 2:  # noqa: PLR2004 (the fen is the second place)
            raise ValidationError("金额最多保留两位小数（到分）")
        try:
            amount = yuan_as_typed(text)
        except ValueError as error:
            raise ValidationError("金额过大，请检查单位是否为元") from error
        if not amount:
            raise ValidationError("金额应大于零")
        return amount


def put_errors(form: Any, errors: Mapping[str, str]) -> None:
    """Lay errors found beyond the form on the fields that caused them."""
    for name, message in errors.items():
        field = form[name]
        field.errors = [*field.errors, message]

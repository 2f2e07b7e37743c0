"""How much a request may carry, where its files go, and how the script is told to go on."""

import io
import secrets
from functools import partial

import pytest
from flask import Flask, redirect, request
from flask.testing import FlaskClient
from werkzeug.wrappers import Response

from portal.web import uploads

LIMIT = 1024
streams: list[io.BytesIO] = []


def _sealing(*_about: object) -> io.BytesIO:
    streams.append(io.BytesIO())
    return streams[-1]


@pytest.fixture
def client() -> FlaskClient:
    """An application with an ordinary view, a big one and a sealed one."""
    app = Flask(__name__)
    app.config.update(MAX_CONTENT_LENGTH=LIMIT)
    app.secret_key = secrets.token_bytes()
    uploads.register(app)

    def take() -> str:
        return str(len(request.files["file"].read()))

    def moved() -> Response:
        return redirect("/there", 303)

    app.post("/said", endpoint="said")(lambda: repr(request.form.to_dict(flat=False)))
    app.post("/small", endpoint="small")(take)
    app.post("/moved", endpoint="moved")(moved)
    app.post("/big", endpoint="big")(uploads.big(partial(take)))
    app.post("/sealed", endpoint="sealed")(uploads.sealed(_sealing)(partial(take)))
    return app.test_client()


def _send(client: FlaskClient, path: str, size: int, *, signed_in: bool) -> tuple[int, str]:
    if signed_in:
        with client.session_transaction() as session:
            session["_user_id"] = "token"
    answer = client.post(path, data={"file": (io.BytesIO(b"x" * size), "a.pdf")})
    return answer.status_code, answer.text if answer.status_code == 200 else ""


@pytest.mark.parametrize(
    ("path", "size", "signed_in", "answer"),
    (
        ("/small", 100, False, (200, "100")),
        ("/small", 2 * LIMIT, True, (413, "")),
        ("/big", 2 * LIMIT, False, (413, "")),
        ("/big", 2 * LIMIT, True, (200, str(2 * LIMIT))),
        ("/sealed", 2 * LIMIT, False, (413, "")),
    ),
)
def test_only_a_big_view_takes_much_and_only_from_somebody_signed_in(
    client: FlaskClient, path: str, size: int, *, signed_in: bool, answer: tuple[int, str]
) -> None:
    assert _send(client, path, size, signed_in=signed_in) == answer


def test_a_big_view_has_a_limit_too(client: FlaskClient) -> None:
    with client.session_transaction() as session:
        session["_user_id"] = "token"
    answer = client.post(
        "/big",
        data={"file": (io.BytesIO(b"x"), "a.pdf")},
        environ_overrides={"CONTENT_LENGTH": str(uploads.MOST_BIG + 1)},
    )

    assert answer.status_code == 413


def test_a_sealed_view_writes_its_files_where_it_says(client: FlaskClient) -> None:
    streams.clear()

    assert _send(client, "/sealed", 90_000, signed_in=True) == (200, "90000")
    assert len(streams) == 1


def test_the_script_is_told_where_to_go_on(client: FlaskClient) -> None:
    told = client.post("/moved", headers={uploads.SENT_BY_SCRIPT: "1"})

    assert (told.status_code, told.json) == (200, {"to": "/there"})
    assert client.post("/moved").status_code == 303


@pytest.mark.parametrize(
    ("pasted", "kept"),
    (
        ("甲\x0b乙\x0c丙\u2028丁", "甲\n乙\n丙\n丁"),
        ("甲\x1f\x7f\ufffe\uffff乙", "甲乙"),
        ("示例\u200b甲\u202e乙\u2066丙\ufeff", "示例甲乙丙"),
        ("一\t二\r\n三 𠮷😀 é", "一\t二\r\n三 𠮷😀 é"),
        ("甲\0乙", "甲\0乙"),
    ),
)
def test_what_nobody_sees_of_pasted_text_is_left_out(client: FlaskClient, pasted: str, kept: str) -> None:
    """A soft line break of Word, or a mark no document can hold, would break every list that shows it."""
    fields = {"name": ["先", pasted], "other": ["x"]}
    answer = client.post("/said", data=fields)
    assert answer.text == repr({"name": ["先", kept], "other": ["x"]})

    files = {**fields, "file": (io.BytesIO(b"x"), "a.pdf")}
    answer = client.post("/said", data=files, content_type="multipart/form-data")
    assert answer.text == repr({"name": ["先", kept], "other": ["x"]})

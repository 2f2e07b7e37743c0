"""What travels compressed, and that compression tells nothing about the token."""

import gzip
import re

import pytest

from tests.support.world import Browser

TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]+)"')


def _sign_in_page(app, **headers):
    return Browser(app).send("GET", "/sign-in", headers={"Accept-Encoding": "gzip", **headers})


@pytest.mark.parametrize("site", (None, "same-origin", "none"))
def test_a_page_asked_for_by_its_reader_travels_compressed(app, site):
    answer = _sign_in_page(app, **({"Sec-Fetch-Site": site} if site else {}))

    assert answer.headers["Content-Encoding"] == "gzip"
    assert {"accept-encoding", "sec-fetch-site"} <= set(answer.vary.as_set(preserve_casing=False))
    assert "</html>" in gzip.decompress(answer.data).decode()


@pytest.mark.parametrize("site", ("cross-site", "same-site"))
def test_a_page_that_another_site_made_the_browser_ask_for_travels_as_it_is(app, site):
    answer = _sign_in_page(app, **{"Sec-Fetch-Site": site})

    assert "Content-Encoding" not in answer.headers
    assert "</html>" in answer.text


def test_the_token_looks_different_on_every_page_and_stays_valid(app):
    browser = Browser(app)
    first, second = (TOKEN.findall(browser.send("GET", "/sign-in").text)[0] for _ in range(2))

    assert first != second
    assert first[:40] != second[:40]
    for token in (first, second):
        wrong = {"csrf_token": token, "username": "nobody", "password": "wrong"}
        assert browser.send("POST", "/sign-in", data=wrong).status_code == 422
    assert browser.send("POST", "/sign-in", data={**wrong, "csrf_token": "00" * 40}).status_code == 409

"""Addresses of our own files."""

import re

import pytest
from flask import Flask
from flask_bootstrap import Bootstrap5
from flask_compress import Compress

from portal.web import assets


@pytest.fixture
def app():
    app = Flask("portal", static_folder=assets.STATIC)
    Bootstrap5(app)
    Compress(app)
    assets.register(app)
    return app


@pytest.mark.parametrize("filename", ("portal.css", "portal.js", "seal.svg"))
def test_address_carries_the_content_and_is_served(app, filename):
    with app.test_request_context():
        address = app.jinja_env.globals["asset"](filename)
    assert re.fullmatch(rf"/static/{re.escape(filename)}\?v=[0-9a-f]{{12}}", address)
    with app.test_client().get(address) as answer:
        assert answer.data == (assets.STATIC / filename).read_bytes()


def test_a_file_that_is_not_there_is_found_at_once(app):
    with app.test_request_context(), pytest.raises(FileNotFoundError):
        assets.asset("missing.css")


def test_a_first_visit_loads_at_most_60_kilobytes_of_files(app):
    files = (
        "/static/portal.css",
        "/static/portal.js",
        "/static/seal.svg",
        "/bootstrap/static/css/bootstrap.min.css",
    )
    weights = []
    for file in files:
        with app.test_client().get(file, headers={"Accept-Encoding": "gzip"}) as answer:
            weights.append(len(answer.data))
    assert sum(weights) <= 60 * 1024

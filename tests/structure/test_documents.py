"""The generated documents say what the tables of the code say today."""

import pkgutil
from importlib import import_module

import pytest

import portal
from portal.kernel.machine import Machine
from portal.report.documents import DOCS, DOCUMENTS
from portal.report.lifecycles import MACHINES


@pytest.mark.parametrize("name", tuple(DOCUMENTS))
def test_generated_document_is_current(name: str) -> None:
    assert (DOCS / name).read_text() == DOCUMENTS[name](), "run: flask --app wsgi docs"


def test_every_table_of_moves_is_in_the_document() -> None:
    found = set()
    for module in pkgutil.walk_packages(portal.__path__, "portal."):
        if module.name.endswith(".lifecycle"):
            found |= {each for each in vars(import_module(module.name)).values() if isinstance(each, Machine)}

    assert {machine for machine, _ in MACHINES} == found

"""One word per idea: the words that were not chosen are nobody's name, and no file is a drawer for odds."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenants.db import Base
from tests.structure.sources import PORTAL, ROOT, TENANTS, tree_of

pytestmark = pytest.mark.usefixtures("application")

# What was not chosen and means nothing else here: no part of any name.
NEVER = {"agreement", "bidding", "client", "committee", "company", "dept", "dispute", "enquiry"}
NEVER |= {"lottery", "metric", "notification", "rfq", "vendor"}
# What was not chosen for an idea of the field, though a longer name may hold it.
NOT_ALONE = {"assessment", "avoid", "deal", "deadline_time", "document", "fix", "form", "job", "leader"}
NOT_ALONE |= {"notice", "object", "offer", "org", "policy", "project", "role", "stop", "task", "type", "win"}
DRAWERS = re.compile(r"^(?:utils?|helpers?|common|managers?|services?|misc|info|data\d+|stuff)$")
VAGUE = re.compile(r"^(?:process|handle|manage|do|update_status)(?:_|$)")
HOOKS = {"process_bind_param", "process_data", "process_formdata"}  # SQLAlchemy's and WTForms' own names
SOURCES = [*PORTAL, *TENANTS]


def _parts(name: str) -> set[str]:
    """The words of a name: snake case or camel case."""
    return {part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", name)}


def _named() -> Iterator[tuple[Path, str]]:
    """Every class and function."""
    for path in SOURCES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                yield path.relative_to(ROOT), node.name


def test_no_class_or_function_bears_a_word_that_was_not_chosen() -> None:
    assert [(str(path), name) for path, name in _named() if _parts(name) & NEVER] == []


def test_no_table_or_column_bears_a_word_that_was_not_chosen() -> None:
    names = {(table.name, column.name) for table in Base.metadata.tables.values() for column in table.columns}
    names |= {(name, name) for name in Base.metadata.tables}

    assert [each for each in sorted(names) if _parts(each[1]) & NEVER] == []


def test_no_table_and_no_model_is_called_by_a_word_that_was_not_chosen() -> None:
    names = {*Base.metadata.tables, *(mapper.class_.__name__.lower() for mapper in Base.registry.mappers)}

    assert sorted(names & (NOT_ALONE | NEVER)) == []


def test_verbs_are_the_fields_own() -> None:
    """Nobody processes, handles or manages: a function says what it does."""
    assert [(str(path), name) for path, name in _named() if VAGUE.match(name) and name not in HOOKS] == []


@pytest.mark.parametrize("place", ("portal", "tenants", "tests", "migrations", "templates", "bench"))
def test_no_file_is_a_drawer(place: str) -> None:
    drawers = [
        str(path.relative_to(ROOT))
        for path in (ROOT / place).rglob("*")
        if DRAWERS.match(path.stem) and path.suffix in {"", ".py", ".html", ".js", ".css"}
    ]

    assert drawers == []


def test_every_module_says_what_belongs_in_it() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.stat().st_size and not ast.get_docstring(tree_of(path))
    ]

    assert silent == []

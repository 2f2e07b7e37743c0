"""The manual names only buttons, menus and headings that the pages have."""

import re

import pytest

from portal.wording import VERBS
from tests.structure.sources import PORTAL, ROOT, TEMPLATES

PAGES = sorted((ROOT / "docs" / "manual").glob("*.md"))
INDEX = ROOT / "docs" / "manual" / "README.md"
QUOTED = re.compile(r"【([^】]+)】")
LINK = re.compile(r"\]\(([^)#]+)")


@pytest.fixture(scope="module")
def said() -> str:
    """Everything the application can say."""
    sources = [path.read_text() for path in (*TEMPLATES, *PORTAL)]
    return "\n".join([*sources, *VERBS.values()])


@pytest.mark.parametrize("name", tuple(path.name for path in PAGES))
def test_what_the_manual_quotes_is_on_a_page(said: str, name: str) -> None:
    quoted = QUOTED.findall((INDEX.parent / name).read_text())

    assert [word for word in quoted if word and word not in said] == []


@pytest.mark.parametrize("name", tuple(path.name for path in PAGES))
def test_links_of_the_manual_lead_somewhere(name: str) -> None:
    links = LINK.findall((INDEX.parent / name).read_text())

    assert [link for link in links if not (INDEX.parent / link).exists()] == []


def test_the_index_names_every_page() -> None:
    assert set(LINK.findall(INDEX.read_text())) >= {path.name for path in PAGES if path != INDEX}

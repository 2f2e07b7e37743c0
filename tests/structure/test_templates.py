"""Every template: short, local, silent about law, and every word of it translatable."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import Environment, nodes

from tests.structure.sources import ROOT, TEMPLATES

CHINESE = re.compile(r"[\u4e00-\u9fff]")
ARITHMETIC = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow)
PARTS = ROOT / "templates" / "parts"
every_template = pytest.mark.parametrize(
    "path", tuple(pytest.param(path, id=str(path.relative_to(ROOT / "templates"))) for path in TEMPLATES)
)


@pytest.fixture
def jinja(application: Flask) -> Environment:
    """The application's own reading of templates."""
    return application.jinja_env


def _tree(jinja: Environment, path: Path) -> nodes.Template:
    return jinja.parse(path.read_text())


def _said(node: nodes.Node, *, translated: bool = False) -> Iterator[tuple[int, str]]:
    """Every Chinese text that no `_()` hands to the catalogue: its line, and the text."""
    if isinstance(node, nodes.Call):
        translated |= isinstance(node.node, nodes.Name) and node.node.name in {"_", "gettext", "ngettext"}
    text = node.data if isinstance(node, nodes.TemplateData) else getattr(node, "value", "")
    if isinstance(text, str) and CHINESE.search(text) and not translated:
        yield node.lineno, text.strip()
    for child in node.iter_child_nodes():
        yield from _said(child, translated=translated)


@every_template
def test_is_at_most_150_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 150


@every_template
def test_every_chinese_text_goes_through_the_catalogue(jinja: Environment, path: Path) -> None:
    assert list(_said(_tree(jinja, path))) == []


@every_template
def test_does_no_arithmetic(jinja: Environment, path: Path) -> None:
    """Figures come ready; a page counts only its own rows and joins texts."""
    sums = [node.lineno for node in _tree(jinja, path).find_all(ARITHMETIC) if not _joins_texts(node)]

    assert sums == []


def _joins_texts(node: nodes.Node) -> bool:
    """Lists and texts are joined by the same sign as numbers."""
    texts = [each for each in node.find_all(nodes.Const) if isinstance(each.value, str)]
    return isinstance(node, nodes.Add) and bool(texts or list(node.find_all(nodes.List)))


@every_template
def test_has_no_script_and_no_style_of_its_own(path: Path) -> None:
    source = path.read_text()

    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", source) == []


@every_template
def test_loads_nothing_from_elsewhere(path: Path) -> None:
    assert re.findall(r"""(?:https?:)?//[\w.-]+\.\w+""", path.read_text()) == []


@every_template
def test_compares_no_instants(jinja: Environment, path: Path) -> None:
    """Whether a deadline has passed is a rule's to say; a page only looks how long its own lists are."""
    ordered = [
        node.lineno
        for node in _tree(jinja, path).find_all(nodes.Compare)
        if any(each.op in {"lt", "lteq", "gt", "gteq"} for each in node.ops) and not _counts(node)
    ]

    assert ordered == []


def _counts(node: nodes.Compare) -> bool:
    sides = (node.expr, *(each.expr for each in node.ops))
    return any(
        isinstance(side, nodes.Const) or (isinstance(side, nodes.Filter) and side.name == "length")
        for side in sides
    )


def test_every_part_is_used() -> None:
    sources = [path.read_text() for path in TEMPLATES]
    unused = [
        macro
        for part in PARTS.glob("*.html")
        for macro in re.findall(r"{%-? macro (\w+)", part.read_text())
        if sum(len(re.findall(rf"\b{macro}\b", source)) for source in sources) < 2
    ]

    assert unused == []


def test_every_template_is_rendered_somewhere() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "portal").rglob("*.py"))
    names = {str(path.relative_to(ROOT / "templates")) for path in TEMPLATES}
    named = {name for name in names if f'"{name}"' in code}
    named |= {
        each
        for path in TEMPLATES
        for each in re.findall(r'{%-? (?:extends|include|from|import) "([^"]+)"', path.read_text())
    }
    errors = {name for name in names if re.fullmatch(r"error/\d{3}\.html", name)}

    assert sorted(names - named - errors) == []


def test_only_the_house_is_extended() -> None:
    """One frame for all pages, another for errors and prints; nothing deeper."""
    frames = {
        frame for path in TEMPLATES for frame in re.findall(r'{%-? extends "([^"]+)"', path.read_text())
    }

    assert frames == {"base.html", "error/layout.html"}

"""The files of the code base, for the tests that read them."""

import ast
import io
import tokenize
from pathlib import Path

ROOT = Path(__file__).parents[2]
PORTAL = sorted((ROOT / "portal").rglob("*.py"))
TENANTS = sorted((ROOT / "tenants").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def code_of(path: Path) -> str:
    """A module without its comments."""
    source = path.read_text()
    lines = source.splitlines(keepends=True)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, start = token.start
            lines[row - 1] = f"{lines[row - 1][:start].rstrip()}\n"
    return "".join(lines)


def tree_of(path: Path) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse(path.read_text())

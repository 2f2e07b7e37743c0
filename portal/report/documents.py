"""The documents that are generated from the tables of the code, so that they cannot say anything else."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import click

from portal.identity.rules import permissions_document
from portal.report.lifecycles import lifecycles_document

DOCS: Final = Path(__file__).parents[2] / "docs"
DOCUMENTS: Final[Mapping[str, Callable[[], str]]] = {
    "lifecycles.md": lifecycles_document,
    "permissions.md": permissions_document,
}


@click.command("docs")
def docs_command() -> None:
    """Write the generated documents anew."""
    for name, written in DOCUMENTS.items():
        (DOCS / name).write_text(written())
        click.echo(f"docs/{name}")

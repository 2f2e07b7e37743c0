"""``flask --app wsgi replay CASE.json``: the outcome on standard output, every fault on standard error."""

import json
import sys
from pathlib import Path

import click

from portal.replay.plain import BadCase, read_json
from portal.replay.year import replay

_BAD_INPUT = 2


@click.command("replay")
@click.argument("case", type=click.Path(path_type=Path))
def replay_command(case: Path) -> None:
    """Replay a tenant's year from the plain data in CASE and print its outcome as JSON."""
    try:
        outcome = replay(read_json(case.read_bytes()))
    except OSError as error:
        click.echo(f"{case}：无法读取文件（{error.strerror}）。", err=True)
        sys.exit(_BAD_INPUT)
    except BadCase as bad:
        for fault in bad.faults:
            click.echo(str(fault), err=True)
        sys.exit(_BAD_INPUT)
    click.echo(json.dumps(outcome, ensure_ascii=False, indent=1))

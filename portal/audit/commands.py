"""``flask audit verify`` proves the chains; ``flask audit anchor`` keeps the day's ends outside."""

import json
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import Connection, func, select

from portal.audit.invariants import anchor_digest, anchor_files, anchored, heads, prove
from portal.kernel.clock import SHANGHAI
from tenants.backup import whole_database
from tenants.models import Tenant

group = AppGroup("audit", help="The audit chains.")


def anchors_folder() -> Path:
    """Where this installation keeps its anchors."""
    return Path(current_app.config["SETTINGS"].var) / "anchors"


def _backup_url() -> str:
    return str(current_app.config["SETTINGS"].database.backup)


@group.command()
@click.option("--tenant", metavar="CODE", help="Only this bureau's chain.")
def verify(tenant: str | None) -> None:
    """Walk the chains and compare them with the anchors; exit 1 and the first broken event of each."""
    with whole_database(_backup_url()) as connection:
        _verify(connection, tenant)


def _verify(connection: Connection, code: str | None) -> None:
    names = {
        str(row.id): f"{row.code} {row.name}"
        for row in connection.execute(select(Tenant.id, Tenant.code, Tenant.name))
    }
    only = None
    if code is not None:
        only = next((chain for chain, name in names.items() if name.startswith(f"{code} ")), None)
        if only is None:
            raise click.BadParameter(f"没有代码为 {code} 的财政局", param_hint="--tenant")
    try:
        anchors = anchored(anchors_folder())
    except ValueError as error:
        raise click.ClickException(f"库外留存的摘要文件 {error} 已被改动") from error
    proof = prove(connection, anchors, only=only)
    for broken in proof.breaks:
        name = names.get(broken.chain, f"账号 {broken.chain}")
        click.echo(f"{name}：第 {broken.seq} 条：{broken.cause}", err=True)
    if proof.breaks:
        raise SystemExit(1)
    kept = len(anchor_files(anchors_folder()))
    click.echo(f"审计记录完整：{proof.chains} 条记录链，{proof.events} 条记录；比对库外摘要 {kept} 份")


@group.command()
def anchor() -> None:
    """Keep the ends of all chains in ``var/anchors/<day>.json``; refused while a chain does not hold."""
    click.echo(keep_anchor())


def keep_anchor() -> str:
    """Write the day's anchor, and say so. Raises `SystemExit` where a chain does not hold."""
    folder = anchors_folder()
    with whole_database(_backup_url()) as connection:
        _verify(connection, None)
        at = connection.execute(select(func.clock_timestamp())).scalar_one().astimezone(SHANGHAI)
        ends = heads(connection)
    path = folder / f"{at:%Y-%m-%d}.json"
    before = [each for each in anchor_files(folder) if each.name < path.name]
    kept = {
        "day": f"{at:%Y-%m-%d}",
        "at": at.isoformat(),
        "heads": {chain: {"seq": seq, "digest": end.hex()} for chain, (seq, end) in sorted(ends.items())},
        "previous": json.loads(before[-1].read_text())["digest"] if before else "",
    }
    folder.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps({**kept, "digest": anchor_digest(kept)}, ensure_ascii=False, indent=1))
    draft.replace(path)
    return f"已留存 {len(ends)} 条记录链的当日摘要：{path}"

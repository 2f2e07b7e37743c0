"""``flask --app wsgi ranking --tenant CODE --year Y [--json]``: the ranking of a bureau's year."""

import json
from typing import Any

import click
from flask.cli import with_appcontext

from portal.office import tenant_coded
from portal.ranking import queries
from tenants import scope


def ranking_of(year: int) -> dict[str, Any]:
    """The ranking as kept, or as the contracts say now where none was begun; within a bureau's scope."""
    row = queries.of_year(year)
    if row is not None:
        state, edition, missing = row.state, row.edition, row.missing
        lines = [
            (each.rank, each.firm_name, each.score, each.grade, each.engagements)
            for each in queries.rows_of(row)
        ]
    else:
        found = queries.collect(year, now=scope.now())
        state, edition, missing = None, None, queries.missing_plain(found.works)
        lines = [
            (each.rank, each.firm_name, each.score, each.grade, len(each.works))
            for each in queries.lines_of(found.works, found.rules)
        ]
    return {
        "year": year,
        "state": state,
        "edition": edition,
        "ranking": [
            {"rank": rank, "firm": name, "score": str(points), "grade": grade, "contracts": count}
            for rank, name, points, grade, count in lines
            if rank is not None
        ],
        "insufficient": [
            {"firm": name, "contracts": count} for rank, name, _, _, count in lines if rank is None
        ],
        "missing": missing,
    }


@click.command("ranking")
@click.option("--tenant", "code", metavar="CODE", required=True, help="The bureau's region code.")
@click.option("--year", type=int, required=True)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_appcontext
def ranking_command(code: str, year: int, *, as_json: bool) -> None:
    """Print the ranking of a bureau's year."""
    with scope.entered(scope.operator_system("look up a bureau")):
        tenant = tenant_coded(code)
    if tenant is None:
        raise click.BadParameter(f"没有代码为 {code} 的财政局", param_hint="--tenant")
    with scope.entered(scope.system(tenant.id, "ranking on the command line")):
        found = ranking_of(year)
    if as_json:
        click.echo(json.dumps({"tenant": code, **found}, ensure_ascii=False, indent=2))
        return
    for each in found["ranking"]:
        click.echo(f"{each['rank']}\t{each['firm']}\t{each['score']}\t{each['grade']}\t{each['contracts']}")
    for each in found["insufficient"]:
        click.echo(f"数据不足\t{each['firm']}\t\t\t{each['contracts']}")
    for each in found["missing"]:
        click.echo(f"未计入：{each['name']}（{each['firm']}）：{'、'.join(each['missing'])}", err=True)
    if not found["ranking"] and not found["insufficient"]:
        click.echo("没有可以排名的合同", err=True)

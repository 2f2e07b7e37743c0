"""The command, on the office's own files: the year's registers go in, the same file twice changes nothing."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select, text

from portal.expert import Membership
from portal.firm import Firm
from portal.firm.models import Acceptance, LeadEvaluator
from portal.subject import Subject
from portal.unit import Unit
from tenants import scope
from tenants.db import db
from tests.spreadsheet.books import DATA
from tests.support.world import Bureau, a_bureau

REGISTERS = ("units", "subjects", "firms", "lead_evaluators", "experts")


def run(app: Flask, register: str, code: str, *more: str, bad: bool = False) -> Result:
    path: Path = DATA / ("bad" if bad else "") / f"{register}.xlsx"
    return app.test_cli_runner().invoke(args=["import", register, str(path), "--tenant", code, *more])


@pytest.fixture
def bureau(app: Flask) -> Bureau:  # noqa: ARG001 -- the maker needs the application's context
    return a_bureau()


def counts(bureau: Bureau) -> list[int]:
    tables: list[Any] = [Unit, Subject, Acceptance, LeadEvaluator, Membership]
    with scope.entered(bureau.system):
        return [
            db.session.scalar(select(func.count()).select_from(each).where(each.tenant_id == bureau.id)) or 0
            for each in tables
        ]


def test_an_offices_files_go_in_by_command_and_the_same_file_twice_changes_nothing(
    app: Flask, bureau: Bureau
) -> None:
    first = [run(app, register, bureau.code) for register in REGISTERS]
    assert [(each.exit_code, each.stderr) for each in first] == [(0, "")] * 5
    assert [each.stdout for each in first] == [
        "预算单位：新增 12，更新 0，不变 0，表中没有 0。\n",
        "评价对象：新增 10，更新 0，不变 0，表中没有 0。\n",
        "第三方机构：新增 24，更新 0，不变 0，表中没有 0。\n",
        "主评人：新增 55，更新 0，不变 0，表中没有 0。\n",
        "评审专家：新增 179，更新 0，不变 0，表中没有 0。\n",
    ]
    assert counts(bureau) == [12, 10, 24, 55, 179]
    again = [run(app, register, bureau.code).stdout for register in REGISTERS]
    assert again == [
        "预算单位：新增 0，更新 0，不变 12，表中没有 0。\n",
        "评价对象：新增 0，更新 0，不变 10，表中没有 0。\n",
        "第三方机构：新增 0，更新 0，不变 24，表中没有 0。\n",
        "主评人：新增 0，更新 0，不变 55，表中没有 0。\n",
        "评审专家：新增 0，更新 0，不变 179，表中没有 0。\n",
    ]
    assert counts(bureau) == [12, 10, 24, 55, 179]


def test_another_bureau_accepts_the_firms_that_are_registered_already(app: Flask, bureau: Bureau) -> None:
    other = a_bureau()
    assert run(app, "firms", bureau.code).exit_code == 0
    with scope.entered(other.system):
        before = db.session.scalar(select(func.count()).select_from(Firm))
    assert run(app, "firms", other.code).stdout == "第三方机构：新增 24，更新 0，不变 0，表中没有 0。\n"
    with scope.entered(other.system):
        assert db.session.scalar(select(func.count()).select_from(Firm)) == before
    assert counts(other)[2] == 24


@pytest.mark.parametrize(
    ("register", "places"),
    (
        (
            "subjects",
            [
                "第5行\t资金总额",
                "第6行\t预算单位",
                "第8行\t预算类型",
                "第9行\t项目名称",
                "第11行\t资金总额",
                "第12行\t资金总额",
            ],
        ),
        (
            "firms",
            ["第6行\t统一社会信用代码", "第10行\t统一社会信用代码", "第12行\t电子邮箱", "第14行\t机构类型"],
        ),
        (
            "experts",
            ["第13行\t身份证号", "第23行\t身份证号", "第33行\t行业领域", "第43行\t姓名", "第53行\t手机"],
        ),
    ),
)
def test_faulty_file_is_refused_whole_and_every_fault_is_told(
    app: Flask, bureau: Bureau, register: str, places: list[str]
) -> None:
    run(app, "units", bureau.code)
    before = counts(bureau)
    result = run(app, register, bureau.code, bad=True)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert ["\t".join(line.split("\t")[:2]) for line in result.stderr.splitlines()] == places
    assert counts(bureau) == before


def test_lead_evaluators_without_their_firms_are_refused_row_by_row(app: Flask, bureau: Bureau) -> None:
    result = run(app, "lead_evaluators", bureau.code)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 55
    assert counts(bureau)[3] == 0


def test_dry_run_tells_and_writes_nothing(app: Flask, bureau: Bureau) -> None:
    result = run(app, "experts", bureau.code, "--dry-run")
    assert result.stdout == "评审专家：新增 179，更新 0，不变 0，表中没有 0（未写入）。\n"
    assert counts(bureau) == [0] * 5


def test_unknown_bureau_and_unreadable_file_are_refused(app: Flask, bureau: Bureau) -> None:
    unknown = run(app, "units", "000000")
    assert (unknown.exit_code, unknown.stderr) == (2, "没有代码为 000000 的财政局。\n")
    runner = app.test_cli_runner()
    absent = runner.invoke(args=["import", "units", "/nowhere.xlsx", "--tenant", bureau.code])
    assert (absent.exit_code, absent.stderr) == (
        2,
        "/nowhere.xlsx：无法读取文件（No such file or directory）。\n",
    )


def test_second_list_changes_what_differs_and_leaves_an_event(app: Flask, bureau: Bureau) -> None:
    run(app, "units", bureau.code)
    assert (
        run(app, "units", bureau.code, bad=True).stdout == "预算单位：新增 0，更新 12，不变 0，表中没有 0。\n"
    )
    with scope.entered(bureau.system):
        contact = db.session.scalar(select(Unit.contact).where(Unit.code == "530323001"))
        verbs = db.session.scalars(
            text(
                "SELECT verb FROM audit_event WHERE tenant_id = :tenant AND verb LIKE '%.import' ORDER BY seq"
            ),
            {"tenant": bureau.id},
        ).all()
    assert contact == "李丽"
    assert verbs == ["unit.import", "unit.import"]

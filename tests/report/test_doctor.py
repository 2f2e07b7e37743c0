"""Each thing that can be wrong with an installation, made wrong on a database of its own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import psycopg
import pytest

from portal.config import DatabaseUrls, Settings
from portal.report import doctor
from portal.report.doctor import Finding, Level
from tests.support import cluster


@pytest.fixture
def own() -> Iterator[DatabaseUrls]:
    """A database this test may spoil."""
    with cluster.fresh_database() as urls:
        yield urls


def _level(findings: list[Finding]) -> list[Level]:
    return [finding.level for finding in findings]


def _calendar(urls: DatabaseUrls, today: date) -> Level:
    with psycopg.connect(urls.backup) as connection:
        return doctor.calendar_finding(connection, today).level


def _superuser(urls: DatabaseUrls) -> psycopg.Connection:
    return psycopg.connect(urls.owner.replace("portal_owner@", "postgres@"), autocommit=True)


def test_fresh_installation_has_no_error_but_the_empty_calendar(
    settings: Settings, own: DatabaseUrls
) -> None:
    fresh = replace(settings, database=own)
    wrong = [finding.subject for finding in doctor.examine(fresh) if finding.level is Level.WRONG]

    assert wrong == ["工作日历"]


def test_every_finding_that_is_not_fine_says_how_to_mend_it(settings: Settings) -> None:
    mute = [f.subject for f in doctor.examine(settings) if f.level is not Level.OK and not f.remedy]

    assert mute == []


@pytest.mark.parametrize("door", ("postgres", "portal_web", "portal_owner"))
def test_backup_door_of_another_role_is_wrong(own: DatabaseUrls, door: str) -> None:
    with psycopg.connect(own.backup.replace("portal_backup@", f"{door}@")) as connection:
        findings = list(doctor.role_findings(connection, "portal_backup"))

    assert Level.WRONG in _level(findings)


def test_web_role_that_owns_a_table_is_wrong(own: DatabaseUrls) -> None:
    with _superuser(own) as connection:
        connection.execute("CREATE TABLE mine (n integer)")
        connection.execute("ALTER TABLE mine OWNER TO portal_web")

    with psycopg.connect(own.web) as connection:
        findings = list(doctor.role_findings(connection, "portal_web"))

    assert [(f.level, f.found) for f in findings] == [(Level.WRONG, "拥有 1 个对象")]


def test_table_without_forced_row_security_is_named(own: DatabaseUrls) -> None:
    with psycopg.connect(own.owner) as connection:
        connection.execute("ALTER TABLE section NO FORCE ROW LEVEL SECURITY")
    with psycopg.connect(own.backup) as connection:
        finding = doctor.row_security_finding(connection)

    assert (finding.level, finding.found) == (Level.WRONG, "以下数据表没有强制启用：section")


def test_database_without_tables_is_sent_to_migrate() -> None:
    with cluster.fresh_database(migrated=False) as urls, psycopg.connect(urls.backup) as connection:
        finding = doctor.migration_finding(connection)

    assert (finding.level, finding.remedy) == (Level.WRONG, "运行 make migrate。")


def test_database_of_another_version_is_wrong(own: DatabaseUrls) -> None:
    with psycopg.connect(own.owner) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    with psycopg.connect(own.backup) as connection:
        assert doctor.migration_finding(connection).level is Level.WRONG


def test_calendar_warns_sixty_days_before_its_last_year_ends(own: DatabaseUrls) -> None:
    with _superuser(own) as connection:
        connection.execute(
            "INSERT INTO calendar_day (day, is_workday, source)"
            " SELECT day::date, true, '测试'"
            " FROM generate_series('2026-01-01', '2027-12-30', '1 day'::interval) day"
        )

    assert [_calendar(own, day) for day in (date(2025, 12, 31), date(2026, 11, 1), date(2026, 11, 2))] == [
        Level.WRONG,
        Level.OK,
        Level.NOTE,
    ]


def test_a_clock_that_travelled_is_wrong_in_production_and_with_real_bureaus(own: DatabaseUrls) -> None:
    def told() -> list[Level]:
        with psycopg.connect(own.backup) as connection:
            return [doctor.travel_finding(connection, production=stage).level for stage in (False, True)]

    assert told() == [Level.OK, Level.OK]
    with _superuser(own) as connection:
        connection.execute("INSERT INTO clock_shift VALUES (true, '20 days')")
    assert told() == [Level.OK, Level.WRONG]
    with _superuser(own) as connection:
        connection.execute("INSERT INTO region (code, name) VALUES ('530323', '师宗县')")
        connection.execute(
            "INSERT INTO tenant (id, code, name) VALUES (gen_random_uuid(), '530323', '师宗县财政局')"
        )
    assert told() == [Level.WRONG, Level.WRONG]


def test_demo_world_in_production_is_wrong(own: DatabaseUrls) -> None:
    with _superuser(own) as connection:
        connection.execute("INSERT INTO region (code, name) VALUES ('530323', '师宗县')")
        connection.execute(
            "INSERT INTO tenant (id, code, name, is_demo)"
            " VALUES (gen_random_uuid(), '530323', '师宗县财政局', true)"
        )

    with psycopg.connect(own.backup) as connection:
        findings = [doctor.demo_finding(connection, production=stage) for stage in (False, True)]

    assert _level(findings) == [Level.OK, Level.WRONG]


def test_database_out_of_reach_is_told_three_times_and_nothing_else_fails(
    settings: Settings, tmp_path: Path
) -> None:
    nowhere = f"postgresql://portal_web@/portal?host={tmp_path}"
    lost = Settings(
        settings.var,
        settings.keys,
        DatabaseUrls(nowhere, nowhere, nowhere),
        settings.session_secret,
        settings.master_key,
        settings.index_key,
    )

    wrong = [finding.subject for finding in doctor.examine(lost) if finding.level is Level.WRONG]

    assert wrong == ["数据库角色 portal_web", "数据库角色 portal_owner", "数据库角色 portal_backup"]


def test_keys_missing_or_open_to_others_are_wrong(tmp_path: Path) -> None:
    (tmp_path / "session").touch(mode=0o600)
    (tmp_path / "master").touch()
    (tmp_path / "master").chmod(0o640)

    assert _level(list(doctor.key_findings(tmp_path))) == [Level.OK, Level.WRONG, Level.WRONG]


def test_storage_that_is_not_there_is_wrong(tmp_path: Path) -> None:
    assert doctor.storage_finding(tmp_path / "nowhere").level is Level.WRONG

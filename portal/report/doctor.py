"""What is wrong with an installation, and how to mend it: ``flask --app wsgi doctor``.

It looks at the installation only; whether the data are consistent is `check-invariants`, whether the chain of
events holds is `audit verify`.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

import click
import psycopg
from alembic.script import ScriptDirectory
from flask import current_app

from portal.config import Settings
from portal.kernel.clock import SHANGHAI, machine_now
from portal.kernel.workdays import day_of
from portal.web import proxies
from tenants.rowsecurity import BACKUP, OWNER, WEB

MIGRATIONS: Final = Path(__file__).parents[2] / "migrations"
SKEW_NOTED: Final = timedelta(seconds=2)
SKEW_WRONG: Final = timedelta(seconds=60)
CALENDAR_AHEAD: Final = timedelta(days=60)
ROOM_BYTES: Final = 2 * 1024**3
OPEN_TO_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Level(StrEnum):
    """How a finding is to be taken; an error makes the command fail."""

    OK = "ok"
    NOTE = "注意"
    WRONG = "错误"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination: what was looked at, what was found, how to mend it."""

    level: Level
    subject: str
    found: str
    remedy: str = ""

    def __str__(self) -> str:
        width = 4 if self.level is Level.OK else 2  # a Chinese character takes two columns
        line = f"{self.level:<{width}}  {self.subject}：{self.found}"
        return f"{line}\n      → {self.remedy}" if self.remedy else line


def examine(settings: Settings) -> Iterator[Finding]:
    """Every finding, the database's first."""
    doors = (
        (WEB, settings.database.web),
        (OWNER, settings.database.owner),
        (BACKUP, settings.database.backup),
    )
    reached = True
    for role, url in doors:
        try:
            with psycopg.connect(url, connect_timeout=5) as connection:
                yield from role_findings(connection, role)
        except psycopg.OperationalError as error:
            reached = False
            yield Finding(
                Level.WRONG,
                f"数据库角色 {role}",
                f"无法连接（{str(error).splitlines()[0]}）",
                "检查数据库是否已启动，以及 DATABASE_URL、DATABASE_OWNER_URL、DATABASE_BACKUP_URL 三个地址。",
            )
    if reached:
        with psycopg.connect(settings.database.backup) as connection:
            yield from database_findings(connection, production=settings.production)
    yield proxy_finding(settings)
    yield storage_finding(settings.var)
    yield from key_findings(settings.keys)


def database_findings(connection: psycopg.Connection, *, production: bool) -> Iterator[Finding]:
    """What the database itself says, read through the backup's door."""
    yield clock_finding(connection)
    version = migration_finding(connection)
    yield version
    if version.level is Level.OK:
        yield travel_finding(connection, production=production)
        yield row_security_finding(connection)
        yield calendar_finding(connection, day_of(machine_now()))
        yield demo_finding(connection, production=production)


def role_findings(connection: psycopg.Connection, expected: str) -> Iterator[Finding]:
    """The role behind a URL has its name and exactly the rights it needs; policies name the roles."""
    row = connection.execute(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole OR rolcreatedb,"
        " (SELECT count(*) FROM pg_class WHERE relowner = pg_roles.oid)"
        " FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    assert row is not None  # noqa: S101 -- the current role is always listed
    name, is_super, bypasses, creates, owned = row
    faults = [
        (name != expected, f"实际角色是 {name}", f"地址中的用户名应为 {expected}。"),
        (is_super, "是超级用户，行级安全对其无效", f"ALTER ROLE {name} NOSUPERUSER"),
        (creates, "可以创建角色或数据库", f"ALTER ROLE {name} NOCREATEROLE NOCREATEDB"),
        (
            bypasses and expected != BACKUP,
            "可以绕过行级安全",
            f"ALTER ROLE {name} NOBYPASSRLS",
        ),
        (
            not bypasses and expected == BACKUP,
            "不能读取全部数据，备份会不完整",
            f"ALTER ROLE {name} BYPASSRLS",
        ),
        (owned > 0 and expected != OWNER, f"拥有 {owned} 个对象", f"REASSIGN OWNED BY {name} TO {OWNER}"),
    ]
    wrong = [
        Finding(Level.WRONG, f"数据库角色 {expected}", found, f"{remedy}")
        for is_fault, found, remedy in faults
        if is_fault
    ]
    yield from wrong or [Finding(Level.OK, f"数据库角色 {expected}", "权限恰当")]


def clock_finding(connection: psycopg.Connection) -> Finding:
    """The database's clock decides deadlines; this machine's should not be far from it."""
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None  # noqa: S101 -- one row always
    skew = abs(machine_now() - row[0])
    seconds = f"{skew.total_seconds():.1f} 秒"
    remedy = "在两台机器上启用 NTP 对时（如 systemctl enable --now chrony）。期限以数据库时钟为准。"
    if skew > SKEW_WRONG:
        return Finding(Level.WRONG, "时钟", f"本机与数据库相差 {seconds}", remedy)
    if skew > SKEW_NOTED:
        return Finding(Level.NOTE, "时钟", f"本机与数据库相差 {seconds}", remedy)
    return Finding(Level.OK, "时钟", "本机与数据库一致")


def travel_finding(connection: psycopg.Connection, *, production: bool) -> Finding:
    """Deadlines of real bureaus are decided by the time it really is."""
    row = connection.execute(
        "SELECT extract(epoch FROM coalesce((SELECT ahead FROM clock_shift), '0')) / 86400,"
        " EXISTS (SELECT 1 FROM tenant WHERE NOT is_demo)"
    ).fetchone()
    assert row is not None  # noqa: S101 -- one row always
    days, has_real = row
    if not days:
        return Finding(Level.OK, "示例时钟", "没有拨动")
    level = Level.WRONG if production or has_real else Level.OK
    return Finding(level, "示例时钟", f"拨在前面 {days:.1f} 天", "运行 flask clock --reset 恢复时间。")


def migration_finding(connection: psycopg.Connection) -> Finding:
    """The tables are those this version of the program expects."""
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    found = connection.execute("SELECT to_regclass('public.alembic_version') IS NOT NULL").fetchone()
    if found != (True,):
        return Finding(Level.WRONG, "数据库结构", "尚未建立", "运行 make migrate。")
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    version = row[0] if row else "空"
    if version != head:
        return Finding(
            Level.WRONG,
            "数据库结构",
            f"版本为 {version}，程序需要 {head}",
            "运行 make migrate；若数据库比程序新，请换用对应版本的程序。",
        )
    return Finding(Level.OK, "数据库结构", f"版本 {version}")


def row_security_finding(connection: psycopg.Connection) -> Finding:
    """Every table but the migrations' own has row security, forced on its owner too."""
    rows = connection.execute(
        "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        " AND relname <> 'alembic_version' ORDER BY relname"
    ).fetchall()
    bare = [name for name, forced in rows if not forced]
    if bare:
        return Finding(
            Level.WRONG,
            "行级安全",
            f"以下数据表没有强制启用：{'、'.join(bare)}",
            "立即停止服务；逐表执行 ALTER TABLE … ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY，"
            "并查明是谁关闭的。",
        )
    return Finding(Level.OK, "行级安全", f"{len(rows)} 张数据表全部强制启用")


def calendar_finding(connection: psycopg.Connection, today: date) -> Finding:
    """Working days are known for a good while ahead; a missing year is told before rules refuse it."""
    rows = connection.execute(
        "SELECT extract(year FROM day)::integer AS year FROM calendar_day GROUP BY 1"
        " HAVING count(*) = make_date(extract(year FROM min(day))::integer, 12, 31)"
        " - make_date(extract(year FROM min(day))::integer, 1, 1) + 1"
    ).fetchall()
    known = {year for (year,) in rows}
    remedy = (
        "国务院办公厅公布放假安排后，由平台运营员在“工作日历”页导入下一年度日历；缺少的年度不能计算工作日。"
    )
    if today.year not in known:
        return Finding(Level.WRONG, "工作日历", f"没有 {today.year} 年", remedy)
    last = today.year
    while last + 1 in known:
        last += 1
    if today + CALENDAR_AHEAD > date(last, 12, 31):
        return Finding(Level.NOTE, "工作日历", f"只到 {last} 年底", remedy)
    return Finding(Level.OK, "工作日历", f"到 {last} 年底")


def demo_finding(connection: psycopg.Connection, *, production: bool) -> Finding:
    """The demo world has known passwords and has no place in production."""
    row = connection.execute("SELECT count(*) FROM tenant WHERE is_demo").fetchone()
    count = row[0] if row else 0
    if production and count:
        return Finding(
            Level.WRONG,
            "示例数据",
            f"正式环境中有 {count} 个示例单位，其账号口令是公开的",
            "正式环境应使用新建的数据库。",
        )
    return Finding(Level.OK, "示例数据", f"{count} 个示例单位" if count else "没有")


def proxy_finding(settings: Settings) -> Finding:
    """Who is told apart by their address: wrong passwords are counted by it."""
    if settings.proxies:
        return Finding(Level.OK, "反向代理", f"采信 {settings.proxies} 层代理报来的来访地址")
    seen = proxies.marker(settings.var)
    if not seen.exists():
        return Finding(Level.OK, "反向代理", "没有见到经代理到来的请求")
    at = datetime.fromtimestamp(seen.stat().st_mtime, SHANGHAI)
    return Finding(
        Level.NOTE,
        "反向代理",
        f"{at:%Y-%m-%d %H:%M} 见到经代理到来的请求，而 PORTAL_PROXIES 为 0：所有来访者是同一个地址，"
        "任何人输错五次密码就会锁住那个用户名",
        f"让代理写 X-Forwarded-For，把 PORTAL_PROXIES 设为代理的层数后重启；已不用代理的，删除 {seen}。",
    )


def storage_finding(var: Path) -> Finding:
    """Uploads and keys have a place to go, and room."""
    if not os.access(var, os.W_OK | os.X_OK):
        return Finding(Level.WRONG, "存储", f"{var} 不可写", "把目录的属主改为运行服务的用户。")
    free = shutil.disk_usage(var).free
    room = f"{free / 1024**3:.1f} GB"
    if free < ROOM_BYTES:
        return Finding(Level.NOTE, "存储", f"{var} 只剩 {room}", "清理磁盘或扩容。")
    return Finding(Level.OK, "存储", f"{var} 可写，余 {room}")


def key_findings(keys: Path) -> Iterator[Finding]:
    """The keys are there, and nobody else may read them."""
    for name, purpose in (("session", "会话"), ("master", "信封加密主密钥"), ("index", "盲索引")):
        path, subject = keys / name, f"密钥 {name}（{purpose}）"
        if not path.exists():
            yield Finding(
                Level.WRONG, subject, f"{path} 不存在", "从密钥备份恢复；新生成的密钥解不开旧数据。"
            )
        elif path.stat().st_mode & OPEN_TO_OTHERS:
            yield Finding(
                Level.WRONG, subject, "其他用户可以读取", f"chmod 600 {path}；若可能已外泄，应更换。"
            )
        else:
            yield Finding(Level.OK, subject, "存在，仅属主可读")


@click.command("doctor")
def doctor() -> None:
    """Check the installation: roles, row security, migrations, clock, calendar, storage, keys."""
    wrong = 0
    for finding in examine(current_app.config["SETTINGS"]):
        click.echo(str(finding))
        wrong += finding.level is Level.WRONG
    if wrong:
        click.echo(f"\n{wrong} 处错误，请按上述提示处理后再次运行。")
        raise SystemExit(1)

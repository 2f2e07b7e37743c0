"""Row security: what each class of table means, as policies the database enforces.

A table declares its class in `__protection__`; its migration writes the policies with `protect`, and a test
compares the catalogue with the declarations. Policies read settings that `portal_enter` resolved when the
transaction began, through a scalar sub-select evaluated once; none looks into a second table.
"""

from dataclasses import dataclass
from enum import StrEnum

OWNER = "portal_owner"
WEB = "portal_web"
BACKUP = "portal_backup"


class Rows(StrEnum):
    """The classes of `docs/architecture.md`; what a row is, not who happens to read it."""

    PUBLIC = "public"
    REGISTER = "register"
    SECRET = "secret"  # noqa: S105 -- a class of rows, not a password
    INHERITED = "inherited"
    TENANT = "tenant"
    CONFIDENTIAL = "confidential"
    PERSONAL = "personal"


def setting(name: str) -> str:
    """A setting of the scope as text; '' where unset."""
    return f"(SELECT coalesce(current_setting('portal.{name}', true), ''))"


def ids(name: str) -> str:
    """A list of ids in the scope, as an array evaluated once per statement."""
    return (
        f"(SELECT string_to_array(nullif(current_setting('portal.{name}', true), ''), ',')::uuid[])::uuid[]"
    )


def words(name: str) -> str:
    """A list of words in the scope, as an array evaluated once per statement."""
    return f"(SELECT string_to_array(nullif(current_setting('portal.{name}', true), ''), ','))::text[]"


SIGNED_IN = f"{setting('kind')} IN ('account', 'post', 'supervisor', 'operator', 'system', 'across')"
BY_OPERATOR = f"{setting('kind')} = 'operator'"
TENANT_READ = f"tenant_id = ANY ({ids('tenants')})"
TENANT_WRITE = f"tenant_id = ANY ({ids('writes')})"


@dataclass(frozen=True, slots=True)
class Protection:
    """The policy of one table: who reads and who writes which rows; ``None`` = nobody through the web role.

    ``definer``: `SECURITY DEFINER` functions, which run as the owner, may touch every row.
    """

    rows: Rows
    read: str | None
    write: str | None
    definer: bool = False
    append_only: bool = False

    def statements(self, table: str) -> list[str]:
        """The SQL that puts the wall around ``table``; running it on a protected table builds it anew."""
        made = [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        ]
        made += [
            f"DROP POLICY IF EXISTS {name} ON {table}"
            for name in ("sees", "adds", "alters", "removes", "definer")
        ]
        made.append(f"REVOKE ALL ON {table} FROM {WEB}")
        made.append(f"GRANT SELECT ON {table} TO {BACKUP}")
        if self.read:
            made += [
                f"CREATE POLICY sees ON {table} FOR SELECT TO {WEB} USING ({self.read})",
                f"GRANT SELECT ON {table} TO {WEB}",
            ]
        if self.write:
            made += [
                f"CREATE POLICY adds ON {table} FOR INSERT TO {WEB} WITH CHECK ({self.write})",
                f"GRANT INSERT ON {table} TO {WEB}",
            ]
        if self.write and not self.append_only:
            made += [
                f"CREATE POLICY alters ON {table} FOR UPDATE TO {WEB} USING ({self.write})",
                f"CREATE POLICY removes ON {table} FOR DELETE TO {WEB} USING ({self.write})",
                f"GRANT UPDATE, DELETE ON {table} TO {WEB}",
            ]
        if self.definer:
            made.append(f"CREATE POLICY definer ON {table} TO {OWNER} USING (true) WITH CHECK (true)")
        return made


TENANT = Protection(Rows.TENANT, TENANT_READ, TENANT_WRITE)
REGISTER = Protection(Rows.REGISTER, SIGNED_IN, BY_OPERATOR)
PUBLIC = Protection(Rows.PUBLIC, "true", TENANT_WRITE)
SECRET = Protection(Rows.SECRET, None, None, definer=True)
INHERITED = Protection(Rows.INHERITED, f"tenant_id = ANY ({ids('lineage')})", TENANT_WRITE)
PERSONAL = Protection(
    Rows.PERSONAL,
    f"account_id::text = {setting('account')}",
    f"account_id::text = {setting('account')}",
)


def confidential(party: str, *, released: str = "released_at") -> Protection:
    """Tenant rows that only their party reads and writes until ``released``; then the tenant reads too."""
    own = f"{party} = ANY ({ids('parties')})"
    return Protection(Rows.CONFIDENTIAL, f"({own}) OR ({TENANT_READ} AND {released} IS NOT NULL)", own)


def shared_with(readers: str) -> Protection:
    """Rows of a tenant that the outside parties in the column ``readers`` read as well; they write none."""
    listed = f"tenant_id = ANY ({ids('guests')}) AND {readers} && {ids('parties')}"
    return Protection(Rows.TENANT, f"({TENANT_READ}) OR ({listed})", TENANT_WRITE)

"""What migrations share: writing a table's wall, and a function that runs as the owner."""

from alembic import op

from tenants.rowsecurity import WEB, Protection


def protect(table: str, protection: Protection) -> None:
    """Write the policies and grants of ``table`` from its declared class."""
    for statement in protection.statements(table):
        op.execute(statement)


def definer(signature: str, body: str) -> None:
    """Create ``portal_…`` to run as the owner with a fixed search path, callable by the web's role.

    ``signature`` is what follows CREATE FUNCTION up to and including RETURNS …; ``body`` is PL/pgSQL.
    """
    name = signature[: signature.index(")") + 1]
    op.execute(
        f"CREATE OR REPLACE FUNCTION {signature} LANGUAGE plpgsql SECURITY DEFINER"
        f" SET search_path = public, pg_temp AS $body$ {body} $body$"
    )
    op.execute(f"REVOKE ALL ON FUNCTION {_types(name)} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {_types(name)} TO {WEB}")


def drop(signature: str) -> None:
    """Drop a function made by `definer`."""
    op.execute(f"DROP FUNCTION {_types(signature[: signature.index(')') + 1])}")


def _types(call: str) -> str:
    name, _, arguments = call.rstrip(")").partition("(")
    return (
        f"{name}({', '.join(argument.split()[-1] for argument in arguments.split(',') if argument.strip())})"
    )

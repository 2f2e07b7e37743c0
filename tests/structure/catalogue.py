"""What the database itself says of its tables, and what the models declare of them."""

from typing import cast

from sqlalchemy import Engine, Table, text

from tenants.db import Base
from tenants.rowsecurity import Protection

_TABLES = text(
    "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relname <> 'alembic_version'"
    " AND relnamespace = 'public'::regnamespace ORDER BY relname"
)


def tables(engine: Engine) -> list[str]:
    """Every table of the application, as the catalogue lists it."""
    with engine.connect() as connection:
        return list(connection.execute(_TABLES).scalars())


def declared() -> dict[str, Protection]:
    """Table → the wall its model declares."""
    return {_table(each.class_).name: each.class_.__protection__ for each in Base.registry.mappers}


def tables_with(column: str) -> list[str]:
    """Every table that has the column, in order."""
    tables = (_table(each.class_) for each in Base.registry.mappers)
    return sorted(table.name for table in tables if column in table.columns)


def _table(model: type[Base]) -> Table:
    return cast(Table, model.__table__)

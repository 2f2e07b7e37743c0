"""Lists: search, filters, sorting and keyset pages, the same for every register and every stage.

A page is found by the sort value and key of the row before it, so the last page costs what the first does.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import Select, SQLColumnExpression, func, select, tuple_

from portal.kernel.hashing import plain
from tenants.db import db

PAGE_SIZE: Final = 20
LONGEST_NUMBER: Final = 40
_YEAR: Final = re.compile(r"[12][0-9]{3}")


def read_text(text: str) -> str:
    """Words from a URL, such as a table can hold. Raises `ValueError`."""
    if "\0" in text:
        msg = "no table holds a NUL"
        raise ValueError(msg)
    text.encode()
    return text


def year_asked(arguments: Mapping[str, str]) -> int | None:
    """The year a list is narrowed to; None where none was asked for, or what was is none."""
    typed = arguments.get("year", "")
    return int(typed) if _YEAR.fullmatch(typed) else None


@dataclass(frozen=True, slots=True)
class Sort:
    """A way to order a list: an expression that is never null, and how its value is read back from a URL."""

    expression: SQLColumnExpression[Any]
    read: Callable[[str], Any] = read_text


def read_int(text: str) -> int:
    """A whole number from a URL, such as a table can hold. Raises `ValueError`."""
    number = int(text)
    if abs(number) >= 2**31:
        msg = "more than a column holds"
        raise ValueError(msg)
    return number


def read_decimal(text: str) -> Decimal:
    """An exact number from a URL. Raises `ValueError` or `ArithmeticError`."""
    number = Decimal(text)
    if not number.is_finite() or len(text) > LONGEST_NUMBER or abs(number.adjusted()) > LONGEST_NUMBER:
        msg = "no amount"
        raise ValueError(msg)
    return number


def read_day(text: str) -> date:
    """A day from a URL."""
    return date.fromisoformat(text)


def read_instant(text: str) -> datetime:
    """An instant from a URL."""
    return datetime.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list, and the addresses around it; what `parts/table.html` prints."""

    rows: Sequence[Any]
    total: int
    sort: str
    descending: bool
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    filtered: bool = False
    previous: str | None = None
    next: str | None = None
    export_url: str | None = None

    def _url(self, **more: str | None) -> str:
        given = {key: value for key, value in {**self.query, **more}.items() if value}
        return f"{self.path}?{urlencode(given)}" if given else self.path

    @property
    def clear_url(self) -> str:
        """The list without any filter."""
        return self.path

    @property
    def previous_url(self) -> str | None:
        """The page before, if there is one."""
        return self._url(sort=self._order, before=self.previous) if self.previous else None

    @property
    def next_url(self) -> str | None:
        """The page after, if there is one."""
        return self._url(sort=self._order, after=self.next) if self.next else None

    @property
    def _order(self) -> str:
        return f"-{self.sort}" if self.descending else self.sort

    def sort_url(self, key: str) -> str:
        """The list ordered by ``key``; a second click turns it round."""
        turned = key == self.sort and not self.descending
        return self._url(sort=f"-{key}" if turned else key)


def listing(
    rows: Select[Any],
    *,
    key: SQLColumnExpression[UUID],
    sorts: Mapping[str, Sort],
    arguments: Mapping[str, str],
    path: str,
    default: str,
    kept: Sequence[str] = ("q",),
    export_url: str | None = None,
    size: int = PAGE_SIZE,
) -> Listing:
    """One page of ``rows`` (a select of one entity, already filtered); two statements, whatever its length.

    ``arguments`` are the request's: sort, after, before and the ``kept`` filters. Nonsense is ignored.
    """
    wanted = arguments.get("sort", default)
    if wanted.lstrip("-") not in sorts:
        wanted = default
    name, descending = wanted.lstrip("-"), wanted.startswith("-")
    sort = sorts[name]
    total = db.session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0
    back = _cursor(arguments.get("before"), sort)
    mark = back or _cursor(arguments.get("after"), sort)
    ascending = descending == (back is not None)
    order = (sort.expression, key)
    page = rows.add_columns(sort.expression.label("sorted_by"), key.label("key"))
    if mark is not None:
        here = tuple_(*order)
        page = page.where(here > tuple_(*mark) if ascending else here < tuple_(*mark))
    page = page.order_by(*(each.asc() if ascending else each.desc() for each in order)).limit(size + 1)
    found = list(db.session.execute(page))
    more = len(found) > size
    found = found[:size]
    if back is not None:
        found.reverse()
    first, last = (_mark(found[0]), _mark(found[-1])) if found else (None, None)
    query = {each: arguments[each] for each in kept if arguments.get(each)}
    return Listing(
        rows=[row[0] for row in found],
        total=total,
        sort=name,
        descending=descending,
        path=path,
        query=query,
        filtered=bool(query),
        previous=first if (more if back else mark is not None) else None,
        next=last if (mark is not None if back else more) else None,
        export_url=f"{export_url}?{urlencode(query)}" if export_url and query else export_url,
    )


def _mark(row: Any) -> str:
    return json.dumps([str(plain(row.sorted_by)), str(row.key)], ensure_ascii=False)


def _cursor(text: str | None, sort: Sort) -> tuple[Any, UUID] | None:
    try:
        value, row_id = json.loads(text or "")
        return sort.read(str(value)), UUID(str(row_id))
    except (ValueError, TypeError, ArithmeticError, RecursionError):
        return None

"""Every page of the application, as somebody of a county who may opens it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Flask
from sqlalchemy import Engine, text
from werkzeug.routing import Rule

from portal.access import GRANTS, Permission
from portal.draw.rules import number_of
from portal.kernel.clock import machine_now
from portal.kernel.workdays import day_of
from portal.web.guard import ASSETS
from tests.structure.conftest import Land
from tests.structure.county import County
from tests.support.world import Browser, Person

FIELD = re.compile(r"<(?:(?P<kind>\w+)(?:\((?P<choices>[^)]*)\))?:)?(?P<name>\w+)>")
# The page of a draft is another than that of a published row: like is compared with like.
KINDS_FIRST = {
    "appraisal_sheet": "form_code, id",
    "commission": "(SELECT min(state) FROM contract WHERE commission_id = commission.id) NULLS LAST, id",
    "deliverable": "kind, state, id",
    "rule_set": "version",
    "sheet": "stage, state, id",
    "tender": "state",
}
OF_THE_DEMO = frozenset({"clock.clock", "roster.accounts"})  # tried in demo worlds of their own, tests/demo
REGION = "532532"  # known, and nobody opens a bureau there
NAMED = {
    "accounts": "account",
    "appraisal-sheets": "appraisal_sheet",
    "appraisals": "appraisal",
    "award-letters": "award_letter",
    "awards": "award",
    "commissions": "commission",
    "consultations": "consultation",
    "contracts": "contract",
    "deliverables": "deliverable",
    "documents": "issued_document",
    "draws": "draw",
    "experts": "membership",
    "explanations": "explanation",
    "findings": "panel_finding",
    "files": "stored_file",
    "firms": "firm_acceptance",
    "import": "spreadsheet_upload",
    "library-grants": "library_grant",
    "materials": "material",
    "notices": "announcement",
    "number-codes": "document_code",
    "panels": "panel",
    "payments": "payment",
    "posts": "post",
    "recoveries": "recovery",
    "ranking-objections": "ranking_objection",
    "rankings": "ranking",
    "rounds": "round",
    "seats": "seat",
    "sheets": "sheet",
    "rules": "rule_set",
    "sections": "section",
    "settlements": "settlement",
    "subjects": "subject",
    "templates": "form_template",
    "inquiries": "tender",
    "tender-questions": "tender_question",
    "tenders": "tender",
    "tenants": "tenant",
    "units": "unit",
    "visits": "field_visit",
}


@dataclass(frozen=True)
class Field:
    """One variable of a URL: its name, its kind (uuid, int, any, string) and, of `any`, the choices."""

    name: str
    kind: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """A page, where it is, and who opened it."""

    endpoint: str
    url: str
    person: Person


def fields(rule: Rule) -> list[Field]:
    """The variables of a rule."""
    return [
        Field(
            found["name"],
            found["kind"] or "string",
            tuple(choice.strip() for choice in (found["choices"] or "").split(",")),
        )
        for found in FIELD.finditer(rule.rule)
    ]


def rules(app: Flask, method: str) -> list[Rule]:
    """The rules that answer a method, but for files."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if method in (rule.methods or ()) and rule.endpoint not in ASSETS
    ]


def guard_of(app: Flask, rule: Rule) -> Permission | str:
    """The permission under which a rule's view stands, or that it is public or for everybody signed in."""
    guard = app.view_functions[rule.endpoint].portal_guard  # type: ignore[union-attr]
    assert isinstance(guard, str)
    return guard


def row_named(rule: Rule) -> str | None:
    """The table whose row the URL names by id: it follows from the word before the id."""
    word = re.search(r"/([a-z-]+)/<uuid:", rule.rule)
    return NAMED[word[1]] if word else None


def address(rule: Rule, tenant: str, row_id: UUID | None = None) -> str:
    """The URL of a rule in a tenant; every id in it is ``row_id``."""
    first = number_of(day_of(machine_now()).year, 1)
    texts = {"tenant": tenant, "bureau": tenant, "code": REGION, "number": first, "register": "units"}

    def filled(found: re.Match[str]) -> str:
        if found["kind"] == "any":
            return found["choices"].split(",")[0].strip()
        return {"uuid": str(row_id), "int": "1"}.get(found["kind"] or "") or texts[found["name"]]

    return FIELD.sub(filled, rule.rule)


def rows_of(backup: Engine, table: str, tenant_id: UUID) -> list[UUID]:
    """The ids of a tenant's rows; a bureau's own row, and the accounts of those with a post in it."""
    column = {"tenant": "id", "account": "account_id"}.get(table, "id")
    whose = {"tenant": "id"}.get(table, "tenant_id")
    source = {"account": "post"}.get(table, table)
    order = KINDS_FIRST.get(table, "id")
    with backup.connect() as connection:
        found = connection.execute(
            text(f"SELECT {column} FROM {source} WHERE {whose} = :tenant ORDER BY {order}"),  # noqa: S608
            {"tenant": tenant_id},
        )
        return list(found.scalars())


def holders(people: Sequence[Person], guard: Permission | str) -> list[Person]:
    """Those of a county's people who hold a permission; anybody for a page that asks for none."""
    if not isinstance(guard, Permission):
        return list(people[:1])
    roles = {grant.role for grant in GRANTS[guard]}
    return [person for person in people if person.role in roles]


class Visit:
    """A county's people, each in a browser of their own."""

    def __init__(self, app: Flask, land: Land, county: County, backup: Engine) -> None:
        self.app = app
        self.people = [*county.everybody, land.operator]
        self.county = county
        self.backup = backup
        self._browsers: dict[str, Browser] = {}

    def browser(self, person: Person) -> Browser:
        """The browser in which the person is signed in."""
        if person.username not in self._browsers:
            self._browsers[person.username] = Browser(self.app, person)
        return self._browsers[person.username]

    def _candidates(self, rule: Rule) -> Iterator[tuple[Person, str]]:
        table, code = row_named(rule), self.county.bureau.code
        rows = rows_of(self.backup, table, self.county.bureau.id) if table else [None]
        for person in holders(self.people, guard_of(self.app, rule)):
            for row_id in rows:
                yield person, address(rule, code, row_id)

    def page(self, rule: Rule) -> Page | None:
        """The first address of a rule that opens for somebody who may."""
        for person, url in self._candidates(rule):
            if self.browser(person).send("GET", url).status_code in {200, 303}:
                return Page(rule.endpoint, url, person)
        return None

    def pages(self) -> list[Page]:
        """Every page there is; raises where one opens for nobody."""
        found = {rule.endpoint: self.page(rule) for rule in rules(self.app, "GET")}
        closed = sorted(
            endpoint for endpoint, page in found.items() if not page and endpoint not in OF_THE_DEMO
        )
        assert not closed, f"nobody of the county could open {closed}"
        return [page for page in found.values() if page]

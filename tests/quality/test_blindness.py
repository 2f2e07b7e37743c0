"""Two worlds that differ in one sheet look the same to everybody who must not know it yet."""

import re
from uuid import UUID

from flask import Flask

from portal.access import Role
from tests.quality import makers
from tests.quality.makers import Case
from tests.support.world import Browser, Person

PARTS = re.compile(
    r"[0-9a-f]{40,}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{8,}…?"
    r"|\d{4}-\d{2}-\d{2}T[0-9:.+]+|\d{4}-\d{2}-\d{2} \d{2}:\d{2}(:\d{2})?|\d{2}:\d{2}:\d{2}|9\d{5}"
    r"|user\d+|专家\d+|单位\d+|项目\d+|大学\d+|机构\d+|第\d+事务所|[0-9A-Z]{18}|\?v=\w+"
)


def _world(total: str) -> tuple[Case, list[UUID]]:
    """One expert has handed in with these totals; two have not."""
    case = makers.a_seated_round()
    first, *others = case.seats("accepted")
    makers.score_all(case, first, plan=total, report=total)
    return case, others


def _seen(app: Flask, case: Case, person: Person, paths: list[str]) -> list[str]:
    """What a person gets at each address, without what differs by chance.

    At home what is due at the same instant stands in any order.
    """
    browser = Browser(app, person)
    pages = []
    for path in paths:
        answer = browser.send("GET", f"/t/{case.bureau.code}/{path}")
        content = answer.text if (answer.mimetype or "").startswith(("text", "application/json")) else ""
        plain = f"{answer.status_code} {PARTS.sub('…', content)}"
        pages.append(plain if path else "\n".join(sorted(plain.splitlines())))
    return pages


def _paths(case: Case, expert: UUID | None, scored: UUID) -> list[str]:
    sheets = [f"sheets/{each}" for each in case.known_sheets[scored]]
    paths = ["", "seats", "rounds", f"rounds/{case.round_id}", f"rounds/{case.round_id}/result"]
    paths += [f"rounds/{case.round_id}/derivation.json", *sheets, f"seats/{case.seat_id(scored)}"]
    if expert is not None:
        paths += [f"seats/{case.seat_id(expert)}", *(f"sheets/{each}" for each in case.known_sheets[expert])]
    return [*paths, "draws", "audit", "contracts", "appraisals", "settlements"]


def test_one_score_changes_nothing_for_those_who_must_not_know_it(app: Flask) -> None:
    worlds = []
    for total in ("96", "61"):
        case, others = _world(total)
        scored = next(each for each in case.seats("accepted") if each not in others)
        case.remember_sheets()
        readers: dict[str, Person] = {
            role.value: case.bureau.people[role]
            for role in (
                Role.ORGANISER,
                Role.APPROVER,
                Role.BUYER,
                Role.HANDLER,
                Role.PAYER,
                Role.FIRM_HANDLER,
                Role.FIRM_SIGNATORY,
                Role.UNIT_HANDLER,
                Role.UNIT_HEAD,
                Role.AUDIT_ADMIN,
            )
        }
        seen = {
            name: _seen(app, case, person, _paths(case, None, scored)) for name, person in readers.items()
        }
        for n, each in enumerate(others):
            seen[f"expert {n}"] = _seen(app, case, case.experts[each], _paths(case, each, scored))
        worlds.append((seen, _seen(app, case, case.experts[scored], _paths(case, scored, scored))))

    (one, own), (other, own_other) = worlds
    for name, pages in one.items():
        for here, there in zip(pages, other[name], strict=True):
            assert here.splitlines() == there.splitlines(), name
    assert own != own_other, "the two worlds do differ, and their expert sees it"

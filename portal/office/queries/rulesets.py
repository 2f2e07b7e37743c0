"""Reading rule sets: which version is in force, here or inherited from above, and what it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, Select, literal, select
from sqlalchemy.orm import aliased

from portal.kernel.errors import Misconfigured, NotFound
from portal.office.lifecycle import RuleSetState
from portal.office.rules.rulesets import layers_of, stated_of, texts_of
from tenants import ruleset
from tenants.db import db, tenant_of_session
from tenants.models import RuleSetVersion, Tenant
from tenants.ruleset import KEYS, NATIONAL, Effective, Key, Layer, RuleSet

RULES_KEY = "ruleset"


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """规则集 in force: the typed rules, and the id and number of the version they were read from."""

    id: UUID
    number: int
    owner: str
    effective_on: date
    rules: RuleSet

    @property
    def label(self) -> str:
        """The version as a derivation names it."""
        return f"{self.owner}规则集第{self.number}版（{self.effective_on:%Y-%m-%d}起施行）"


@dataclass(frozen=True, slots=True)
class Version:
    """One version as it is listed: the row, whose it is, and how far above."""

    row: RuleSetVersion
    owner: str
    code: str
    depth: int

    @property
    def state(self) -> RuleSetState:
        """Draft or published."""
        return state_of(self.row)

    @property
    def label(self) -> str:
        """How pages call it."""
        return f"{self.owner}第{self.row.version}版"


def state_of(row: RuleSetVersion) -> RuleSetState:
    """Where a version stands; published is what has its whole."""
    return RuleSetState.DRAFT if row.published_at is None else RuleSetState.PUBLISHED


def lineage() -> CTE:
    """The acting tenant (depth 0) and the bureaus above it, nearest first, as a table to join."""
    here = (
        select(Tenant.id, Tenant.parent_id, Tenant.code, Tenant.name, literal(0).label("depth"))
        .where(Tenant.id == tenant_of_session())
        .cte("lineage", recursive=True)
    )
    above = aliased(Tenant)
    return here.union_all(
        select(above.id, above.parent_id, above.code, above.name, here.c.depth + 1).join(
            here, above.id == here.c.parent_id
        )
    )


def _versions() -> tuple[Select[Any], CTE]:
    line = lineage()
    return (
        select(RuleSetVersion, line.c.name, line.c.code, line.c.depth).join(
            line, line.c.id == RuleSetVersion.tenant_id
        ),
        line,
    )


def in_force(day: date, *, from_depth: int = 0) -> Version | None:
    """The latest published version that has taken effect by ``day``: one's own, else the nearest above."""
    rows, line = _versions()
    found = db.session.execute(
        rows.where(
            RuleSetVersion.published_at.is_not(None),
            RuleSetVersion.effective_on <= day,
            line.c.depth >= from_depth,
        )
        .order_by(line.c.depth, RuleSetVersion.effective_on.desc(), RuleSetVersion.version.desc())
        .limit(1)
    ).first()
    return Version(*found) if found else None


def rules_on(day: date, *needed: str) -> RulesInForce:
    """The rules in force for the acting tenant on ``day``; its own, else those of the nearest bureau above.

    Raises `Misconfigured` where none is published, or with the first key of ``needed`` that nobody has typed.
    """
    version = in_force(day)
    if version is None:
        raise Misconfigured(RULES_KEY)
    texts = texts_of(version.row.whole or {})
    missing = next((name for name in needed if not texts.get(name)), None)
    if missing is not None:
        raise Misconfigured(missing)
    return _read(version, texts)


def rules_kept(row_id: UUID) -> RulesInForce:
    """The rules some work was begun under, whatever is in force since. Raises `NotFound`."""
    kept = version(row_id)
    return _read(kept, texts_of(kept.row.whole or {}))


def _read(version: Version, texts: Mapping[str, str]) -> RulesInForce:
    return RulesInForce(
        version.row.id,
        version.row.version,
        version.owner,
        version.row.effective_on,
        ruleset.parse(texts, strict=False),
    )


def version(row_id: UUID) -> Version:
    """One version, one's own or a published one from above. Raises `NotFound`."""
    rows, line = _versions()
    found = db.session.execute(
        rows.where(
            RuleSetVersion.id == row_id,
            (line.c.depth == 0) | RuleSetVersion.published_at.is_not(None),
        )
    ).first()
    if found is None:
        raise NotFound
    return Version(*found)


def own_version(row_id: UUID) -> RuleSetVersion:
    """One of the acting tenant's own versions. Raises `NotFound`."""
    found = db.session.scalar(
        select(RuleSetVersion).where(
            RuleSetVersion.id == row_id, RuleSetVersion.tenant_id == tenant_of_session()
        )
    )
    if found is None:
        raise NotFound
    return found


def versions() -> list[Version]:
    """All versions that can be read here: one's own, the latest first, then those published above."""
    rows, line = _versions()
    found = db.session.execute(
        rows.where((line.c.depth == 0) | RuleSetVersion.published_at.is_not(None)).order_by(
            line.c.depth, RuleSetVersion.version.desc()
        )
    )
    return [Version(*row) for row in found]


def draft() -> RuleSetVersion | None:
    """The tenant's one draft, if there is one."""
    return db.session.scalar(
        select(RuleSetVersion).where(
            RuleSetVersion.tenant_id == tenant_of_session(), RuleSetVersion.published_at.is_(None)
        )
    )


def latest_published() -> RuleSetVersion | None:
    """The tenant's own latest published version, from which the next one is drafted."""
    return db.session.scalar(
        select(RuleSetVersion)
        .where(RuleSetVersion.tenant_id == tenant_of_session(), RuleSetVersion.published_at.is_not(None))
        .order_by(RuleSetVersion.version.desc())
        .limit(1)
    )


def own_layer(own: Mapping[str, Mapping[str, Any]], code: str) -> Layer:
    """A tenant's typed values as a layer under its code."""
    return Layer(code, {name: stated_of(item) for name, item in own.items()})


def inherited(day: date) -> Version | None:
    """The set that would hold on ``day`` if the tenant had none of its own."""
    return in_force(day, from_depth=1)


def tenant_code() -> str:
    """The code of the acting tenant."""
    return db.session.scalars(select(Tenant.code).where(Tenant.id == tenant_of_session())).one()


def effective_of(found: Version) -> dict[str, Effective]:
    """What a version says, key by key: as stored when published, a draft laid over what it inherits today."""
    if found.row.whole is not None:
        return ruleset.merge(*layers_of(found.row.whole))
    base = inherited(found.row.effective_on)
    whole = base.row.whole if base else None
    own = own_layer(found.row.own, found.code)
    return ruleset.merge(ruleset.national(), *(layers_of(whole) if whole else ()), own)


@dataclass(frozen=True, slots=True)
class Line:
    """One value as the page reads it: what it is, what it rests on, and who states it."""

    name: str
    label: str
    note: str
    value: str
    basis: str
    layer: str
    tone: str
    is_set: bool


def lines(
    effective: Mapping[str, Effective], names: Mapping[str, str], here: str
) -> list[tuple[str, list[Line]]]:
    """Every key of the register in its group. ``names``: bureaus by code; ``here``: one's own code."""
    values = ruleset.values_of({name: item.stated.text for name, item in effective.items()})
    groups: dict[str, list[Line]] = {}
    for name, key in KEYS.items():
        item = effective.get(name)
        value = values.get(name)
        label, tone = _layer(key, item, names, here) if item else _unset(needed=key.needed)
        groups.setdefault(ruleset.GROUP_LABELS[key.group], []).append(
            Line(
                name,
                key.label,
                key.note,
                key.shown(value),
                _basis(name, item),
                label,
                tone,
                value is not None,
            )
        )
    return list(groups.items())


def _unset(*, needed: bool) -> tuple[str, str]:
    return ("尚未填写", "danger") if needed else ("未设", "draft")


def _layer(key: Key, item: Effective, names: Mapping[str, str], here: str) -> tuple[str, str]:
    if item.layer == NATIONAL:
        return ("国家", "stopped") if key.basis.clause else ("系统默认", "draft")
    return (
        ("本级", "active")
        if item.layer == here
        else (f"上级（{names.get(item.layer, item.layer)}）", "waiting")
    )


def _basis(name: str, item: Effective | None) -> str:
    """What a value rests on; a national value by its mark, a bureau's own by the document it names."""
    if item is None or item.layer == NATIONAL:
        return "" if item is None else str(KEYS[name].basis)
    return item.stated.source or "本单位规定（未写明文件）"


def bureau_names(codes: Sequence[str]) -> dict[str, str]:
    """The names of the bureaus behind codes."""
    rows = db.session.execute(select(Tenant.code, Tenant.name).where(Tenant.code.in_(codes)))
    return {row.code: row.name for row in rows}

"""规则集: what makes a draft sound, when it may be published, what stays refused while a value is unset."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from portal.kernel.ruling import ALLOWED, Ruling, unless
from tenants import ruleset
from tenants.ruleset import KEYS, NATIONAL, BadRuleSet, Effective, Fault, Layer, Stated

Whole = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class PublishFacts:
    """A draft at the moment somebody wants to publish it; days in Shanghai."""

    today: date
    effective_on: date
    drafter_id: UUID | None
    actor_id: UUID
    faulty: tuple[str, ...] = ()


def may_publish(f: PublishFacts) -> Ruling:
    """Sound, from today on at the earliest, and by somebody who did not draft it."""
    return (
        unless(f.drafter_id == f.actor_id, "office.own_rules")
        & unless(f.effective_on < f.today, "office.rules_retroactive", today=f.today)
        & unless(f.faulty, "office.rules_faulty", keys=[KEYS[name].label for name in f.faulty])
    )


def unset(texts: Mapping[str, str]) -> Ruling:
    """What stays refused while a value that has no default is not typed; not a hindrance to publishing."""
    cutoff = not texts.get("qc.cutoff") and not texts.get("fee.tiers")
    return (
        unless(cutoff, "office.unset_cutoff")
        & unless(not texts.get("procurement.threshold_procure"), "office.unset_threshold_procure")
        & unless(not texts.get("procurement.threshold_open"), "office.unset_threshold_open")
    )


def unsourced(texts: Mapping[str, str], sources: Mapping[str, str]) -> tuple[str, ...]:
    """The keys without a national value that were typed without naming the document they rest on."""
    return tuple(
        name
        for name, text in texts.items()
        if text and KEYS[name].needed and not sources.get(name, "").strip()
    )


def layers_of(whole: Whole) -> tuple[Layer, ...]:
    """The layers a stored set was merged from, each with the values that held; the national one first."""
    names = dict.fromkeys(item["layer"] for item in whole.values())
    order = sorted(names, key=lambda name: name != NATIONAL)
    return tuple(
        Layer(name, {key: stated_of(item) for key, item in whole.items() if item["layer"] == name})
        for name in order
    )


def laid(base: Whole | None, own: Layer) -> dict[str, Effective]:
    """What holds when the tenant's ``own`` values are laid over the set it inherits (or the national one)."""
    return ruleset.merge(ruleset.national(), *(layers_of(base) if base else ()), own)


def faults_of(effective: Mapping[str, Effective]) -> tuple[Fault, ...]:
    """What an effective set may not contain; a needed value that is merely unset is not among it."""
    texts = ruleset.texts(effective)
    try:
        ruleset.parse(texts, strict=True)
    except BadRuleSet as bad:
        return tuple(fault for fault in bad.faults if texts.get(fault.key) or not KEYS[fault.key].needed)
    return ()


def stated_of(item: Mapping[str, Any]) -> Stated:
    """A value as a version stores it."""
    since = item.get("effective_on")
    return Stated(
        item["text"],
        item.get("source", ""),
        item.get("article", ""),
        date.fromisoformat(since) if since else None,
    )


def stored(stated: Stated) -> dict[str, str | None]:
    """How a version stores a value."""
    return {
        "text": stated.text,
        "source": stated.source,
        "article": stated.article,
        "effective_on": stated.effective_on.isoformat() if stated.effective_on else None,
    }


def whole_of(effective: Mapping[str, Effective]) -> dict[str, dict[str, str | None]]:
    """The merged set as it is stored when published."""
    return {name: {**stored(item.stated), "layer": item.layer} for name, item in effective.items()}


def texts_of(whole: Whole) -> dict[str, str]:
    """Key to stored text of a merged set, unset keys left out."""
    return {name: item["text"] for name, item in whole.items() if item["text"]}


def free(_facts: object) -> Ruling:
    """No guard but the table."""
    return ALLOWED

"""From written values to rules and back: reading, judging as a whole, building groups, forms.

``Values`` maps the name of a key to its Python value, None where it is unset. Every reader reports all faults
at once, by key, in a `BadRuleSet`.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from tenants.ruleset import groups
from tenants.ruleset.groups import RuleSet
from tenants.ruleset.key import Key
from tenants.ruleset.keys import KEYS
from tenants.ruleset.kinds import Wrong, percent, tidy

Values = Mapping[str, Any]
G = TypeVar("G")

UNSET_TYPED = "不设"

_GROUPS: Mapping[str, type] = {
    "qc": groups.QcRules,
    "fee": groups.FeeRules,
    "appraisal": groups.AppraisalRules,
    "ranking": groups.RankingRules,
    "grade": groups.GradeRules,
    "procurement": groups.ProcurementRules,
    "lowprice": groups.LowPriceRules,
    "sme": groups.SmeRules,
    "query": groups.QueryRules,
    "complaint": groups.ComplaintRules,
    "pay": groups.PayRules,
    "draw": groups.DrawRules,
    "expert": groups.ExpertRules,
    "lead": groups.LeadRules,
    "preeval": groups.PreevalRules,
    "library": groups.LibraryRules,
    "monitor": groups.MonitorRules,
    "rectify": groups.RectifyRules,
    "archive": groups.ArchiveRules,
    "log": groups.LogRules,
}
_NAMES = {group: name for name, group in _GROUPS.items()}

_SUMS = (
    ("qc.weight_plan", "qc.weight_report"),
    ("appraisal.weight_unit", "appraisal.weight_finance"),
    ("ranking.weight_appraisal", "ranking.weight_quality"),
)
_NOT_ABOVE = (
    ("lowprice.mean", "lowprice.upper_limit"),
    ("lowprice.second", "lowprice.upper_limit"),
    ("lowprice.ceiling", "lowprice.upper_limit"),
    ("pay.days", "pay.max_days"),
    ("lead.min_eval_years", "lead.min_years"),
    ("procurement.threshold_procure", "procurement.threshold_open"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one value: its ``key``, the place ``at`` inside it (often empty), a sentence."""

    key: str
    message: str
    at: str = ""

    def __str__(self) -> str:
        return f"{self.key}{self.at}：{self.message}"


class BadRuleSet(ValueError):
    """Values that do not make a rule set; carries every fault."""

    def __init__(self, faults: Collection[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


def _read(
    raw: Mapping[str, Any], keys: Mapping[str, Key], one: Callable[[Key, Any], Any]
) -> tuple[Values, list[Fault]]:
    """What could be read, and what was wrong with the rest."""
    found: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, value in raw.items():
        if name not in keys:
            faults.append(Fault(name, "没有这个参数。"))
            continue
        try:
            found[name] = one(keys[name], value)
        except Wrong as wrong:
            faults += [Fault(name, flaw.message, flaw.at) for flaw in wrong.flaws]
    return found, faults


def _accepted(values: Values, faults: list[Fault]) -> Values:
    if faults:
        raise BadRuleSet(faults)
    return values


def completed(values: Values) -> Values:
    """Every key of the register: as given, else the national value, else None."""
    return {name: values.get(name, key.basis.value) for name, key in KEYS.items()}


def _disagreements(values: Values, skip: Collection[str]) -> list[Fault]:
    """Values that cannot stand together, whoever the tenant is; keys already at fault are passed over."""
    faults = []
    for names in _SUMS:
        total = sum((values[name] for name in names), Decimal())
        if total != 1 and not set(names) & set(skip):
            first, second = (KEYS[name] for name in names)
            message = f"{first.label}与{second.label}合计应为 100%，现为 {percent(total)}。"
            faults += [Fault(name, message) for name in names]
    return faults


def _beyond_the_law(values: Values) -> list[Fault]:
    """What an effective rule set may not contain: gaps, values outside the national limits, wrong order."""
    faults = [
        Fault(name, f"没有默认值，必须填写{KEYS[name].label}。")
        for name, value in values.items()
        if value is None and KEYS[name].needed and not (name == "qc.cutoff" and values["fee.tiers"])
    ]
    for name, value in values.items():
        sentence = value is not None and KEYS[name].beyond(value)
        if sentence:
            faults.append(Fault(name, sentence))
    for lower, upper in _NOT_ABOVE:
        if values[lower] is not None and values[upper] is not None and values[lower] > values[upper]:
            faults.append(Fault(lower, f"不得高于{KEYS[upper].label}。"))
    return faults


def from_plain(raw: Mapping[str, Any], only: Collection[str]) -> Values:
    """Read JSON data under the keys named in ``only``; any other key is a fault. Raises `BadRuleSet`.

    The result is completed with national values and must agree with itself; national limits are not asked.
    """
    found, faults = _read(
        raw, {name: KEYS[name] for name in only}, lambda key, value: key.kind.from_plain(value)
    )
    whole = completed(found)
    return _accepted(whole, faults + _disagreements(whole, skip={fault.key for fault in faults}))


def _stored(key: Key, text: object) -> Any:
    if not isinstance(text, str):
        raise Wrong.because("存储的内容必须是文字。")
    if not text and key.optional:
        return None
    return key.kind.from_text(text)


def values_of(texts: Mapping[str, object]) -> Values:
    """Read the stored texts of one layer, each by itself; an empty text unsets a key. Raises `BadRuleSet`."""
    return _accepted(*_read(texts, KEYS, _stored))


def parse(texts: Mapping[str, object], *, strict: bool) -> RuleSet:
    """Build the whole rule set from stored texts, national values filling the gaps. Raises `BadRuleSet`.

    ``strict`` is for what is to take effect: needed keys must be there and national limits are kept.
    """
    found, faults = _read(texts, KEYS, _stored)
    values = completed(found)
    bad = {fault.key for fault in faults}
    faults += _disagreements(values, skip=bad)
    if strict:
        faults += [fault for fault in _beyond_the_law(values) if fault.key not in bad]
    _accepted(values, faults)
    return RuleSet(**{name: rules_of(group, values) for name, group in _GROUPS.items()})


def rules_of(group: type[G], values: Values) -> G:
    """One group (`QcRules`, …) from completed values."""
    name = _NAMES[group]
    return group(**{key.attribute: values[key.name] for key in KEYS.values() if key.group == name})


def dump(rules: RuleSet) -> dict[str, str]:
    """The canonical texts of a rule set, unset keys left out; `parse` reads them back to an equal one."""
    return texts_of(
        {key.name: getattr(getattr(rules, key.group), key.attribute) for key in KEYS.values()},
    )


def texts_of(values: Values) -> dict[str, str]:
    """The canonical texts of some values, unset keys left out."""
    return {name: KEYS[name].kind.to_text(value) for name, value in values.items() if value is not None}


def from_form(typed: Mapping[str, str]) -> dict[str, str]:
    """Stored texts from the fields of the form. Raises `BadRuleSet`.

    An empty field states nothing, so the layer below holds; 不设 unsets a key that may be unset.
    """

    def one(key: Key, text: str) -> Any:
        if text == UNSET_TYPED and key.optional:
            return None
        return key.kind.from_form(text)

    said = {name: text for name, raw in typed.items() if (text := tidy(raw))}
    values = _accepted(*_read(said, KEYS, one))
    return {name: "" if value is None else KEYS[name].kind.to_text(value) for name, value in values.items()}


def to_form(texts: Mapping[str, str]) -> dict[str, str]:
    """What stands in the fields of the form for these stored texts."""
    return {
        name: UNSET_TYPED if value is None else KEYS[name].kind.to_form(value)
        for name, value in values_of(texts).items()
    }

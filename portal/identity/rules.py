"""What a password, a username and a one-time code must be. Pure; secrets are made by `secrets`, not here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from portal.access import GRANTS, INCOMPATIBLE, ROLE_LABELS, STAFF, Role
from portal.kernel.ruling import Clause, Ruling, unless
from portal.wording import RELATIONS, SLICES, permission_label

LEVEL_PROTECTION: Final = Clause("GB/T 22239-2019（身份鉴别）")
MIN_PASSWORD: Final = 10
MAX_PASSWORD: Final = 128
CODE_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH: Final = 12
_KINDS = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
MIN_KINDS: Final = 3
_HEAD, _TAIL = 3, 4
MIN_REASON: Final = 4
USERNAME_PREFIXES: Final = {
    Role.EXPERT: "zj",
    Role.FIRM_HANDLER: "jg",
    Role.FIRM_SIGNATORY: "jq",
    Role.LEAD_EVALUATOR: "zp",
    Role.UNIT_HANDLER: "dw",
    Role.UNIT_HEAD: "df",
}


def password_holds(password: str, username: str) -> Ruling:
    """At least ten characters, three of the four kinds, and not the username inside."""
    kinds = sum(bool(re.search(kind, password)) for kind in _KINDS)
    return (
        unless(
            not MIN_PASSWORD <= len(password) <= MAX_PASSWORD,
            "identity.password_length",
            LEVEL_PROTECTION,
            least=MIN_PASSWORD,
            most=MAX_PASSWORD,
        )
        & unless(kinds < MIN_KINDS, "identity.password_kinds", LEVEL_PROTECTION, least=MIN_KINDS)
        & unless(username.casefold() in password.casefold(), "identity.password_username", LEVEL_PROTECTION)
    )


def username_holds(username: str) -> Ruling:
    """Three to thirty-two small letters, digits, dots and dashes, so that nobody mistypes case or blanks."""
    return unless(not re.fullmatch(r"[a-z0-9][a-z0-9.-]{2,31}", username), "identity.username_shape")


def reason_holds(reason: str) -> Ruling:
    """A reason that says something (个人信息保护法 §6: for a definite purpose)."""
    return unless(len(reason.strip()) < MIN_REASON, "identity.reveal_needs_reason")


def code_as_typed(text: str) -> str:
    """A one-time code as it was printed, whatever dashes, blanks and lower case it was typed with."""
    return re.sub(r"[\s\-—]", "", text).upper()


def code_as_printed(code: str) -> str:
    """A one-time code in groups of four, easy to copy from a slip."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def masked(value: str) -> str:
    """A personal number as it is shown: the first three and the last four characters (个人信息保护法 §51)."""
    shown = len(value) - _HEAD - _TAIL
    return f"{value[:_HEAD]}{'*' * shown}{value[-_TAIL:]}" if shown > 0 else "*" * len(value)


@dataclass(frozen=True, slots=True)
class Door:
    """Where wrong passwords are counted: ``limit`` of them within ``minutes`` shut it for as long.

    ``username`` is whose door it is, for whoever may unlock it; '' for an address, which is nobody's.
    """

    key: str
    username: str
    limit: int
    minutes: int
    code: str


def doors(username: str, address: str) -> tuple[Door, ...]:
    """What an attempt to sign in counts at, the narrowest first.

    A stranger elsewhere shuts only his own way to a username. The wider two slow down who tries many names
    from one place, or one name from many. An ``address`` of '' is the proxy's or this machine's own: it
    tells nobody apart, so nobody is shut out by it.
    """
    near = Door(f"near\0{address}\0{username}", username, 5, 30, "identity.locked")
    place = Door(f"address\0{address}", "", 60, 10, "identity.locked_address")
    far = Door(f"username\0{username}", username, 50, 30, "identity.locked_username")
    return (near, place, far) if address else (near,)


def signing_door(username: str) -> tuple[Door, ...]:
    """Where a password given again by somebody signed in counts: nobody outside shuts it."""
    return (Door(f"inside\0{username}", username, 5, 30, "identity.locked"),)


@dataclass(frozen=True, slots=True)
class Duty:
    """One permission in words: what may be done, and by whom (with what limits them)."""

    permission: str
    label: str
    roles: str


def duties() -> list[tuple[str, list[Duty]]]:
    """Who may do what, by the slices' names, as `portal.access.GRANTS` has it."""
    found: dict[str, list[Duty]] = {}
    for permission, grants in GRANTS.items():
        free = _listed(grant.role for grant in grants if grant.relation is None)
        bound = [
            f"{ROLE_LABELS[each.role]}（{RELATIONS[each.relation]}）" for each in grants if each.relation
        ]
        roles = "、".join([*([free] if free else []), *bound])
        group = SLICES[permission.value.partition(":")[0]]
        found.setdefault(group, []).append(Duty(permission.value, permission_label(permission.value), roles))
    return list(found.items())


def separations() -> list[tuple[str, list[tuple[str, str]]]]:
    """Which posts one person must not hold together, by reason: each of these, and each of those."""
    order = list(Role)
    against: dict[str, dict[Role, set[Role]]] = {}
    for pair, reason in INCOMPATIBLE.items():
        one, other = sorted(pair, key=order.index)
        against.setdefault(reason, {}).setdefault(one, set()).add(other)
    return [(reason, _merged(others)) for reason, others in against.items()]


def _merged(against: dict[Role, set[Role]]) -> list[tuple[str, str]]:
    ones: dict[str, set[Role]] = {}
    for one in sorted(against, key=list(Role).index):
        ones.setdefault(_listed(against[one]), set()).add(one)
    return [(_listed(roles), others) for others, roles in ones.items()]


def _listed(roles: Iterable[Role]) -> str:
    """Roles in their order, by name; whole groups by the group's name."""
    given = set(roles)
    if given == set(Role):
        return "所有岗位"
    if given == STAFF:
        return "财政部门所有岗位"
    return "、".join(ROLE_LABELS[role] for role in Role if role in given)


def permissions_document() -> str:
    """``docs/permissions.md``: the two tables, generated, so that a change of permission shows in review."""
    lines = [
        "# 岗位与权限",
        "",
        "本页由 `flask --app wsgi docs` 根据 `portal/access.py` 生成，请勿手工修改。",
        "",
    ]
    lines += ["## 谁可以做什么", ""]
    for group, rows in duties():
        lines += [f"### {group}", "", "| 事项 | 权限 | 岗位 |", "|---|---|---|"]
        lines += [f"| {duty.label} | `{duty.permission}` | {duty.roles} |" for duty in rows]
        lines.append("")
    lines += ["## 同一人不得兼任的岗位", "", "| 担任其一 | 就不得担任 | 理由 |", "|---|---|---|"]
    lines += [
        f"| {ones} | {others} | {reason} |" for reason, pairs in separations() for ones, others in pairs
    ]
    return "\n".join([*lines, ""])

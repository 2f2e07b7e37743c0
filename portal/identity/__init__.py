"""账号与岗位: who people are, how they sign in, which posts they hold, and their sealed personal data.

GB/T 22239-2019 (身份鉴别, 访问控制); 个人信息保护法 §§6, 17, 51.
"""

from portal.identity.actions import (
    Invitee,
    Place,
    Slip,
    attest,
    blind_index,
    codes_for,
    compared,
    consent,
    grant_post,
    hashed,
    issue_code,
    keep_personal,
    new_account,
    reveal_personal,
    seat_expert,
)
from portal.identity.queries import (
    accounts_named,
    experts_with_account,
    load,
    open_posts,
    posts_as,
    roles_held,
)
from portal.identity.rules import masked

__all__ = [
    "Invitee",
    "Place",
    "Slip",
    "accounts_named",
    "attest",
    "blind_index",
    "codes_for",
    "compared",
    "consent",
    "experts_with_account",
    "grant_post",
    "hashed",
    "issue_code",
    "keep_personal",
    "load",
    "masked",
    "new_account",
    "open_posts",
    "posts_as",
    "reveal_personal",
    "roles_held",
    "seat_expert",
]

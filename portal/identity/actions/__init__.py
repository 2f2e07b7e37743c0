"""What people and security administrators do: come in, hold posts, carry codes, reveal, look below."""

from portal.identity.actions.entrance import (
    attest,
    change_password,
    compared,
    consent,
    hashed,
    redeem_code,
    sign_in,
    sign_out,
)
from portal.identity.actions.personal import blind_index, keep_personal, reveal_personal
from portal.identity.actions.posts import (
    Invitee,
    Opening,
    Place,
    Slip,
    codes_for,
    codes_of,
    end_post,
    grant_post,
    issue_code,
    new_account,
    open_account,
    seat_expert,
    unlock,
)
from portal.identity.actions.supervision import enter, leave

__all__ = [
    "Invitee",
    "Opening",
    "Place",
    "Slip",
    "attest",
    "blind_index",
    "change_password",
    "codes_for",
    "codes_of",
    "compared",
    "consent",
    "end_post",
    "enter",
    "grant_post",
    "hashed",
    "issue_code",
    "keep_personal",
    "leave",
    "new_account",
    "open_account",
    "redeem_code",
    "reveal_personal",
    "seat_expert",
    "sign_in",
    "sign_out",
    "unlock",
]

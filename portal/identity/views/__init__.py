"""Coming in and going out, a bureau's people, the table of permissions, sealed values, and looking below."""

from portal.identity.views import accounts, roles, supervision
from portal.identity.views.blueprint import bp
from portal.identity.views.entrance import carried_sign_in
from portal.identity.views.personal import reveal_views

__all__ = ["accounts", "bp", "carried_sign_in", "reveal_views", "roles", "supervision"]

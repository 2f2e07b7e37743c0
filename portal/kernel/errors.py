"""What can go wrong in the user's world. Anything else is a bug and becomes a 500 with a reference number."""

from portal.kernel.ruling import Ruling


class PortalError(Exception):
    """The root of everything that has a sentence in `portal.wording`."""

    status = 500
    code = "portal.error"

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code, facts)
        self.facts = facts


class Refused(PortalError):
    """A rule said no; carries every reason."""

    status = 409
    code = "portal.refused"

    def __init__(self, ruling: Ruling) -> None:
        super().__init__(codes=ruling.codes)
        self.ruling = ruling


class NotPermitted(PortalError):
    """The post lacks the permission, or the row is not related to it."""

    status = 403
    code = "portal.not_permitted"


class NotFound(PortalError):
    """Absent, or another tenant's: the two look the same."""

    status = 404
    code = "portal.not_found"


class Invalid(PortalError):
    """Beyond syntax: lands on the field of the form that caused it."""

    status = 422

    def __init__(self, field: str, code: str, **facts: object) -> None:
        self.field = field
        self.code = code
        super().__init__(**facts)


class Stale(PortalError):
    """Somebody else saved first, or the form belongs to another post; what was typed is kept."""

    status = 409
    code = "portal.stale"


class Misconfigured(PortalError):
    """The tenant must set a value before this can be computed; ``key`` names it."""

    status = 409
    code = "portal.misconfigured"

    def __init__(self, key: str) -> None:
        super().__init__(key=key)
        self.key = key


class Unavailable(PortalError):
    """Something outside (mail, scanner, cipher device) does not answer."""

    status = 503
    code = "portal.unavailable"

"""推演: a tenant's year from plain data, through the very rules the web uses.

Nothing is stored; the same case always gives the same outcome. Everything wrong with a case is reported at
once, each fault with the path of the value.
"""

from portal.replay.plain import BadCase, Fault, read_json
from portal.replay.year import replay

__all__ = ["BadCase", "Fault", "read_json", "replay"]

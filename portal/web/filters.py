"""How a number, an instant or a digest is shown to a person. Shown only: nothing here is computed with again.

None is shown as a dash. A float is refused (money and scores are exact), and so is an instant without a zone.
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal

from flask import Flask

from portal.kernel.clock import SHANGHAI
from portal.kernel.hashing import short_id

NOTHING = "—"
HUNDREDTH = Decimal("0.01")
EXACT = Context(prec=60, rounding=ROUND_HALF_UP)

Number = Decimal | int


def _exact(number: Number) -> Decimal:
    if not isinstance(number, Decimal | int) or isinstance(number, bool):
        msg = f"{type(number).__name__} is not an exact number"
        raise TypeError(msg)
    return Decimal(number)


def _hundredths(number: Decimal) -> Decimal:
    rounded = number.quantize(HUNDREDTH, context=EXACT)
    return rounded or abs(rounded)


def yuan(amount: Number | None) -> str:
    """元, two places, with separators: 1,234.56."""
    return NOTHING if amount is None else f"{_hundredths(_exact(amount)):,}"


def wan(amount: Number | None) -> str:
    """万元 from an amount in 元, two places, half up: 123,450.00 is shown as 12.35."""
    return NOTHING if amount is None else f"{_hundredths(_exact(amount).scaleb(-4, context=EXACT)):,}"


def score(points: Number | None) -> str:
    """Points, two places, half up: 79.995 is shown as 80.00."""
    return NOTHING if points is None else f"{_hundredths(_exact(points))}"


def percent(fraction: Number | None) -> str:
    """A fraction as a percentage of at most two places, without idle zeros: 0.1250 is shown as 12.5%."""
    if fraction is None:
        return NOTHING
    shown = f"{_hundredths(_exact(fraction).scaleb(2, context=EXACT))}"
    return shown.rstrip("0").rstrip(".") + "%"


def instant(at: datetime | None) -> str:
    """An instant in Asia/Shanghai, to the second."""
    if at is None:
        return NOTHING
    if at.tzinfo is None:
        msg = "an instant without a zone cannot be shown"
        raise ValueError(msg)
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


def day(on: date | None) -> str:
    """A day; of an instant, the day in Asia/Shanghai on which it falls."""
    if isinstance(on, datetime):
        return instant(on)[:10]
    return NOTHING if on is None else f"{on:%Y-%m-%d}"


def weekday(at: date | datetime | None) -> str:
    """周一 to 周日; of an instant, of the day in Asia/Shanghai on which it falls."""
    if at is None:
        return ""
    on = at.astimezone(SHANGHAI) if isinstance(at, datetime) else at
    return f"周{'一二三四五六日'[on.weekday()]}"


def digest_short(digest: str | bytes | None) -> str:
    """The first eight and last four hexadecimal digits: enough to compare two pages by eye."""
    if digest is None:
        return NOTHING
    text = digest.hex() if isinstance(digest, bytes) else digest
    return f"{text[:8]}…{text[-4:]}"


def register(app: Flask) -> None:
    """Make every filter of this module known to the templates of ``app``."""
    for shown_as in (yuan, wan, score, percent, instant, day, weekday, digest_short, short_id):
        app.add_template_filter(shown_as)

"""Numbers, instants and digests as people read them."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from flask import Flask, render_template_string
from hypothesis import given
from hypothesis import strategies as st

from portal.web import filters

CENTS = st.integers(min_value=-(10**16), max_value=10**16)


@pytest.mark.parametrize(
    ("amount", "shown"),
    (
        (Decimal("1234.56"), "1,234.56"),
        (Decimal("1234.565"), "1,234.57"),
        (Decimal("-1234.5"), "-1,234.50"),
        (Decimal("-0.001"), "0.00"),
        (0, "0.00"),
        (5000000, "5,000,000.00"),
        (None, "—"),
    ),
)
def test_yuan_has_separators_and_two_places(amount, shown):
    assert filters.yuan(amount) == shown


@given(CENTS)
def test_yuan_loses_no_cent(cents):
    amount = Decimal(cents).scaleb(-2)
    assert Decimal(filters.yuan(amount).replace(",", "")) == amount


@pytest.mark.parametrize(
    ("amount", "shown"),
    (
        (Decimal("123450.00"), "12.35"),
        (Decimal("123449.99"), "12.34"),
        (Decimal("-123450.00"), "-12.35"),
        (Decimal("99999999999999.99"), "10,000,000,000.00"),
        (Decimal("49.99"), "0.00"),
        (Decimal("50.00"), "0.01"),
        (None, "—"),
    ),
)
def test_wan_rounds_half_up_from_the_exact_amount(amount, shown):
    assert filters.wan(amount) == shown


@given(CENTS)
def test_wan_is_never_further_than_half_a_unit_from_the_amount(cents):
    amount = Decimal(cents).scaleb(-2)
    shown = Decimal(filters.wan(amount).replace(",", "")) * 10000
    assert abs(shown - amount) <= Decimal("50.00")


@pytest.mark.parametrize(
    ("points", "shown"),
    ((Decimal("79.995"), "80.00"), (Decimal("79.994"), "79.99"), (100, "100.00"), (None, "—")),
)
def test_score_has_two_places_half_up(points, shown):
    assert filters.score(points) == shown


@pytest.mark.parametrize(
    ("fraction", "shown"),
    (
        (Decimal("0.4000"), "40%"),
        (Decimal("0.1250"), "12.5%"),
        (Decimal("0.00125"), "0.13%"),
        (Decimal(1), "100%"),
        (0, "0%"),
        (None, "—"),
    ),
)
def test_percent_drops_idle_zeros_only(fraction, shown):
    assert filters.percent(fraction) == shown


@pytest.mark.parametrize("shown_as", (filters.yuan, filters.wan, filters.score, filters.percent))
@pytest.mark.parametrize("inexact", (0.1, "12", True))
def test_what_is_not_an_exact_number_is_refused(shown_as, inexact):
    with pytest.raises(TypeError):
        shown_as(inexact)


def test_instant_is_shown_in_shanghai_to_the_second():
    assert filters.instant(datetime(2026, 11, 20, 9, 30, 59, 999999, tzinfo=UTC)) == "2026-11-20 17:30:59"
    assert filters.instant(None) == "—"


def test_weekday_is_that_of_the_day_in_shanghai():
    assert filters.weekday(datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)) == "周五"
    assert filters.weekday(datetime(2026, 11, 20, 16, 0, tzinfo=UTC)) == "周六"
    assert filters.weekday(date(2026, 11, 22)) == "周日"
    assert filters.weekday(None) == ""


def test_instant_without_a_zone_is_refused():
    naive = datetime(2026, 11, 20, 17, 30, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(ValueError, match="without a zone"):
        filters.instant(naive)


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - the zone is given beside
def test_instant_is_the_same_whatever_zone_it_arrives_in(at):
    elsewhere = at.astimezone(timezone(timedelta(hours=-7)))
    assert filters.instant(elsewhere) == filters.instant(at)


def test_day_of_an_instant_is_the_day_in_shanghai():
    assert filters.day(datetime(2026, 11, 20, 16, 0, tzinfo=UTC)) == "2026-11-21"
    assert filters.day(datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)) == "2026-11-20"
    assert filters.day(date(2026, 1, 5)) == "2026-01-05"
    assert filters.day(None) == "—"


def test_digest_keeps_its_head_and_tail():
    assert filters.digest_short("ab" * 28 + "12345678") == "abababab…5678"
    assert filters.digest_short(b"\xab" * 32) == "abababab…abab"
    assert filters.digest_short(None) == "—"


def test_register_makes_every_filter_known_to_templates():
    app = Flask(__name__)
    filters.register(app)
    with app.app_context():
        shown = render_template_string("{{ none|yuan }}{{ none|wan }}{{ none|score }}{{ none|percent }}")
        assert shown == "————"
        assert render_template_string("{{ none|instant }}{{ none|day }}{{ none|digest_short }}") == "———"

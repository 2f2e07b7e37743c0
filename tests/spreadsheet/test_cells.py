from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.ruling import Refusal
from portal.spreadsheet.rules import Cell, cells, folded, shown, tidy

WAN = Decimal(10_000)


def code_of(answer: object) -> str:
    assert isinstance(answer, Refusal)
    return answer.code


@pytest.mark.parametrize(
    ("raw", "factor", "expected"),
    (
        (3736.57, WAN, "37365700.00"),
        ("12,718.50", WAN, "127185000.00"),
        ("１２，７１８．５０", WAN, "127185000.00"),
        (" 7 666 ", WAN, "76660000.00"),
        ("￥1,000", Decimal(1), "1000.00"),
        (7666, Decimal(1), "7666.00"),
        (0.1 + 0.2, Decimal(1), "0.30"),
        (8981.930000000001, WAN, "89819300.00"),
        (0.000001, WAN, "0.01"),
        ("1.23456", Decimal(100_000_000), "123456000.00"),
    ),
)
def test_amount_is_exact_yuan(raw: Any, factor: Any, expected: Any) -> None:
    assert cells.amount(Cell(raw, factor)) == Decimal(expected)


@pytest.mark.parametrize(
    ("raw", "code"),
    (
        ("一千万", "spreadsheet.not_a_number"),
        ("1e3", "spreadsheet.not_a_number"),
        ("NaN", "spreadsheet.not_a_number"),
        ("1,2,3", "spreadsheet.not_a_number"),
        ("12.718,50", "spreadsheet.not_a_number"),
        ("100万元", "spreadsheet.not_a_number"),
        ("50%", "spreadsheet.not_a_number"),
        ("١٢", "spreadsheet.not_a_number"),
        (True, "spreadsheet.not_a_number"),
        (date(2023, 1, 5), "spreadsheet.not_a_number"),
        (-5, "spreadsheet.amount_negative"),
        ("(5.00)", "spreadsheet.amount_negative"),
        ("\u22125", "spreadsheet.amount_negative"),
        (0.0000001, "spreadsheet.amount_below_fen"),
        ("0.0000001", "spreadsheet.amount_below_fen"),
        ("999999999999999", "spreadsheet.amount_too_large"),
        (1e15, "spreadsheet.digits_lost"),
    ),
)
def test_what_is_no_amount_is_refused(raw: Any, code: Any) -> None:
    assert code_of(cells.amount(Cell(raw, WAN))) == code


@given(st.decimals(0, Decimal("9999999999.99"), places=2), st.booleans(), st.booleans())
def test_amount_reads_every_way_of_writing_it(amount: Any, separated: Any, wide: Any) -> None:
    text = f"{amount:,}" if separated else f"{amount}"
    if wide:
        text = "".join(chr(ord(letter) + 0xFEE0) for letter in text)
    assert cells.amount(Cell(text)) == amount
    assert cells.amount(Cell(text, WAN)) == amount * WAN


@given(st.decimals(0, Decimal("9999999999.99"), places=2))
def test_amount_survives_the_float_of_a_workbook(amount: Any) -> None:
    assert cells.amount(Cell(float(amount))) == amount
    assert cells.amount(Cell(float(amount), WAN)) == amount * WAN


@given(st.text())
def test_amount_of_any_text_is_an_amount_or_a_refusal(text: Any) -> None:
    answer = cells.amount(Cell(text))
    assert isinstance(answer, Refusal | Decimal)


@pytest.mark.parametrize(
    ("raw", "expected"),
    (
        ("  师宗县　水务局 ", "师宗县水务局"),
        ("张　三", "张三"),
        ("第一行\n第二行", "第一行第二行"),
        ("A\u200bB  C", "AB C"),
        ("ＡＢ１２（一期）", "AB12（一期）"),
        (530323001.0, "530323001"),
        (13926778633, "13926778633"),
        ("'0012", "0012"),
        (1.5, "1.5"),
    ),
)
def test_words_are_tidied_and_numbers_become_their_digits(raw: Any, expected: Any) -> None:
    assert cells.words()(Cell(raw)) == expected


def test_long_number_that_lost_digits_is_refused() -> None:
    assert code_of(cells.words()(Cell(532522199209121025.0))) == "spreadsheet.digits_lost"
    assert code_of(cells.identity_number(Cell(5.32522199209121e17))) == "spreadsheet.digits_lost"
    assert code_of(cells.code(Cell(1e15))) == "spreadsheet.digits_lost"


def test_text_longer_than_its_limit_is_refused() -> None:
    assert cells.words(3)(Cell("三个字")) == "三个字"
    assert code_of(cells.words(3)(Cell("四个字了"))) == "spreadsheet.too_long"


@pytest.mark.parametrize(
    ("raw", "answer"),
    (
        (19, 19),
        (19.0, 19),
        ("19", 19),
        ("19 年", 19),
        ("１９年", 19),
        (1.5, "spreadsheet.not_whole"),
        (71, "spreadsheet.out_of_range"),
        (-1, "spreadsheet.out_of_range"),
        ("若干", "spreadsheet.not_a_number"),
    ),
)
def test_whole_number_within_its_bounds(raw: Any, answer: Any) -> None:
    read = cells.whole(0, 70, "年")(Cell(raw))
    assert (read.code if isinstance(read, Refusal) else read) == answer


def test_year_may_carry_its_word() -> None:
    assert [cells.year(Cell(raw)) for raw in (2022, "2022", "2022年", "2022年度")] == [2022] * 4


@pytest.mark.parametrize(
    "raw",
    (
        date(2023, 1, 5),
        datetime(2023, 1, 5),  # noqa: DTZ001 -- as a workbook holds it
        "2023-01-05 00:00:00",
        "2023-1-5 0:00",
        "2023-01-05T00:00:00.000",
        "2023/1/5",
        "2023.01.05",
        "2023年1月5日",
        "２０２３年１月５日",
        "20230105",
        20230105.0,
    ),
)
def test_day_in_every_common_form(raw: Any) -> None:
    assert cells.day(Cell(raw)) == date(2023, 1, 5)


def test_what_is_no_day_is_refused() -> None:
    assert code_of(cells.day(Cell("去年"))) == "spreadsheet.not_a_day"
    assert code_of(cells.day(Cell("2023-02-30"))) == "spreadsheet.no_such_day"
    assert code_of(cells.day(Cell(1e15))) == "spreadsheet.digits_lost"


def test_choice_knows_every_written_form_and_lists_the_first_of_each() -> None:
    read = cells.choice({"小型": "small", "小型企业": "small", "微型": "micro"})
    assert read(Cell("小 型")) == "small"
    assert read(Cell("小型企业")) == "small"
    answer = read(Cell("巨型"))
    assert answer == Refusal("spreadsheet.not_listed", facts={"part": "巨型", "options": "小型、微型"})
    assert code_of(read(Cell(1e15))) == "spreadsheet.digits_lost"


def test_choices_are_a_set_whatever_separates_them() -> None:
    read = cells.choices({"教育": 1, "金融": 2, "商贸": 3})
    assert read(Cell("教育、金融，商贸;教育\n金融")) == frozenset({1, 2, 3})
    assert code_of(read(Cell("教育、占星"))) == "spreadsheet.not_listed"
    assert code_of(read(Cell("、"))) == "spreadsheet.missing"


def test_known_name_is_answered_in_the_registers_spelling() -> None:
    read = cells.known(("师宗县中医医院（总院）",), "subject.unknown_unit")
    assert read(Cell("师宗县 中医医院(总院)")) == "师宗县中医医院（总院）"
    assert code_of(read(Cell("不存在的单位"))) == "subject.unknown_unit"
    assert code_of(read(Cell(1e15))) == "spreadsheet.digits_lost"


@pytest.mark.parametrize(
    ("raw", "answer"), (("是", True), (True, True), ("√", True), ("否", False), (False, False))
)
def test_yes_or_no(raw: Any, answer: Any) -> None:
    assert cells.yes_no(Cell(raw)) is answer


def test_neither_yes_nor_no_is_refused() -> None:
    assert code_of(cells.yes_no(Cell("大概"))) == "spreadsheet.not_yes_or_no"
    assert code_of(cells.yes_no(Cell(1e15))) == "spreadsheet.digits_lost"


@pytest.mark.parametrize(
    ("read", "raw", "answer"),
    (
        (cells.mobile, "138 1582 6780", "13815826780"),
        (cells.mobile, 13815826780.0, "13815826780"),
        (cells.mobile, "+8613815826780", "13815826780"),
        (cells.mobile, "12345", "spreadsheet.not_a_mobile"),
        (cells.mobile, "0874-5751234", "spreadsheet.not_a_mobile"),
        (cells.phone, "0874-5751234", "0874-5751234"),
        (cells.phone, "0874－5751234", "0874-5751234"),
        (cells.phone, "400-888-1234", "400-888-1234"),
        (cells.phone, "5751234", "spreadsheet.not_a_phone"),
        (cells.phone, 1e15, "spreadsheet.digits_lost"),
        (cells.email, "Firm01@Example.com", "firm01@example.com"),
        (cells.email, "not-an-address", "spreadsheet.not_an_email"),
        (cells.email, "a@b@example.com", "spreadsheet.not_an_email"),
        (cells.code, "530323001", "530323001"),
        (cells.code, "五三", "spreadsheet.not_a_code"),
        (cells.credit_code, "91530704manukjjcl6", "91530704MANUKJJCL6"),
        (cells.credit_code, "91532228MAN0CJ1R70", "spreadsheet.credit_code_check_digit"),
        (cells.credit_code, "9153", "spreadsheet.credit_code_length"),
        (cells.credit_code, "91530704MANUKJJCI6", "spreadsheet.credit_code_characters"),
        (cells.identity_number, "53252219940117125x", "53252219940117125X"),
        (cells.identity_number, "530111198507045181", "spreadsheet.identity_number_check_digit"),
        (cells.identity_number, "53011119850704518", "spreadsheet.identity_number_length"),
        (cells.identity_number, "53011119850704A181", "spreadsheet.identity_number_characters"),
        (cells.identity_number, "000000199001010018", "spreadsheet.identity_number_component"),
    ),
)
def test_numbers_of_people_and_firms(read: Any, raw: Any, answer: Any) -> None:
    given_back = read(Cell(raw))
    assert (given_back.code if isinstance(given_back, Refusal) else given_back) == answer


@given(st.text())
def test_tidying_twice_changes_nothing(text: Any) -> None:
    assert tidy(tidy(text)) == tidy(text)


def test_two_spellings_of_one_name_are_equal_folded() -> None:
    spellings = ("师宗县（一期）Ａ1", "师宗县 (一期) a1", "师宗县\u3000（一期）\u200bA１")
    assert len({folded(spelling) for spelling in spellings}) == 1


def test_shown_as_people_see_it() -> None:
    assert [shown(raw) for raw in (3.0, 1e17, 0.30000000000000004, True, date(2023, 1, 5), "x")] == [
        "3",
        "100000000000000000",
        "0.3",
        "是",
        "2023-01-05",
        "x",
    ]
    assert shown(datetime(2023, 1, 5, 8, 30)) == "2023-01-05 08:30:00"  # noqa: DTZ001 -- as a workbook holds it

"""文号: how a document number is read, written and kept without gaps (GB/T 9704-2012)."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from portal.kernel.ruling import Clause, Ruling, unless

FORMAT: Final = Clause("GB/T 9704-2012《党政机关公文格式》")
_WRITTEN: Final = re.compile(r"([一-龥]{2,10})〔((?:19|20)[0-9]{2})〕0*([1-9][0-9]{0,5})号")
_OPENING: Final = re.compile(r"[\[【(〈［（]")
_CLOSING: Final = re.compile(r"[\]】)〉］）]")
CODE: Final = re.compile(r"[一-龥]{2,10}")


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """A document number in its three parts; printed 代字〔年份〕序号号."""

    code: str
    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.code}〔{self.year}〕{self.number}号"


def read_number(typed: str) -> Reference | None:
    """A number as people type it: any brackets, 第, 号文, leading zeros are put right; else None."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", typed))
    text = _CLOSING.sub("〕", _OPENING.sub("〔", text)).replace("〕第", "〕")
    match = _WRITTEN.fullmatch(text.removesuffix("文"))
    return Reference(match[1], int(match[2]), int(match[3])) if match else None


def gaps(numbers: Collection[int]) -> tuple[tuple[int, int], ...]:
    """The runs of numbers below the highest that the register lacks, both ends inclusive."""
    runs, expected = [], 1
    for number in sorted(set(numbers)):
        if number > expected:
            runs.append((expected, number - 1))
        expected = number + 1
    return tuple(runs)


def may_take(*, closed: bool, year: int, this_year: int, stem: str) -> Ruling:
    """A new number is taken for this year, or in arrears for the last, under a code that is in use."""
    return unless(closed, "office.code_closed", stem=stem) & unless(
        year not in {this_year, this_year - 1}, "office.number_year", FORMAT, year=year, this_year=this_year
    )


def may_register(*, year: int, this_year: int, taken: bool, reason: str) -> Ruling:
    """An old number is entered as it stands on paper; one that is there already needs a reason."""
    return unless(year > this_year, "office.number_ahead", year=year) & unless(
        taken and not reason.strip(), "office.number_taken"
    )

"""行政区划 (GB/T 2260): the regions this project ships, and the order that their codes spell out.

Pure: the file ``regions.csv``, codes and parents. A region that it lacks is registered by the operator.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

_CODE: Final = re.compile(r"[1-9][0-9]{5}")


@dataclass(frozen=True, slots=True)
class Listed:
    """One region: six digits, its name, and the code of the region above, if any."""

    code: str
    name: str
    parent_code: str | None


@cache
def shipped() -> Mapping[str, Listed]:
    """The regions of the project's file by code, each after the one above it."""
    with Path(__file__).with_name("regions.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["code"]: Listed(row["code"], row["name"], row["parent_code"] or None)
            for row in csv.DictReader(lines)
        }


def is_code(text: str) -> bool:
    """Whether this is written like a code of GB/T 2260."""
    return _CODE.fullmatch(text) is not None


def code_above(code: str) -> str | None:
    """The code of the region above: of a county its prefecture, of a prefecture its province, else None."""
    if not code.endswith("00"):
        return f"{code[:4]}00"
    return f"{code[:2]}0000" if not code.endswith("0000") else None


def is_county(code: str) -> bool:
    """Whether this is a county's code: a 县, 市 or 区, with 股室 rather than 科室."""
    return not code.endswith("00")

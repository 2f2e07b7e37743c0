"""What a paper consists of, how it is spelled for its digest, and under which 代字 it is numbered."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from portal.kernel.hashing import canonical, digest


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the first order."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; lines in it are paragraphs of their own."""

    text: str


@dataclass(frozen=True, slots=True)
class Pairs:
    """Labels and their values, one under the other."""

    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with borders; each row has as many cells as there are columns."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""


Block = Heading | Text | Pairs | Table


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper: title, addressee ("" for none), what it says, who signs it and its day."""

    title: str
    to: str
    blocks: Sequence[Block]
    signed_by: str
    dated: date


class Matter(StrEnum):
    """What a paper is about: the last character of the 代字 it is numbered under."""

    PROCUREMENT = "采"
    PERFORMANCE = "绩"
    APPRAISAL = "考"


class Notice(StrEnum):
    """公告的种类, as the public pages sort them."""

    PROCUREMENT = "procurement"
    RESULT = "result"
    TERMINATION = "termination"
    CONTRACT = "contract"
    RANKING = "ranking"
    DRAW = "draw"
    OTHER = "other"


NOTICE_LABELS: Final = {
    Notice.PROCUREMENT: "采购公告",
    Notice.RESULT: "成交结果公告",
    Notice.TERMINATION: "终止（取消）公告",
    Notice.CONTRACT: "合同公告",
    Notice.RANKING: "排名公示",
    Notice.DRAW: "抽取公告",
    Notice.OTHER: "其他公告",
}
_PROCURING: Final = frozenset({"tender", "bid", "panel", "award", "procurement"})
_APPRAISING: Final = frozenset({"appraisal", "ranking"})
_CHARACTER: Final = re.compile(r"[一-龥]")


def matter_of(kind: str) -> Matter:
    """What a kind of paper (``slice.what``) is about."""
    slice_name = kind.partition(".")[0]
    if slice_name in _PROCURING:
        return Matter.PROCUREMENT
    return Matter.APPRAISAL if slice_name in _APPRAISING else Matter.PERFORMANCE


def default_stem(bureau: str, matter: Matter) -> str:
    """The 代字 a bureau begins with: the first character of its name, 财, and the matter (师财采)."""
    first = _CHARACTER.search(bureau)
    return f"{first[0] if first else '本'}财{matter.value}"


def choose_stem(bureau: str, matter: Matter, in_use: Sequence[str]) -> str | None:
    """Which of the bureau's own 代字 a paper is numbered under; None where a first one must be opened."""
    wanted = default_stem(bureau, matter)
    fit = sorted(each for each in in_use if each.endswith(f"财{matter.value}"))
    return wanted if wanted in fit else (fit[0] if fit else None)


def spelled(paper: Paper) -> dict[str, Any]:
    """A paper as it is kept."""
    return {
        "title": paper.title,
        "to": paper.to,
        "blocks": [_spelled(each) for each in paper.blocks],
        "signed_by": paper.signed_by,
        "dated": paper.dated.isoformat(),
    }


def _spelled(block: Block) -> dict[str, Any]:
    match block:
        case Heading(text):
            return {"heading": text}
        case Text(text):
            return {"text": text}
        case Pairs(pairs):
            return {"pairs": [[str(label), str(value)] for label, value in pairs]}
        case Table(columns, rows, caption):
            ragged = [each for each in rows if len(each) != len(columns)]
            if ragged:
                msg = f"a row of {len(ragged[0])} cells under {len(columns)} columns"
                raise ValueError(msg)
            return {
                "table": {
                    "columns": [str(each) for each in columns],
                    "rows": [[str(cell) for cell in row] for row in rows],
                    "caption": caption,
                }
            }


def read_paper(kept: Mapping[str, Any]) -> Paper:
    """A kept paper."""
    return Paper(
        kept["title"],
        kept["to"],
        tuple(_read(each) for each in kept["blocks"]),
        kept["signed_by"],
        date.fromisoformat(kept["dated"]),
    )


def _read(kept: Mapping[str, Any]) -> Block:
    if "heading" in kept:
        return Heading(kept["heading"])
    if "text" in kept:
        return Text(kept["text"])
    if "pairs" in kept:
        return Pairs(tuple((label, value) for label, value in kept["pairs"]))
    table = kept["table"]
    return Table(tuple(table["columns"]), tuple(tuple(row) for row in table["rows"]), table["caption"])


def paper_digest(kind: str, number: str, content: Mapping[str, Any]) -> str:
    """SM3 of what a paper says, with its kind and number, in hexadecimal."""
    return digest({"kind": kind, "number": number, "paper": canonical(content)}).hex()


def written_day(day: date) -> str:
    """A day as papers write it: 2026年11月21日."""
    return f"{day.year}年{day.month}月{day.day}日"

"""Do the chains hold? Walked link by link, compared with their recorded ends and with what is kept outside.

An anchor is one day's file of ends: ``{day, at, heads: {chain: {seq, digest}}, previous, digest}``, digests
in hexadecimal; ``previous`` is that of the anchor before, so that no day's file can be replaced alone.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from portal.audit.models import AuditEvent, ChainHead
from portal.audit.queries import head, links
from portal.audit.rules import GENESIS, Break, Link, first_break
from portal.kernel.hashing import digest

Anchors = Mapping[str, Mapping[int, bytes]]


def anchor_files(folder: Path) -> list[Path]:
    """The anchors kept, day by day."""
    return sorted(folder.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9].json"))


def anchor_digest(anchor: Mapping[str, Any]) -> str:
    """The digest of everything else in an anchor, in hexadecimal."""
    return digest({key: value for key, value in anchor.items() if key != "digest"}).hex()


def anchored(folder: Path) -> Anchors:
    """What the anchors keep of each chain. Raises `ValueError` naming the first file that was changed."""
    kept: dict[str, dict[int, bytes]] = defaultdict(dict)
    previous = ""
    for path in anchor_files(folder):
        try:
            anchor = json.loads(path.read_text())
            holds = anchor["digest"] == anchor_digest(anchor) and anchor["previous"] == previous
            heads = {
                chain: (int(end["seq"]), bytes.fromhex(end["digest"]))
                for chain, end in anchor["heads"].items()
            }
        except (KeyError, TypeError, ValueError, AttributeError):
            holds = False
        if not holds:
            raise ValueError(path.name)
        previous = anchor["digest"]
        for chain, (seq, end_digest) in heads.items():
            kept[chain][seq] = end_digest
    return kept


@dataclass(slots=True)
class Proof:
    """What was walked: how many chains, how many events, and the first break of each chain that fails."""

    chains: int = 0
    events: int = 0
    breaks: list[Break] = field(default_factory=list)


def heads(connection: Connection) -> dict[str, tuple[int, bytes]]:
    """The recorded end of every chain."""
    rows = connection.execute(select(ChainHead.chain, ChainHead.seq, ChainHead.digest))
    return {row.chain: (row.seq, bytes(row.digest)) for row in rows}


def prove(connection: Connection, anchors: Anchors, *, only: str | None = None) -> Proof:
    """Walk every chain (or ``only`` one), those that are left in the anchors alone included."""
    recorded = heads(connection)
    written = set(connection.scalars(select(AuditEvent.chain).distinct()))
    proof = Proof()
    for chain in sorted({only} if only else recorded.keys() | written | anchors.keys()):
        end = recorded.get(chain, (0, GENESIS))
        proof.chains += 1
        proof.events += end[0]
        found = first_break(chain, _links(connection, chain), end, anchors.get(chain, {}))
        if found is not None:
            proof.breaks.append(found)
    return proof


def _links(connection: Connection, chain: str) -> Iterator[Link]:
    written = select(AuditEvent.__table__).where(AuditEvent.chain == chain).order_by(AuditEvent.seq)
    with closing(connection.execute(written.execution_options(yield_per=1000))) as rows:
        for row in rows:
            yield Link(
                row.chain,
                row.seq,
                row.at,
                row.verb,
                row.subject_id,
                row.body,
                bytes(row.previous),
                bytes(row.digest),
            )


def own_break(chain: str, anchors: Anchors) -> Break | None:
    """The first break of one chain, as its own auditor's scope sees it."""
    return first_break(chain, links(chain), head(chain), anchors.get(chain, {}))

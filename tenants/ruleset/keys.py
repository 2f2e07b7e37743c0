"""The register of keys: each shape with its national row.

Shape and words stand in `shapes`; numbers, documents and national limits stand in ``national.toml``.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tenants.ruleset.key import Basis, Key, Mark
from tenants.ruleset.kinds import Kind, Ratio
from tenants.ruleset.shapes import SHAPES
from tenants.ruleset.structures import Reaches


def _limit(kind: Kind, raw: object) -> Any:
    if raw is None:
        return None
    return Ratio().from_plain(raw) if isinstance(kind, Reaches) else kind.from_plain(raw)


def _basis(kind: Kind, row: Mapping[str, Any]) -> Basis:
    return Basis(
        mark=Mark(row["mark"]),
        value=kind.from_plain(row["value"]) if "value" in row else None,
        source=row.get("source", ""),
        article=row.get("article", ""),
        effective_on=row.get("effective_on"),
        floor=_limit(kind, row.get("floor")),
        ceiling=_limit(kind, row.get("ceiling")),
    )


def _register() -> dict[str, Key]:
    """Each shape with its national row."""
    national = tomllib.loads(Path(__file__).with_name("national.toml").read_text(encoding="utf-8"))
    rows = {f"{group}.{key}": row for group, keys in national.items() for key, row in keys.items()}
    return {shape.name: replace(shape, basis=_basis(shape.kind, rows[shape.name])) for shape in SHAPES}


KEYS: Mapping[str, Key] = _register()

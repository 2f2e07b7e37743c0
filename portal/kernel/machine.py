"""Legality is a table: one `Machine` per aggregate says from which state a verb leads to which.

Guards take the facts of the moment and answer with a `Ruling`; they never look at the state (the table does)
nor at the user's role (`portal.access` does).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from portal.kernel.errors import Refused
from portal.kernel.ruling import ALLOWED, Clause, Ruling, unless

Guard = Callable[[Any], Ruling]
Due = Callable[[Any], datetime | None]


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table. ``due`` marks a move of the clock and tells its instant."""

    name: str
    sources: tuple[StrEnum, ...]
    target: StrEnum
    guard: Guard | None = None
    clause: Clause | None = None
    due: Due | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A verb the state admits, and whether the facts allow it now."""

    name: str
    ruling: Ruling


@dataclass(frozen=True, slots=True)
class Alarm:
    """What the clock will do, and when."""

    name: str
    due_at: datetime


class Machine:
    """A table of moves; construction fails on duplicate rows and on states nobody can reach."""

    def __init__(self, name: str, states: type[StrEnum], start: StrEnum, moves: Sequence[Move]) -> None:
        self.name = name
        self.states = states
        self.start = start
        self.moves = tuple(moves)
        self._table: dict[tuple[str, StrEnum], Move] = {}
        for move in self.moves:
            for source in move.sources:
                if (move.name, source) in self._table:
                    msg = f"{name}: two rows for {move.name} from {source}"
                    raise ValueError(msg)
                self._table[move.name, source] = move
        unreachable = set(states) - {start} - {move.target for move in self.moves}
        if unreachable:
            msg = f"{name}: nobody can reach {sorted(unreachable)}"
            raise ValueError(msg)

    @property
    def verbs(self) -> tuple[str, ...]:
        """Every verb of the table, in its order, once."""
        return tuple(dict.fromkeys(move.name for move in self.moves))

    def move(self, verb: str, state: StrEnum) -> Move | None:
        """The row for ``verb`` from ``state``, or None where the table has none."""
        return self._table.get((verb, state))

    def judge(self, verb: str, state: StrEnum, facts: object) -> Ruling:
        """May ``verb`` be done now? Out of the table is refused like any rule."""
        move = self.move(verb, state)
        if move is None:
            return unless(
                blocked=True, code="machine.out_of_turn", aggregate=self.name, verb=verb, state=state.value
            )
        return move.guard(facts) if move.guard else ALLOWED

    def step(self, verb: str, state: StrEnum, facts: object) -> StrEnum:
        """The next state. Raises `Refused` with every reason."""
        ruling = self.judge(verb, state, facts)
        move = self.move(verb, state)
        if move is None or not ruling:
            raise Refused(ruling)
        return move.target

    def offers(self, state: StrEnum, facts: object) -> tuple[Offer, ...]:
        """The verbs a person may see as buttons: allowed, or greyed with the reasons."""
        return tuple(
            Offer(verb, self.judge(verb, state, facts))
            for verb in self.verbs
            if (move := self.move(verb, state)) and not move.due
        )

    def alarms(self, state: StrEnum, facts: object) -> tuple[Alarm, ...]:
        """The moves of the clock from ``state``, soonest first."""
        due = (
            (verb, move.due(facts)) for verb in self.verbs if (move := self.move(verb, state)) and move.due
        )
        return tuple(
            sorted((Alarm(verb, at) for verb, at in due if at is not None), key=lambda alarm: alarm.due_at)
        )

    def mermaid(self) -> str:
        """The lifecycle as a Mermaid state diagram."""
        arrows = [
            f"    {source.value} --> {move.target.value}: {move.name}"
            for move in self.moves
            for source in move.sources
        ]
        return "\n".join(["stateDiagram-v2", f"    [*] --> {self.start.value}", *arrows])

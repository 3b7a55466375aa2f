"""A question as a kind of database is asked it: put into words once, told to the driver itself, answered in rows."""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import BindParameter, Boolean, CompoundSelect, Dialect, Select, bindparam

from cloud_sync.bare import Bare

Asked = Select[Any] | CompoundSelect[Any]
MOST_WORDINGS = 64
"""A question with a list in it has other words for each length: a list is filled up to the next power of two."""

NEVER = 1 << 62
"""PostgreSQL takes what lies between two moments for little, but what lies behind one for a third of all, and would
plan for that anew with each page."""


def always(value: object) -> BindParameter[Any]:
    """What a question always has in this place (several, as a tuple): a part of its words, so that a database that
    plans it once knows how many there are of it."""
    several = isinstance(value, tuple)
    return bindparam(None, list(value) if isinstance(value, tuple) else value, expanding=several, literal_execute=True)


class Row(tuple[Any, ...]):
    """A row of an answer: its columns in order, and by their names."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


@dataclass(frozen=True)
class Worded:
    """A question's words for lists of certain lengths, what of its values is always the same, the names of each list's
    members, and the order of all (None where they go by their names)."""

    words: str
    fixed: Mapping[str, object]
    members: Mapping[str, Sequence[str]]
    order: Sequence[str] | None

    def values(self, given: Mapping[str, object]) -> Mapping[str, object] | Sequence[object]:
        """What is given, as the driver takes it."""
        named = {**self.fixed, **given}
        for name, each in self.members.items():
            if name in given:
                named.update(zip(each, cast(Sequence[object], named.pop(name)), strict=True))
        return named if self.order is None else [named[name] for name in self.order]


class Question:
    """A question for one kind of database. The layers that would read it anew each time, to find it among those that
    they have put into words, cost three times what its answer does."""

    def __init__(self, asked: Asked, dialect: Dialect) -> None:
        columns = asked.selected_columns
        self._compiled = asked.compile(dialect=dialect)
        named: Any = namedtuple("Row", columns.keys(), rename=True)  # type: ignore[misc]
        self._row = cast(Callable[[tuple[Any, ...]], Row], named._make)
        truths = () if dialect.supports_native_boolean else columns
        self._truths = [place for place, column in enumerate(truths) if isinstance(column.type, Boolean)]
        self._worded: dict[tuple[int, ...], Worded] = {}

    def answer(self, bare: Bare, given: Mapping[str, object]) -> list[Row]:
        """The rows; a list that is given stands for each of its members."""
        given = {name: _filled_up(value) if isinstance(value, list) else value for name, value in given.items()}
        lengths = tuple(len(value) for value in given.values() if isinstance(value, list))
        worded = self._worded.get(lengths) or self._word(lengths, given)
        rows = bare.told(worded.words, worded.values(given))
        if self._truths:
            rows = [self._true(row) for row in rows]
        return [self._row(row) for row in rows]

    def _word(self, lengths: tuple[int, ...], given: Mapping[str, object]) -> Worded:
        state = self._compiled.construct_expanded_state(dict(given))
        new = {*given, *(name for one in given for name in state.parameter_expansion.get(one, ()))}
        fixed = {name: value for name, value in state.parameters.items() if name not in new}
        worded = Worded(state.statement, fixed, state.parameter_expansion, state.positiontup)
        if len(self._worded) >= MOST_WORDINGS:
            self._worded.clear()
        self._worded[lengths] = worded
        return worded

    def _true(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """With its truths as such: SQLite has none."""
        return tuple(
            bool(value) if place in self._truths and value is not None else value for place, value in enumerate(row)
        )


def _filled_up(members: list[object]) -> list[object]:
    """With the last one once more: who is in a list is in it twice as well."""
    return members + members[-1:] * ((1 << (len(members) - 1).bit_length()) - len(members)) if members else members


@lru_cache(maxsize=256)
def question(asked: Asked, dialect: Dialect) -> Question:
    """The question for that database, put into words when it is asked first."""
    return Question(asked, dialect)

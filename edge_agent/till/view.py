"""What every screen of the till has in common: how it hears of keys and scans, and the bands it draws into."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.strip import Strip

from edge_agent.errors import DropshelfError
from edge_agent.till.basket import Basket
from edge_agent.till.paint import ACCENT, BOLD, DIM, PLAIN, WARN, Piece, Rows, fit, row, rule, sides
from edge_agent.till.speech import say
from edge_agent.till.words import said

if TYPE_CHECKING:
    from edge_agent.till.front import Front

LONGEST_ENTRY = 32
MENU_CODE = "00"
"""Typed with Enter on any screen it leads to the menu: a bare number pad has no Esc."""
NOTE_CELL = 26
"""Where a note begins on the entry's row, on every screen."""

Key = tuple[str, str]
"""A key's name as it stands on the key, and what it does now."""


@dataclass
class Bands:
    """The screen from top to bottom; entry, total and status lie in the same cells on every screen."""

    status: Rows = field(default_factory=lambda: Rows("status"))
    lines: Basket = field(default_factory=Basket)
    totals: Rows = field(default_factory=lambda: Rows("totals"))
    entry: Rows = field(default_factory=lambda: Rows("entry"))
    foot: Rows = field(default_factory=lambda: Rows("foot"))

    def all(self) -> tuple[Rows, ...]:
        """From top to bottom."""
        return self.status, self.lines, self.totals, self.entry, self.foot

    @property
    def width(self) -> int:
        return self.lines.cells.width

    @property
    def height(self) -> int:
        """Rows of the middle band."""
        return self.lines.cells.height


class View:
    """One screen. It hears of what happened through these four calls, and draws itself when asked."""

    title = ""
    takes_badges = False
    """Whether a badge is an answer here; anywhere else it says who sells from now on."""

    def __init__(self, till: "Front") -> None:
        self.till = till
        self.entry = ""
        self.note = ""

    def scanned(self, code: str) -> None:
        """A scan always works: a screen with no use for it hands it to the sale."""
        self.till.sell().scanned(code)

    def badge(self, code: str) -> None:
        """A badge was scanned where it is an answer."""

    def refused(self, words: str) -> None:
        """Something will not do: say it beside the entry line."""
        self.note = words

    def attempt(self, act: Callable[[], None]) -> None:
        """Do it; an error is told beside the entry line."""
        try:
            act()
        except DropshelfError as error:
            self.note = said(error)

    @property
    def shown(self) -> str:
        """What stands on the entry line."""
        return self.entry

    def typed(self, char: str) -> None:
        """One typed character; by default it goes to the entry line."""
        if len(self.entry) < LONGEST_ENTRY and (char != " " or self.entry):
            self.entry += char
            self.note = ""

    def pressed(self, key: str) -> None:
        """A key without a character. Esc clears the entry, then leaves; F1 shows every key of this screen."""
        if key == "backspace":
            self.entry = self.entry[:-1]
        elif key == "f1":
            self.till.open_screen(key)
        elif key == "escape" and self.entry:
            self.entry = self.note = ""
        elif key == "escape":
            self.till.sell()

    def enter_rested(self, *, single: bool) -> None:
        """The last Enter has come to rest; only a payment waits for it."""

    def keys(self) -> list[Key]:
        """What is possible now, for the bottom line."""
        return []

    def all_keys(self) -> list[Key]:
        """Every key of this screen with its whole meaning, for F1."""
        return self.keys()

    def draw(self, bands: Bands) -> None:
        """Put rows into the bands; only what differs is painted."""
        raise NotImplementedError

    def take_entry(self) -> str:
        """What was typed, which is then gone from the line."""
        text, self.entry = self.entry, ""
        return text


@lru_cache(maxsize=64)
def entry_row(width: int, entry: str, note: str, *, loud: bool = False) -> Strip:
    """The always-live entry line with its cursor, and beside it what there is to say."""
    note, used = say(note), cell_len(entry) + 5
    # A long note begins further left rather than losing its end, where the next key stands.
    typed = fit(f"  {entry}_", max(used, min(NOTE_CELL, width - cell_len(note) - 1)))
    return row(width, (typed, BOLD), (fit(note, max(width - cell_len(typed), 0)), WARN if loud else ACCENT))


@lru_cache(maxsize=64)
def keys_row(width: int, keys: tuple[Key, ...]) -> Strip:
    """The keys that work here, as many as there is room for; F1 shows all."""
    pieces: list[Piece] = [(" ", PLAIN)]
    used = 1
    for key, words in ((say(key), say(words)) for key, words in keys):
        cells = len(key) + len(words) + 4
        if used + cells - 3 > width:
            break
        pieces += [(key, ACCENT), (f" {words}   ", PLAIN)]
        used += cells
    return row(width, *pieces)


def foot_rows(width: int, line: str, keys: list[Key], *, hint: str = "") -> list[Strip]:
    """The rule, the line about orders, and the keys."""
    line, hint = say(line), say(hint)
    if hint and cell_len(line) + len(hint) + 3 > width:
        line = line.removeprefix("reorder: ")
    room = width - cell_len(line) - 3
    fits = next((words for words in (hint, hint.partition(" ")[0]) if len(words) <= room), "")
    right: list[Piece] = [(f"{fits} ", ACCENT)] if fits else []
    return [rule(width), sides(width, [(f" {line}", PLAIN)], right), keys_row(width, tuple(keys))]


def heading(width: int, left: str, right: str = "") -> Strip:
    """The first row of a list: what its columns are."""
    return sides(width, [(f" {say(left)}", DIM)], [(f"{say(right)} ", DIM)])

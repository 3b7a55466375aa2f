"""Nobody sells: a panel asks who does; the sale below stays as it is, and what is scanned meanwhile waits in sight."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from edge_agent.till.speech import say
from edge_agent.till.stop import laid_over
from edge_agent.till.view import Bands, Key, View, entry_row, foot_rows
from edge_agent.till.words import count

if TYPE_CHECKING:
    from edge_agent.till.front import Front


class LockView(View):
    """A PIN and Enter, or a badge, is handed to `word`; goods wait, and go on behind the sign-on."""

    takes_badges = True

    def __init__(self, till: "Front", word: Callable[[str], None]) -> None:
        super().__init__(till)
        self._word = word
        self._busy = False
        self._next = ""
        self.waiting: list[str] = []

    def badge(self, code: str) -> None:
        """A badge or PIN that comes while another word is looked up is the next one."""
        if self._busy:
            self._next = code
        else:
            self._try(code)

    def look(self) -> None:
        """Something is being looked up: what comes meanwhile is tried behind it."""
        self._busy, self.note = True, ""

    def looked(self, note: str = "") -> None:
        """It is known; `note` says what was wrong with it. What was refused meanwhile stays said."""
        self._busy, self.note = False, note or self.note
        word, self._next = self._next, ""
        if word:
            self._try(word)

    def scanned(self, code: str) -> None:
        self.waiting.append(code)
        self.till.app.bell()

    def typed(self, char: str) -> None:
        if char.isdigit():
            super().typed(char)

    def pressed(self, key: str) -> None:
        if key == "enter" and self.entry:
            self.badge(self.take_entry())
        elif key == "escape":
            self.entry = self.note = ""
        elif key == "backspace":
            super().pressed(key)

    def _try(self, word: str) -> None:
        self.look()
        self._word(word)

    def keys(self) -> list[Key]:
        return [("PIN Enter", "sign on"), ("a badge", "signs on")]

    def draw(self, bands: Bands) -> None:
        self.till.view.draw(bands)
        waits = say("{number} waiting", number=count(len(self.waiting), "scan")) if self.waiting else ""
        said = ["WHO SELLS?", "", "Type your PIN and Enter, or scan your badge.", *(["", waits] if waits else [])]
        bands.lines.put(laid_over(bands.lines.rows, said, bands.width, bands.height))
        note = self.note or ("looking" if self._busy else "")
        bands.entry.put([entry_row(bands.width, "*" * len(self.entry), note, loud=bool(self.note))])
        bands.foot.put(foot_rows(bands.width, waits, self.keys()))

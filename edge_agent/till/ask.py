"""One question over the screen below: a price, a percentage, a reason's digit, a PIN; scans wait in sight meanwhile."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edge_agent.errors import DropshelfError
from edge_agent.till.speech import say
from edge_agent.till.stop import laid_over
from edge_agent.till.view import MENU_CODE, Bands, Key, View, entry_row, foot_rows
from edge_agent.till.words import count, said

if TYPE_CHECKING:
    from edge_agent.till.front import Front

Answer = Callable[[str], None]


def no_answer() -> None:
    """Nothing follows when the question is left."""


@dataclass(frozen=True)
class Question:
    """What is asked: `then` takes what is typed before Enter and raises DropshelfError for what will not do.

    A digit of `choices` answers at once. `keys` are characters that take what was typed instead of Enter, with what
    they do. `sure` makes Enter alone an answer; without it Enter alone leaves, as Esc and 00 Enter do; `left` is what
    follows then. With `scans` a code may be the answer, with `badges` a badge, with `letters` words. `hints`: its keys,
    for the bottom line.
    """

    words: list[str]
    then: Answer
    choices: str = ""
    keys: Mapping[str, Answer] = field(default_factory=dict)
    left: Callable[[], None] = no_answer
    secret: bool = False
    sure: bool = False
    scans: bool = False
    badges: bool = False
    letters: bool = False
    hints: tuple[Key, ...] = ()


class AskView(View):
    """A panel over the screen that was shown; what is scanned meanwhile waits and goes on behind the answer."""

    title = "this question"

    def __init__(self, till: "Front", question: Question) -> None:
        super().__init__(till)
        self._below, self._question = till.view, question
        self._pressed = False
        self.takes_badges = question.badges
        self.waiting: list[str] = []

    def badge(self, code: str) -> None:
        self._answers(code)

    def scanned(self, code: str) -> None:
        if self._question.scans and self._answers(code):
            return
        self.note = ""
        self.waiting.append(code)
        self.till.app.bell()

    def typed(self, char: str) -> None:
        if char in self._question.choices and not self.entry:
            self._answer(self._question.then, char)
        elif char in self._question.keys:
            self._answer(self._question.keys[char], self.take_entry())
        elif self._question.letters:
            super().typed(char)
        elif char.isdigit() or char in ".,":
            super().typed("." if char == "," else char)

    def pressed(self, key: str) -> None:
        if key == "enter" and self.entry == MENU_CODE:
            self._leave()
        elif key == "enter" and self.entry:
            self._answer(self._question.then, self.take_entry())
        elif key == "enter":
            self._pressed = True
        elif key == "escape" and not self.entry:
            self._leave()
        elif key == "f1":
            self.till.open_screen(key)
        elif key in ("escape", "backspace"):
            super().pressed(key)

    def enter_rested(self, *, single: bool) -> None:
        """Enter alone, pressed here and at rest: neither a scanner's suffix nor the Enter that led here."""
        pressed, self._pressed = self._pressed, False
        if not (single and pressed):
            return
        if self._question.sure:
            self._answer(self._question.then, "")
        else:
            self._leave()

    def _answers(self, code: str) -> bool:
        """Whether a code is the answer; one that is not waits for the sale."""
        self.till.show(self._below)
        try:
            self._question.then(code)
        except DropshelfError:
            self.till.show(self)
            return False
        self._go_on()
        return True

    def _answer(self, then: Answer, text: str) -> None:
        self.till.show(self._below)
        try:
            then(text)
        except DropshelfError as error:
            self.note = said(error)
            self.till.show(self)
            return
        self._go_on()

    def _leave(self) -> None:
        self.till.show(self._below)
        self._question.left()
        self._go_on()

    def _go_on(self) -> None:
        """What waited goes on to whatever is shown now: the screen below, or what the answer led to."""
        for code in self.waiting:
            self.till.view.scanned(code)
        self.waiting = []

    @property
    def shown(self) -> str:
        return "*" * len(self.entry) if self._question.secret else self.entry

    def keys(self) -> list[Key]:
        leave = [("Esc", "clear")] if self.entry else [("Esc", "leave it"), ("00 Enter", "leave it")]
        return [*self._hints(), *leave]

    def _hints(self) -> tuple[Key, ...]:
        asked = self._question
        if asked.hints:
            return asked.hints
        return (("Enter", "yes" if asked.sure else "done"),)

    def all_keys(self) -> list[Key]:
        keys = [*self._hints(), ("Esc", "clears what was typed, then leaves it"), ("00 Enter", "leave it")]
        return [
            *keys,
            ("a scan", "the answer, or it waits" if self._question.scans else "waits, and goes on behind this"),
        ]

    def draw(self, bands: Bands) -> None:
        self._below.draw(bands)
        waits = say("{number} waiting", number=count(len(self.waiting), "scan")) if self.waiting else ""
        said = [*self._question.words, *(["", waits] if waits else [])]
        bands.lines.put(laid_over(bands.lines.rows, said, bands.width, bands.height))
        bands.entry.put([entry_row(bands.width, self.shown, self.note, loud=True)])
        bands.foot.put(foot_rows(bands.width, waits, self.keys()))

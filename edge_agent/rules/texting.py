"""The port by which texts leave: what a text is, what may become of it, and what a way for texts promises."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Fate = Literal["left", "refused", "closed", "unknown"]
"""It left; this text alone surely did not; surely not, and the next would not either; nobody knows."""


@dataclass(frozen=True)
class Text:
    """A text that is to leave; `id` is of this text alone, and the same wherever it is told."""

    phone: str
    words: str
    id: str


class Way(Protocol):
    """By which texts leave. Each is recorded as sent before it comes here, so a way never tries one twice."""

    at_once: int
    """So many are taken in one act: what may leave is looked at anew before the next ones."""

    def send(self, texts: Sequence[Text]) -> Sequence[tuple[Fate, str]]:
        """Let them leave; what became of each, in their order, and why, in words."""

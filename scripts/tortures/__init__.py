"""The fault matrix, one file a row; each is seeded, prints counts, and fails on one loss."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass
class Report:
    """What a row came to: `lines` are printed one by one, counts first, what was lost, doubled or wedged last."""

    ok: bool
    lines: list[str] = field(default_factory=list)


class Row(Protocol):
    """What `scripts/torture.py` asks of a row's file. `FULL` and `SHORT` name the same counts, which `run` is given."""

    SUMMARY: str
    FULL: dict[str, int]
    SHORT: dict[str, int]

    def run(self, folder: Path, *, seed: int, **counts: int) -> Report:
        """Play the row inside `folder`; the same seed and counts play the same."""
        ...

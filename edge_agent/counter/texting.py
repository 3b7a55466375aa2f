"""Texts on their way: one run that tells what became of each, and the plain way, a file for the owner's own tool."""

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from edge_agent.counter.samples import Samples
from edge_agent.rules.texting import Fate, Text, Way


@dataclass
class Told:
    """What became of the texts of a run. `kept` surely did not leave; `why` is what ended the run early."""

    left: list[Text] = field(default_factory=list)
    kept: list[Text] = field(default_factory=list)
    unknown: list[Text] = field(default_factory=list)
    why: str = ""


def deliver(samples: Samples, private: bytes, way: Way) -> Told:
    """Send what may leave, looked at anew in the act before each handing over. A way that is closed, or of whose answer
    nobody knows, is left alone: what was not tried stays due."""
    told = Told()
    while True:
        texts = samples.take(private, way.at_once)
        for text, (fate, why) in zip(texts, way.send(texts), strict=True):
            {"left": told.left, "unknown": told.unknown}.get(fate, told.kept).append(text)
            told.why = why if fate in ("closed", "unknown") else told.why
        if told.why or len(texts) < way.at_once:
            return told


class IntoFile:
    """A CSV file (phone, text) that only its owner reads: it holds numbers."""

    at_once = 1_000_000

    def __init__(self, file: Path) -> None:
        self._file = file

    def send(self, texts: Sequence[Text]) -> Sequence[tuple[Fate, str]]:
        """All of them in one file that did not exist before."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(("phone", "text"))
        writer.writerows((text.phone, text.words) for text in texts)
        handle = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(out.getvalue())
        return [("left", "")] * len(texts)

"""Reads udev rules as udev splits them: parts of (key, inner, operator, value); raises on what udev would refuse."""

import re
from dataclasses import dataclass
from pathlib import Path

MATCHES = {"ACTION", "ATTR", "ATTRS", "DRIVERS", "ENV", "KERNEL", "KERNELS", "SUBSYSTEM", "SUBSYSTEMS", "TAG", "TEST"}
ASSIGNS = {"ATTR", "ENV", "GOTO", "GROUP", "IMPORT", "LABEL", "MODE", "OPTIONS", "OWNER", "RUN", "SYMLINK", "TAG"}
PART = re.compile(r'([A-Z]+)(?:\{([^}]*)\})?\s*(==|!=|\+=|-=|:=|=)\s*"((?:[^"\\]|\\.)*)"')
NEEDS_INNER = {"ATTR", "ATTRS", "ENV", "IMPORT"}


@dataclass(frozen=True)
class Rule:
    """One line: its number in the file, its parts and the comment that stands right above it."""

    line: int
    parts: tuple[tuple[str, str, str, str], ...]
    comment: str

    def value(self, key: str, inner: str = "") -> str:
        """The value of a part, or nothing."""
        return next((part[3] for part in self.parts if part[:2] == (key, inner)), "")


class BadRuleError(ValueError):
    """What udev would refuse, with its line."""


def rules(file: Path) -> list[Rule]:
    """Every rule of the file; each GOTO has its LABEL further down."""
    found, comment = [], ""
    for number, text in enumerate(file.read_text().splitlines(), start=1):
        if text.startswith("#"):
            comment = text
        elif text.strip():
            found.append(Rule(number, tuple(parts(number, text)), comment))
            comment = ""
    check_jumps(found)
    return found


def parts(number: int, text: str) -> list[tuple[str, str, str, str]]:
    """The parts of one line: comma between them, nothing before or after."""
    found, at = [], 0
    while at < len(text):
        match = PART.match(text, at)
        if match is None:
            raise BadRuleError(f"line {number}, column {at + 1}: not a part of a rule: {text[at : at + 30]!r}")
        key, inner, operator, value = match[1], match[2] or "", match[3], match[4]
        allowed = MATCHES if operator in ("==", "!=") else ASSIGNS
        if key not in allowed or (key in NEEDS_INNER) != bool(inner):
            raise BadRuleError(f"line {number}: {match[0]} is not something udev knows")
        found.append((key, inner, operator, value))
        rest = re.match(r"\s*(,\s*(?=[A-Z])|$)", text[match.end() :])
        if rest is None:
            raise BadRuleError(f"line {number}, column {match.end() + 1}: a comma and a further part, or the end")
        at = match.end() + rest.end()
    return found


def check_jumps(found: list[Rule]) -> None:
    """udev only jumps forward, and drops a rule whose label is not there."""
    labels = {rule.value("LABEL"): rule.line for rule in found if rule.value("LABEL")}
    for rule in found:
        goal = rule.value("GOTO")
        if goal and labels.get(goal, 0) <= rule.line:
            raise BadRuleError(f"line {rule.line}: no label {goal} further down")

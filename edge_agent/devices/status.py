"""What a printer's one-byte answers to DLE EOT mean: ok, fault or unknown, in words."""

from collections.abc import Mapping

from edge_agent.devices.state import State

PRINTER, OFFLINE, ERROR, PAPER = 1, 2, 3, 4
DRAWER = 0x04
"""The level of the drawer's sensor, in part 1."""


def answer_in(heard: bytes) -> int | None:
    """The first byte of the form 0xx1xx10, as every answer to DLE EOT has; automatic status is passed by."""
    return next((byte for byte in heard if byte & 0b1001_0011 == 0b0001_0010), None)


def well(answers: Mapping[int, int]) -> bool:
    """Whether parts 1 (printer) and 4 (paper) both say that it can print."""
    return not answers[PRINTER] & 0x08 and not answers[PAPER] & 0x60


def judged(answers: Mapping[int, int]) -> tuple[State, str]:
    """State and words from the parts that were answered; without parts 1 and 4 nothing is known."""
    if PRINTER not in answers or PAPER not in answers:
        return "unknown", "does not answer"
    if not well(answers):
        return "fault", _fault(answers)
    return "ok", "paper nearly out" if answers[PAPER] & 0x0C else ""


def _fault(answers: Mapping[int, int]) -> str:
    stopped, error = answers.get(OFFLINE, 0), answers.get(ERROR, 0)
    if stopped & 0x04:
        return "cover open"
    if answers[PAPER] & 0x60 or stopped & 0x20:
        return "no paper"
    if error & 0x08:
        return "knife stuck"
    if stopped & 0x40 or error & 0x64:
        return "error, switch it off and on"
    return "offline"

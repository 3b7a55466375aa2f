"""The sheet of commands: what a scanned code may press instead of a key, and the code of each.

A code is the prefix, two digits and six letters that only the till which printed the sheet can make: nobody's goods
press its keys. All signs are where every keyboard layout has them, so that a keyboard scanner set to another one sends
them right.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

PREFIX = "DSTILL"
"""No item's code begins so: what does is never looked up as one."""
LETTERS = "BCDEFGHJKLNPRSTV"
SEAL_LETTERS = 6
SEALED = "dropshelf command sheet 1: "

Seal = Callable[[bytes], str]
"""The till's own signature of some bytes, in hex."""
Where = Literal["sale", "pay", "any"]


@dataclass(frozen=True)
class Command:
    """`keys` are pressed one after the other, a single character as typed. `where` they are heard: in the sale with
    nothing typed, in the sale and the payment, or on every screen. Nothing is allowed that the keys are not."""

    number: int
    name: str
    keys: tuple[str, ...]
    where: Where = "sale"


COMMANDS = (
    *(Command(many, f"{many} x", (*str(many), "*")) for many in (2, 3, 4, 5, 6, 8, 10, 12, 24)),
    Command(30, "to the payment", ("enter",)),
    Command(31, "exact cash, done", ("exact",), "pay"),
    Command(32, "by card, done", ("f9",), "pay"),
    *(
        Command(33 + place, f"the amount at {key}", (key,), "pay")
        for place, key in enumerate("/*-+")  # offered in the payment alone
    ),
    Command(40, "the last item once more", ("*",)),
    Command(41, "take the line off", ("delete",)),
    Command(42, "hold, or the held sales", ("f3",)),
    Command(43, "price check", ("/",)),
    Command(44, "a refund", ("f4",)),
    Command(45, "a copy of the last receipt", ("f8",)),
    Command(46, "the drawer", ("f7",)),
    Command(47, "X report", ("f7", "*")),
    Command(48, "what runs out", ("insert",)),
    Command(50, "back", ("escape",), "any"),
    *(Command(60 + digit, f"key {digit}", (str(digit),), "any") for digit in range(10)),
    Command(70, "key Enter", ("enter",), "any"),
)
"""Numbers are never given anew: sheets hang at counters for years."""


def is_command(code: str) -> bool:
    """True for a code that can only be a command's, whoever's it is."""
    return code.startswith(PREFIX)


def code_of(command: Command, seal: Seal) -> str:
    """The command's code on this till's sheet."""
    signed = seal(f"{SEALED}{command.number}".encode())
    return f"{PREFIX}{command.number:02d}{''.join(LETTERS[int(sign, 16)] for sign in signed[:SEAL_LETTERS])}"


def command_of(code: str, seal: Seal) -> Command | None:
    """The command of a scanned code; None for one of another till's sheet, and for a misread one."""
    found = next((one for one in COMMANDS if code.startswith(f"{PREFIX}{one.number:02d}")), None)
    return found if found is not None and code_of(found, seal) == code else None

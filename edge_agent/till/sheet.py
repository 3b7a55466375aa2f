"""The sheet of commands at the till: it is printed, and a code of it presses the keys that stand for it."""

from typing import TYPE_CHECKING

from edge_agent.rules.row import Row
from edge_agent.rules.sheet import COMMANDS, Command, code_of, command_of
from edge_agent.till.speech import say, told

if TYPE_CHECKING:
    from edge_agent.till.front import Front
    from edge_agent.till.view import View

STRANGE = "no command of this till's sheet: 00 Enter 43 prints it"
EXACT = ("exact",)


def rows_of(front: "Front") -> tuple[Row, ...]:
    """The sheet as rows of paper."""
    head = (
        Row(say("COMMANDS TO SCAN"), centred=True, bold=True, big=True),
        Row(front.status.till, centred=True),
        Row(),
    )
    bars = (
        (Row(told(one.name), centred=True, bold=True), Row(bars=code_of(one, front.seal)), Row()) for one in COMMANDS
    )
    return (*head, *(row for rows in bars for row in rows))


def print_sheet(front: "Front") -> None:
    """On the receipt printer; without one it is said where it can be had."""
    if front.status.prints:
        front.shop.paper.print_report("sheet", rows_of(front))
        front.sell().say(front.printed(say("the sheet of commands is printed")))
    else:
        front.sell().say("no printer is fitted: edge-agent sheet writes it as a PDF")


def obey(front: "Front", code: str) -> None:
    """Press what the code stands for. What that is refused to the keys is refused to it, and a PIN is asked for."""
    command, view = command_of(code, front.seal), front.heard
    if command is None:
        _refuse(front, STRANGE)
    elif command.where == "any":
        _press(front, command.keys)
    elif command.keys == EXACT and _is_paid(front):
        front.app.bell()
    elif front.lock is not None or not _sells(front, view, command):
        _refuse(front, "this command is for the sale: Esc leads there, and clears what was typed")
    elif command.keys == EXACT:
        _exact(front)
    else:
        _press(front, command.keys)


def _sells(front: "Front", view: "View", command: Command) -> bool:
    """Whether the screen is one on which this command means what its name says; after a sale the next one begins."""
    from edge_agent.till.paid import PaidView
    from edge_agent.till.pay import PayView

    if isinstance(view, PaidView):
        view = front.sell()
    pays = isinstance(view, PayView)
    if command.number in range(33, 37):
        return pays and not view.entry
    return not view.shown and (view is front.sale or (pays and command.where == "pay"))


def _is_paid(front: "Front") -> bool:
    """A code read twice pays once, and the change stays in sight."""
    from edge_agent.till.paid import PaidView

    return isinstance(front.heard, PaidView)


def _exact(front: "Front") -> None:
    from edge_agent.till.pay import PayView

    view = front.view if isinstance(front.view, PayView) else None
    if view is None and front.sale.desk.sale:
        opened = front.open_payment()
        assert isinstance(opened, PayView)
        view = opened
    if view is not None:
        view.exact()
    else:
        _refuse(front, "there is nothing to pay: scan first")


def _press(front: "Front", keys: tuple[str, ...]) -> None:
    """As if they had been pressed; an Enter comes to rest at once."""
    for key in keys:
        if len(key) == 1:
            front.heard.typed(key)
        else:
            front.heard.pressed(key)
        if key == "enter":
            front.heard.enter_rested(single=True)


def _refuse(front: "Front", words: str) -> None:
    if _is_paid(front):
        front.sell()
    front.heard.refused(words)
    front.app.bell()

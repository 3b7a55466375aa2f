"""The receipts that the tests print, and what a byte stream of ESC/POS holds."""

from dataclasses import replace

from edge_agent.rules.paper import PrinterProfile
from edge_agent.rules.receipt import Receipt, ReceiptLine, ReceiptTax

QR = "https://example.test/r/" + "0123456789abcdef" * 4
RECEIPT = Receipt(
    shop_lines=("Corner Shop", "12 High Street, Oxford OX1 4AB", "VAT GB 123 4567 89"),
    number="000412",
    till="Till 1",
    cashier="Ana",
    at_local="Sun 22 Nov 2026 14:02",
    lines=(
        ReceiptLine(2000, "Oat milk 1 l", 185, 370),
        ReceiptLine(1000, "Sourdough 800 g", 340, 340),
        ReceiptLine(742, "Bananas, loose", 189, 140),
        ReceiptLine(6000, "Mineral water 0.5 l", 79, 474),
        ReceiptLine(1000, "Pão de queijo & crème fraîche, naïve café blend 250 g", 129, 129),
        ReceiptLine(1000, "Żurek €2 Łódź", 129, 129),
    ),
    total_minor=1582,
    taxes=(ReceiptTax(2000, 870, 174, 1044), ReceiptTax(0, 538, 0, 538)),
    tenders=(("Cash", 2000),),
    change_minor=418,
    qr=QR,
    foot_lines=("Thank you, see you soon",),
)
T20 = PrinterProfile("t20", 48, 576, (("cp437", 0), ("cp858", 19), ("cp852", 18), ("cp866", 17)))
PLAIN = PrinterProfile("plain", 32, 384, (("cp437", 0),), cutter=False, qr=False, answers=False, drawer=None)


def sold(name: str) -> Receipt:
    """The same receipt with every text that comes from outside replaced by `name`."""
    lines = tuple(replace(line, name=name) for line in RECEIPT.lines)
    return replace(
        RECEIPT,
        shop_lines=(name, name),
        till=name,
        cashier=name,
        lines=lines,
        foot_lines=(name,),
        tenders=((name, 2000),),
    )


_LENGTHS = {b"\x1b@": 2, b"\x1bt": 3, b"\x1ba": 3, b"\x1bE": 3, b"\x1bd": 3, b"\x1d!": 3, b"\x1dV": 4, b"\x1bp": 5}


def commands(paper: bytes) -> tuple[list[bytes], list[bytes]]:
    """The commands and the lines of text of a byte stream; fails on any control byte that is no command of ours."""
    found: list[bytes] = []
    lines = [b""]
    at = 0
    while at < len(paper):
        if paper[at] == 0x0A:
            lines.append(b"")
            at += 1
        elif paper[at] >= 0x20 and paper[at] != 0x7F:
            lines[-1] += paper[at : at + 1]
            at += 1
        else:
            length = _length(paper, at)
            found.append(paper[at : at + length])
            at += length
    return found, lines


def _length(paper: bytes, at: int) -> int:
    if paper[at : at + 3] == b"\x1d(k":
        return 5 + int.from_bytes(paper[at + 3 : at + 5], "little")
    length = _LENGTHS.get(paper[at : at + 2])
    assert length, f"{paper[at : at + 4]!r} at {at} is no command of ours"
    return length


def skeleton(paper: bytes) -> list[bytes]:
    """The commands without the one number that letters may choose: the code page."""
    return [b"\x1bt" if command.startswith(b"\x1bt") else command for command in commands(paper)[0]]

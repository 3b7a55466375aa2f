"""The sheet of commands as a PDF of A4 pages: bars with their names, for a till without a receipt printer."""

from collections.abc import Iterable, Sequence

from edge_agent.rules.code128 import QUIET, widths

WIDTH, HEIGHT = 595, 842
"""A4 in points."""
COLUMNS, ROWS = 3, 11
EDGE, HEAD = 30, 52
MODULE = 0.85
"""Points of the narrowest bar (0.3 mm): a laser scanner reads it from a hand away."""
BARS = 36

Named = tuple[str, str]
"""What stands over a code, and the code."""


def as_pdf(title: str, codes: Sequence[Named]) -> bytes:
    """The whole file, the same bytes for the same codes."""
    size = COLUMNS * ROWS
    pages = [_page(title, codes[at : at + size]) for at in range(0, len(codes), size)]
    kids = " ".join(f"{4 + 2 * place} 0 R" for place in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for place, drawn in enumerate(pages):
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents {5 + 2 * place} 0 R "
            f"/Resources << /Font << /F1 3 0 R >> >> >>".encode(),
            f"<< /Length {len(drawn)} >>\nstream\n".encode() + drawn + b"\nendstream",
        ]
    return _file(objects)


def _file(objects: Iterable[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, one in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + one + b"\nendobj\n"
    start, count = len(out), len(places) + 1
    out += f"xref\n0 {count}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    return bytes(out) + f"trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()


def _page(title: str, codes: Sequence[Named]) -> bytes:
    cell_wide, cell_high = (WIDTH - 2 * EDGE) / COLUMNS, (HEIGHT - HEAD - EDGE) / ROWS
    drawn = [_words(title, EDGE, HEIGHT - 38, 14)]
    for place, (name, code) in enumerate(codes):
        left = EDGE + place % COLUMNS * cell_wide
        foot = HEIGHT - HEAD - (place // COLUMNS + 1) * cell_high
        drawn += [
            _words(name, left + 6, foot + BARS + 20, 9),
            _bars(code, left, foot + 14),
            _words(code, left + 6, foot + 5, 7),
        ]
    return b"\n".join(drawn)


def _words(text: str, x: float, y: float, size: int) -> bytes:
    safe = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /F1 {size} Tf {x:.2f} {y:.2f} Td (".encode() + safe.encode("cp1252", "replace") + b") Tj ET"


def _bars(code: str, left: float, foot: float) -> bytes:
    at, drawn = left + QUIET * MODULE / 2, []
    for place, width in enumerate(widths(code)):
        if place % 2 == 0:
            drawn.append(f"{at:.2f} {foot:.2f} {width * MODULE:.2f} {BARS} re")
        at += width * MODULE
    return " ".join(drawn).encode() + b" f"

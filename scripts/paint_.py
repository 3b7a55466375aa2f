"""Paints a terminal's screen, and pads a picture, with Pillow: what a person would see, as a PNG."""

from pathlib import Path

import pyte
from PIL import Image, ImageDraw, ImageFont

CELL_WIDTH, CELL_HEIGHT, SIZE, MARGIN = 12, 25, 20, 24
FACES = ("DejaVuSansMono{bold}.ttf", "LiberationMono{bold}.ttf", "NotoSansMono{bold}.ttf")
BOLD = {"DejaVuSansMono{bold}.ttf": "-Bold", "LiberationMono{bold}.ttf": "-Bold", "NotoSansMono{bold}.ttf": "-Bold"}
INK, PAPER = "#e8e6e1", "#161616"
COLOURS = {
    "black": "#161616",
    "red": "#f07a70",
    "green": "#8fce8f",
    "brown": "#f0c060",
    "yellow": "#f0c060",
    "blue": "#7fb0f0",
    "magenta": "#d79be8",
    "cyan": "#6fd3d3",
    "white": INK,
}


def face(*, bold: bool) -> ImageFont.FreeTypeFont:
    """The first monospaced face that the machine has; OSError when it has none of them."""
    for name in FACES:
        try:
            return ImageFont.truetype(name.format(bold=BOLD[name] if bold else ""), SIZE)
        except OSError:
            continue
    raise OSError("no monospaced face is installed: apt-get install fonts-dejavu-core")


def screen_of(raw: bytes, columns: int, rows: int) -> pyte.Screen:
    """The screen that these bytes leave on a terminal of that size."""
    screen = pyte.Screen(columns, rows)
    pyte.ByteStream(screen).feed(raw)
    return screen


def terminal(screen: pyte.Screen, file: Path) -> None:
    """The screen with its colours, bold and reverse."""
    size = (screen.columns * CELL_WIDTH + 2 * MARGIN, screen.lines * CELL_HEIGHT + 2 * MARGIN)
    picture = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(picture)
    faces = {bold: face(bold=bold) for bold in (False, True)}
    for row in range(screen.lines):
        for column in range(screen.columns):
            _cell(draw, screen.buffer[row][column], column, row, faces)
    picture.save(file, optimize=True)


def framed(source: Path, file: Path, margin: int = 32) -> None:
    """A picture of paper with white around it."""
    with Image.open(source) as paper:
        grey = paper.convert("L")
    picture = Image.new("L", (grey.width + 2 * margin, grey.height + 2 * margin), 255)
    picture.paste(grey, (margin, margin))
    picture.save(file, optimize=True)


def _cell(
    draw: ImageDraw.ImageDraw, char: pyte.screens.Char, column: int, row: int, faces: dict[bool, ImageFont.FreeTypeFont]
) -> None:
    ink, paper = _colour(char.fg, INK), _colour(char.bg, PAPER)
    if char.reverse:
        ink, paper = paper, ink
    x, y = MARGIN + column * CELL_WIDTH, MARGIN + row * CELL_HEIGHT
    if paper != PAPER:
        draw.rectangle((x, y, x + CELL_WIDTH - 1, y + CELL_HEIGHT - 1), fill=paper)
    if char.data.strip():
        draw.text((x, y), char.data, fill=ink, font=faces[bool(char.bold)])


def _colour(name: str, default: str) -> str:
    if name == "default":
        return default
    return COLOURS.get(name.removeprefix("bright"), f"#{name}" if len(name) == 6 else default)

"""A shop's CSV file as rows of named cells: usual spellings are read, doubtful ones refused by line and column."""

import csv
import difflib
import io
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from edge_agent.errors import BadInput, BadRow

MOST_BYTES = 64 * 1024 * 1024
MOST_ROWS = 200_000
MOST_CHARACTERS = 20_000
DELIMITERS = ",;\t"
GZIP_START = b"\x1f\x8b"
Refuse = Callable[[BadRow], None]
"""What is done about a row that is off; what comes back from it reads on behind the row."""


def at_once(bad: BadRow) -> None:
    """One row that is off refuses the file."""
    raise bad


@dataclass(frozen=True)
class Columns:
    """The columns that a file must have and those it may have."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        return self.required + self.optional


@dataclass(frozen=True, slots=True)
class Cells:
    """One row: its file and line (the header is line 1), and the text of each cell by its column."""

    file: str
    line: int
    values: dict[str, str]

    def text(self, column: str) -> str:
        """The cell without the spaces around it; empty where the file has no such column."""
        return self.values.get(column, "")

    def bad(self, column: str, message: str) -> BadRow:
        """The error that names this row and a column of it."""
        return BadRow(self.file, self.line, column, message)


@dataclass(frozen=True, slots=True)
class Foreign(Cells):
    """A row by our columns, of a file with others: `theirs` says which stands behind which of ours."""

    theirs: Mapping[str, str] = field(default_factory=dict)

    def bad(self, column: str, message: str) -> BadRow:
        return BadRow(self.file, self.line, self.theirs.get(column, column), message)


def made(row: Foreign, theirs: Mapping[str, str], **values: str) -> Foreign:
    """The row by our columns: what stands in theirs, and `values`."""
    taken = {ours: row.text(column) for ours, column in theirs.items()}
    return replace(row, values={**taken, **values}, theirs=dict(theirs))


def unpacked(file: str, content: bytes, most: int = MOST_BYTES) -> bytes:
    """The bytes of a file, gunzipped if they are packed; BadInput when they are more than `most` or damaged."""
    plain = _gunzipped(file, content, most) if content.startswith(GZIP_START) else content
    if len(plain) > most:
        raise BadInput(f"{file} has more than {most // 1024 // 1024} MB; split it")
    return plain


def _gunzipped(file: str, content: bytes, most: int) -> bytes:
    parts: list[bytes] = []
    left = most + 1
    while content and left > 0:
        member = zlib.decompressobj(wbits=31)
        try:
            part = member.decompress(content, left)
        except zlib.error:
            raise BadInput(f"{file} is a damaged gzip file") from None
        parts.append(part)
        left -= len(part)
        if left > 0 and not member.eof:
            raise BadInput(f"{file} is a gzip file cut short")
        content = member.unused_data
    return b"".join(parts)


def rows(
    file: str, content: bytes, columns: Columns, most: int = MOST_ROWS, refuse: Refuse = at_once
) -> Iterator[Cells]:
    """The rows below the header, blank lines left out. `content` is plain bytes, UTF-8 with or without a mark.

    Header words may stand in any order and case; an unknown one is refused with the nearest right one. The delimiter
    (comma, semicolon or tab) is the one that the header uses.
    """
    text = _decoded(file, content)
    numbered = _numbered(file, text)
    _, words = next(numbered, (1, []))
    header = _header(file, words, columns)
    for count, (line, cells) in enumerate(numbered, start=1):
        if count > most:
            raise BadInput(f"{file} has more than {most:,} rows; split it")
        try:
            named = _cells(file, line, header, cells)
        except BadRow as bad:
            refuse(bad)
        else:
            yield named


def table(file: str, content: bytes) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """The header's words in small letters, and (line, cells) of the rows below it; for files of other programs."""
    numbered = _numbered(file, _decoded(file, content))
    _, words = next(numbered, (1, []))
    return [word.strip().lower() for word in words], numbered


def _decoded(file: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadInput(f"{file}, line {line}: this is not UTF-8 text; save the file as CSV UTF-8") from None
    nul = text.find("\0")
    if nul >= 0:
        raise BadInput(f"{file}, line {text.count(chr(10), 0, nul) + 1}: a NUL byte; this is not a CSV file")
    return text


def _delimiter(text: str) -> str:
    header = re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0]
    return max(DELIMITERS, key=header.count)


def _numbered(file: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """(line on which the row starts, cells) of each row that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadInput(f"{file}, line {line}: {error}") from None
        if any(cell.strip() for cell in cells):
            yield line, cells


def _header(file: str, words: Sequence[str], columns: Columns) -> list[str]:
    header = [word.strip().lower() for word in words]
    while header and not header[-1]:
        header.pop()
    if not header:
        raise BadInput(f"{file} is empty; its first line names the columns: {', '.join(columns.known)}")
    for place, word in enumerate(header):
        if word not in columns.known:
            raise BadRow(file, 1, _shown(word), f"not a column of this file{_nearest(word, columns.known)}")
        if word in header[:place]:
            raise BadRow(file, 1, word, "stands there twice")
    missing = [word for word in columns.required if word not in header]
    if missing:
        raise BadRow(file, 1, missing[0], f"is missing; needed are {', '.join(columns.required)}")
    return header


def _shown(word: str) -> str:
    return repr(word[:40]) if word else "(without a name)"


def _nearest(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known)}"


def _cells(file: str, line: int, header: list[str], cells: list[str]) -> Cells:
    if len(cells) < len(header):
        message = f"the row ends before this column ({len(cells)} cells, the header has {len(header)})"
        raise BadRow(file, line, header[len(cells)], message)
    if any(cell.strip() for cell in cells[len(header) :]):
        raise BadRow(
            file, line, f"{len(header) + 1}", "a cell beyond the header; is a delimiter inside a name unquoted?"
        )
    values = {word: cell.strip() for word, cell in zip(header, cells, strict=False)}
    for word, cell in values.items():
        if len(cell) > MOST_CHARACTERS:
            raise BadRow(file, line, word, f"has {len(cell):,} characters")
    return Cells(file, line, values)

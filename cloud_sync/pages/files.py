"""Files for a spreadsheet: CSV by RFC 4180 in which no cell runs as a formula."""

import csv
import io
import re
import zipfile
from collections.abc import Mapping, Sequence

from fastapi import Response

from edge_agent.rules.text import for_csv_cell, for_paper

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def csv_file(name: str, head: Sequence[str], rows: Sequence[Sequence[str | int]]) -> Response:
    """The rows as a file to keep; plain numbers stay numbers, everything else is made harmless."""
    kept = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(csv_text(head, rows), media_type="text/csv; charset=utf-8", headers=kept)


def csv_text(head: Sequence[str], rows: Sequence[Sequence[str | int]]) -> str:
    """The same as text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()


def zip_file(name: str, files: Mapping[str, str]) -> Response:
    """Several files in one, the same bytes for the same content."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for inner, text in files.items():
            packed.writestr(zipfile.ZipInfo(inner), text.encode(), zipfile.ZIP_DEFLATED)
    kept = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(out.getvalue(), media_type="application/zip", headers=kept)


def cell(value: str | int) -> str | int:
    """A value as it may stand in a cell."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return value
    return for_csv_cell(for_paper(value) if isinstance(value, str) else value)

"""Every text that the owners' side says from code, found in its source: what is said, and what errors tell."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house import ROOT
from tests.texts import _name, _template

CLOUD = ROOT / "cloud_sync"
PAGES = CLOUD / "pages"
RULES = ("imports_cells", "imports_signals", "purchases", "drop_window", "cross_border", "link", "vat_return")
"""Rules of whose errors only an owner hears."""
OFFICE = re.compile(
    r"/(commands|migrations|ingest|retraining|german)/|/(fleet|dumps|backups|restored|founding|settings|published|server)\.py"
)
"""Files that speak to programs, or to whoever runs the service."""


def said() -> set[str]:
    """What is filled in as it is said."""
    return {
        str(node.args[0].value)
        for file in _files()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and _name(node.func) == "say" and isinstance(node.args[0], ast.Constant)
    }


def refusals() -> set[str]:
    """What errors of the pages and of what they call tell; what is filled in stands as {a}, {b}."""
    return {text for file in _files() for text in _raised(ast.parse(file.read_text()), ("BadInput", "Conflict"))}


def of_fields() -> set[str]:
    """What is said of a form's field, or of a cell of a file."""
    rules = [ROOT / "edge_agent" / "rules" / f"{name}.py" for name in RULES]
    return {text for file in [*_files(), *rules] for text in _raised(ast.parse(file.read_text()), ("bad",))}


def _files() -> list[Path]:
    return [file for file in sorted(CLOUD.rglob("*.py")) if not OFFICE.search(f"/{file.relative_to(CLOUD)}")]


def _raised(tree: ast.Module, kinds: tuple[str, ...]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and _name(node.exc.func) in kinds:
            text = node.exc.args[-1] if node.exc.args else None
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield text.value
            elif isinstance(text, ast.JoinedStr):
                yield _template(text)

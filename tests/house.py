"""The project's own Python files and what they import, for the tests that keep the house in order."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("edge_agent", "cloud_sync", "models", "scripts", "tests")


def files(*rooms: str) -> list[Path]:
    """Every Python file of these rooms (all when none is named)."""
    return sorted(file for room in rooms or ROOMS for file in (ROOT / room).rglob("*.py"))


def short(file: Path) -> str:
    """The file's path within the project."""
    return str(file.relative_to(ROOT))


def tree(file: Path) -> ast.Module:
    """The file, parsed."""
    return ast.parse(file.read_text(), short(file))


def long_functions(file: Path, most: int) -> Iterator[str]:
    """Each function of more than `most` lines, as `file:line name (lines)`."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > most:
                yield f"{short(file)}:{node.lineno} {node.name} ({lines})"


def imported(file: Path) -> set[str]:
    """The full names of every module that the file imports anywhere, late imports too."""
    found: set[str] = set()
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def modules(*rooms: str) -> list[str]:
    """The dotted names of the rooms' modules, for importing."""
    return [short(file).removesuffix(".py").removesuffix("/__init__").replace("/", ".") for file in files(*rooms)]

"""Every text that the till may show, found in its source: what is said, what keys do, what errors tell."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house import ROOT

TILL = ROOT / "edge_agent" / "till"
WIRES = {"driver.py", "enter_run.py", "messages.py", "paint.py", "digits.py", "app.py", "speech.py"}
"""Files of the till in which nothing is said."""
TOLD = ("counter", "rules", "till")
"""Rooms whose errors a cashier may see."""
OFFICE = re.compile(
    r"imports|importing|rules/(demand|reorder|order|calendar|drop|plan|record|forecast|signal|allot|escpos|code128|paper"
    r"|day|purchases)\b"
)
"""Files whose errors only commands tell."""
CODES = re.compile(r"[a-z0-9_]+")


def of_the_till() -> set[str]:
    """What the screens say: sentences, and what each key does."""
    return {text for file in _files(TILL) if file.name not in WIRES for text in _said(ast.parse(file.read_text()))}


def of_the_keys() -> set[str]:
    """What the row of keys says that each of them does, single words too."""
    return {
        str(pair.elts[1].value)
        for file in _files(TILL)
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name == "keys"
        for pair in ast.walk(node)
        if isinstance(pair, ast.Tuple) and len(pair.elts) == 2
        if isinstance(pair.elts[1], ast.Constant)
    }


def of_errors() -> set[str]:
    """What errors tell a cashier; what is filled in stands as {fields}."""
    files = (file for room in TOLD for file in _files(ROOT / "edge_agent" / room) if not OFFICE.search(str(file)))
    return {text for file in files for text in _raised(ast.parse(file.read_text()))}


def put_together() -> list[str]:
    """F-strings of the till with words of their own: nobody finds their translation."""
    return [
        f"{file.name}:{node.lineno}"
        for file in _files(TILL)
        if file.name not in WIRES
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.JoinedStr) and any(map(_is_text, node.values))
    ]


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.py"))


def _said(tree: ast.Module) -> Iterator[str]:
    skipped = {id(node) for node in _not_said(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) == "say" and isinstance(node.args[0], ast.Constant):
            yield str(node.args[0].value)
        elif isinstance(node, ast.Tuple) and len(node.elts) == 2 and all(map(_is_text, node.elts)):
            yield from (str(one.value) for one in node.elts if isinstance(one, ast.Constant))
        elif _is_text(node) and id(node) not in skipped and not CODES.fullmatch(node.value):  # type: ignore[attr-defined]
            yield node.value  # type: ignore[attr-defined]


def _not_said(tree: ast.Module) -> Iterator[ast.AST]:
    """Docstrings, annotations, what only logs, and the pieces of what is put together."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield from (line.value for line in node.body if isinstance(line, ast.Expr))
        if isinstance(node, ast.FunctionDef):
            notes = [node.returns, *(arg.annotation for arg in (*node.args.args, *node.args.kwonlyargs))]
            yield from (part for note in notes if note for part in ast.walk(note))
        if isinstance(node, ast.AnnAssign):
            yield from ast.walk(node.annotation)
        if isinstance(node, ast.JoinedStr):
            yield from ast.walk(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _name(node.func.value) == "log":
            yield from ast.walk(node)
        if isinstance(node, ast.Call) and _name(node.func) == "cast":
            yield from ast.walk(node)


def _raised(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            text = node.exc.args[0]
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield text.value
            elif isinstance(text, ast.JoinedStr):
                yield _template(text)


def _template(text: ast.JoinedStr) -> str:
    """The words of an f-string, with {a}, {b} ... for what is filled in."""
    fields = iter("abcdefgh")
    return "".join(str(part.value) if isinstance(part, ast.Constant) else f"{{{next(fields)}}}" for part in text.values)


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and _has_words(node.value)


def _has_words(text: str) -> bool:
    return bool(re.search(r"[A-Za-z]{2}", re.sub(r"\{[^}]*\}", "", text)))

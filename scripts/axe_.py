"""The judge of the pages: axe-core, one script from a package of its own, kept apart from what the product runs on."""

import sys

from scripts.venv_ import LOCKS, ROOT, make

FOLDER = ROOT / ".venv-axe"


def axe() -> str:
    """The text of axe-core, its folder made first when needed."""
    make(FOLDER, LOCKS / "axe.txt", sys.executable)
    (script,) = FOLDER.glob("lib/python3*/site-packages/axe_playwright_python/axe.min.js")
    return script.read_text()

"""The German words of the owners' side by their English ones: of templates, of what code says, of what is counted."""

from collections.abc import Mapping

PAGES: Mapping[str, str] = {}
"""Texts of templates; `{1}`, `{2}` stand for what is filled in. `page.html|text` is for one page alone."""
GERMAN: Mapping[str, str] = {}
"""Texts that code says, with the same {fields}; `{name:told}` is a field that has German words itself."""
COUNTS: Mapping[str, tuple[str, str]] = {}
"""One and many of what is counted."""

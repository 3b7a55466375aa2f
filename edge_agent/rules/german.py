"""The German words of the till, by their English ones; the same {fields} stand in both."""

from collections.abc import Mapping

GERMAN: Mapping[str, str] = {}

"""Reads a page as its reader does: the words, and the hidden fields that a form would send."""

import re
from html import unescape

import httpx


def words(answer: httpx.Response) -> str:
    """What a reader reads, as one line."""
    main = answer.text.split("<body>")[1]
    joined = re.sub(r"</?(b|bdi|code)>", "", main)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", joined)).split())


def hidden(answer: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', answer.text)
    assert found, f"no field {name}"
    return unescape(found[1])


def form_of(answer: httpx.Response) -> dict[str, str]:
    """The hidden fields of an order's form."""
    body = answer.text.split("<main")[1]
    return {
        unescape(name): unescape(value)
        for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', body)
    }

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


def typed_in(answer: httpx.Response, action: str) -> dict[str, list[str]]:
    """What the form to `action` holds, as a browser would send it as it stands."""
    form = answer.text.split(f'action="{action}"')[1].split("</form>")[0]
    held: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ("checkbox" not in tag or " checked" in tag):
            held.setdefault(name[1], []).append(unescape(value[1]) if value else "")
    for name, options in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        held[name] = [unescape(chosen[1]) if chosen else ""]
    for name, text in re.findall(r'<textarea [^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        held[name] = [unescape(text)]
    return held

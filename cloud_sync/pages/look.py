"""How a page is made: one template environment that escapes and cleans, assets by the hash of their content."""

import gzip
import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from cloud_sync.accounts.sign_in import SignedIn
from cloud_sync.german import GERMAN, PAGES
from cloud_sync.pages.shown import speaks
from cloud_sync.pages.translated import Translated
from cloud_sync.service import service_of
from cloud_sync.speech import count, is_settled, pointed, quantity, spoken, told
from edge_agent.rules import reasons
from edge_agent.rules.text import for_paper

TYPES = {
    "owner.css": "text/css",
    "enhance.js": "text/javascript",
    "live.js": "text/javascript",
    "packs.js": "text/javascript",
    "drop.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}

DECIMAL = re.compile(r"\d+\.\d{1,2}")
TOLD = ("changed", "said", "title", "words", "wrong", "wrong_pin")
"""What a page is given in English, as errors and outcomes are, and says in the reader's language."""
VARY = {"Vary": "Accept-Encoding"}


@lru_cache(maxsize=8)
def asset(name: str) -> bytes:
    """The bytes of an asset."""
    return (files("cloud_sync.pages") / "assets" / name).read_bytes()


@lru_cache(maxsize=8)
def packed_asset(name: str) -> bytes:
    """The same, gzipped."""
    return gzip.compress(asset(name), mtime=0)


@lru_cache(maxsize=8)
def asset_path(name: str) -> str:
    """Its address, which changes with its content, so that browsers may keep it for ever."""
    return f"/assets/{hashlib.sha256(asset(name)).hexdigest()[:12]}/{name}"


def page(
    request: Request, template: str, *, owner: SignedIn | None = None, status: int = 200, **shown: Any
) -> HTMLResponse:
    """Render a template; `owner` gives its forms their token and the page its ways around."""
    if not is_settled():
        _of_shop(request)
    path = request.url.path
    shown |= {name: told(shown[name]) for name in TOLD if isinstance(shown.get(name), str)}
    text = _environment(spoken()).get_template(template).render(owner=owner, path=path, **shown).encode()
    if not takes_gzip(request):
        return HTMLResponse(text, status, VARY)
    return HTMLResponse(gzip.compress(text, 5, mtime=0), status, {**VARY, "Content-Encoding": "gzip"})


def _of_shop(request: Request) -> None:
    """A page about no shop is told in the first one's language, to who is let in and chose none."""
    if tenant := getattr(request.state, "tenant", ""):
        with service_of(request).database.reading() as session:
            speaks(session, tenant)


def takes_gzip(request: Request) -> bool:
    """True when the browser unpacks it (the cookie is SameSite=Strict: no other site can ask for a page to measure)."""
    return "gzip" in request.headers.get("accept-encoding", "")


@lru_cache(maxsize=4)
def _environment(language: str) -> Environment:
    """One a language: its templates are compiled from translated texts, so that making a page looks up none."""
    english = PackageLoader("cloud_sync.pages")
    made = Environment(
        loader=Translated(english, _german) if language == "de" else english,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_clean,
        auto_reload=False,
    )
    made.filters.update(
        about=_about,
        qty=quantity,
        percent=_percent,
        whole=escape,
        told=told,
        pointed=pointed,
        decimal=_decimal,
        capitalize=_capital,
    )
    made.globals.update(asset=asset_path, count=count, files=_files, language=language)
    return made


def _german(template: str, text: str) -> str | None:
    return PAGES.get(f"{template}|{text}") or PAGES.get(text) or GERMAN.get(text)


def _capital(text: str) -> str:
    """A sentence begins with a capital; a name within it stays as it is."""
    return text[:1].upper() + text[1:]


def _decimal(typed: str) -> str:
    """An amount in a field; with three decimals it keeps its point: after a comma they could be thousands."""
    return pointed(typed) if DECIMAL.fullmatch(typed) else typed


def _about(milli: int) -> str:
    return pointed(reasons.about(milli))


def _percent(chance: int) -> str:
    return reasons.percent(chance, spoken())


def _files(path: str) -> Mapping[str, object]:
    # Here: the tables are shown by pages, which are made here.
    from cloud_sync.pages.tables import tables_on

    return tables_on(path)


def _clean(value: object) -> object:
    """No control, bidi or zero-width sign reaches a page, whatever the door let in (but what a form brings back)."""
    if not isinstance(value, str) or isinstance(value, Markup) or (value.isascii() and value.isprintable()):
        return value
    return for_paper(value)

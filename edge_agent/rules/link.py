"""A short link's goal: a web address with the UTM words that say where its visitors come from."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from edge_agent.errors import BadInput

MOST_TARGET = 400
WORD = 64
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Utm:
    """What a link says of itself: `campaign` is the pop-up or drop, `content` the poster or variant."""

    source: str
    medium: str
    campaign: str
    content: str = ""
    term: str = ""

    def words(self) -> list[tuple[str, str]]:
        """The query's pairs, empty ones left out."""
        pairs = [(f"utm_{name}", slug(value)) for name, value in vars(self).items()]
        return [(name, value) for name, value in pairs if value]


def slug(text: str) -> str:
    """Lower case, digits and hyphens: "Harbour night market" -> "harbour-night-market"."""
    return _NOT_A_WORD.sub("-", text.casefold()).strip("-")[:WORD].strip("-")


def target(address: str, utm: Utm) -> str:
    """The address with the UTM words (its own of that name give way). BadInput for what is no web address."""
    text = address.strip()
    parts = urlsplit(text) if text.isascii() and text.isprintable() and " " not in text else urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or len(text) > MOST_TARGET:
        raise BadInput("A link leads to an address like https://shop.example/mugs.")
    new = utm.words()
    taken = {name for name, _ in new}
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in taken]
    return urlunsplit(parts._replace(query=urlencode([*kept, *new])))

"""Templates in another language: their texts are found in the HTML and replaced before the template is compiled.

A text is what stands between two tags, statements or ends of an attribute that is read out (but in `<code>`); what is
filled in is `{1}`, `{2}` in it. Strings within `{{ }}` and `{% %}` that are words (a space, or a capital first) are
texts, too.
Nothing is looked up when a page is made, and no template marks anything.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from jinja2 import BaseLoader, Environment

READ_OUT = frozenset(
    {"aria-label", "placeholder", "title", "alt", "data-offline", "data-away", "data-still", "data-lost", "data-unsure"}
    | {"data-look", "data-signed-out", "data-sign-in", "data-said-packs", "data-out"}
)
"""Attributes that hold texts."""
WORDS = re.compile(r"[^\W\d_]{2}")
FILLED = re.compile(r"\{\d+\}|&#?\w+;")
SENTENCE = re.compile(r"[A-Z][^\W\d_].*|.*[^\W\d_] .*|.* [^\W\d_].*", re.DOTALL)
FIGURE = re.compile(r"'%\.?\d*[fg]'|shop\.bare\(")
CODE_AFTER = ("<code>", "{% block kind %}")
ATTRIBUTE = re.compile(r"([\w-]+)=\"$")
COMPARED = frozenset({"==", "!=", "in", "["})
PICKED = frozenset({"{{", "{{-", "else", "or", "("})
"""Before a lower-case word of `{{ 'needs' if one else 'need' }}`."""

Look = Callable[[str], str | None]
"""What stands in the place of a text; None where it stays."""
Tokens = list[tuple[str, str]]


class Translated(BaseLoader):
    """Loads what another loader has, translated; `texts` are by the English ones, `page.html|text` for one page."""

    def __init__(self, loader: BaseLoader, look: Callable[[str, str], str | None]) -> None:
        self._loader, self._look = loader, look

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        source, file, fresh = self._loader.get_source(environment, template)
        return translated(environment, source, lambda text: self._look(template, text)), file, fresh


def translated(environment: Environment, source: str, look: Look) -> str:
    """The template's source with its texts replaced."""
    walk = _Walk(look)
    for kind, piece, tokens in _pieces(environment, source):
        if kind == "data":
            walk.data(piece)
        else:
            walk.filled(kind, piece, tokens)
    walk.flush()
    return "".join(walk.done)


def counted(environment: Environment, source: str) -> set[str]:
    """The words of which a template counts one or many."""
    found = set()
    for kind, _piece, tokens in _pieces(environment, source):
        if kind != "data":
            found |= set(_counted([value for name, value in tokens if name != "whitespace"]))
    return found


def _counted(plain: list[str]) -> Iterator[str]:
    for at, value in enumerate(plain):
        if value == "count" and plain[at + 1 : at + 2] == ["("]:
            depth, end = 0, at + 1
            while not (plain[end] == "," and depth == 1):
                depth += (plain[end] == "(") - (plain[end] == ")")
                end += 1
            yield plain[end + 1][1:-1]


def _pieces(environment: Environment, source: str) -> Iterator[tuple[str, str, Tokens]]:
    """(data, variable or block; its source; its tokens) one behind the other."""
    kind = "data"
    held: Tokens = []
    for _line, name, value in environment.lex(source):
        if name == "data":
            yield "data", value, []
            continue
        if name.endswith("_begin"):
            kind, held = name.removesuffix("_begin"), []
        held.append((name, value))
        if name.endswith("_end"):
            yield kind, "".join(one for _, one in held), held


@dataclass
class _Walk:
    """Where in the HTML the walk is: in a text, a tag, or an attribute's value (one that is read out, or another)."""

    look: Look
    done: list[str] = field(default_factory=list)
    place: str = "text"
    message: list[tuple[str, Tokens]] = field(default_factory=list)

    def data(self, piece: str) -> None:
        for sign in piece:
            getattr(self, f"_in_{self.place}")(sign)

    def _in_text(self, sign: str) -> None:
        if sign == "<":
            self.flush()
            self.done.append(sign)
            self.place = "tag"
        else:
            self.message.append((sign, []))

    def _in_tag(self, sign: str) -> None:
        self.done.append(sign)
        if sign == ">":
            self.place = "text"
        elif sign == '"':
            name = ATTRIBUTE.search("".join(self.done[-24:]))
            self.place = "said" if name and name[1] in READ_OUT else "value"

    def _in_said(self, sign: str) -> None:
        if sign == '"':
            self.flush()
            self.done.append(sign)
            self.place = "tag"
        else:
            self.message.append((sign, []))

    def _in_value(self, sign: str) -> None:
        self.done.append(sign)
        if sign == '"':
            self.place = "tag"

    def filled(self, kind: str, piece: str, tokens: Tokens) -> None:
        """What is filled in belongs to the text around it; a statement ends a text."""
        if self.place in ("tag", "value"):
            self.done.append(piece)
        elif kind == "variable":
            self.message.append((_pointed(_strings(tokens, self.look)), tokens))
        else:
            self.flush()
            self.done.append(_strings(tokens, self.look))

    def flush(self) -> None:
        """Write down the text that has ended."""
        fields = [piece for piece, tokens in self.message if tokens]
        numbers = iter(range(1, len(fields) + 1))
        whole = "".join(f"{{{next(numbers)}}}" if tokens else piece for piece, tokens in self.message)
        inner = whole.strip()
        is_text = WORDS.search(FILLED.sub("", inner)) and not "".join(self.done[-6:]).endswith(CODE_AFTER)
        found = self.look(" ".join(inner.split())) if is_text else None
        if found is None:
            self.done += [piece for piece, _ in self.message]
        else:
            before, after = whole[: len(whole) - len(whole.lstrip())], whole[len(whole.rstrip()) :]
            self.done.append(before + re.sub(r"\{(\d+)\}", lambda at: fields[int(at[1]) - 1], found) + after)
        self.message = []


def _strings(tokens: Tokens, look: Look) -> str:
    """The source of an expression or statement with its texts replaced."""
    done, calls, before = [], ["{{"], ""
    for name, value in tokens:
        if name == "string" and calls[-1] != "count" and before not in COMPARED:
            picked = calls[-1] in PICKED and before in PICKED and tokens[0][1].startswith("{{")
            done.append(_literal(value, look, picked=picked))
        else:
            done.append(value)
        if value == "(":
            calls.append(before)
        elif value == ")" and len(calls) > 1:
            calls.pop()
        before = before if name == "whitespace" else value
    return "".join(done)


def _pointed(piece: str) -> str:
    """A figure that the template itself writes gets the language's mark before its decimals."""
    return f"{{{{ ({piece[2:-2]}) | pointed }}}}" if FIGURE.search(piece) else piece


def _literal(value: str, look: Look, *, picked: bool) -> str:
    text = value[1:-1]
    is_text = SENTENCE.fullmatch(text.strip()) if not picked else WORDS.search(text)
    found = look(" ".join(text.split())) if is_text else look("=" + text.strip())
    if found is None:
        return value
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    quote = "'" if "'" not in found else '"'
    return f"{quote}{before}{found}{after}{quote}"

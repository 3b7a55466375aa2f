"""What a program that was written for an earlier schema of the API may go on with: every break, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

Part = Mapping[str, Any]
MOST = ("maximum", "maxLength", "maxItems", "maxProperties")
LEAST = ("minimum", "minLength", "minItems", "minProperties")


def broken(kept: Part, today: Part) -> list[str]:
    """What `kept` promised and `today` does not hold: routes, parameters, what is taken, what is answered."""
    return list(_Promise(kept, today).breaks())


class _Promise:
    """Two documents; a request is written by the kept one and read by today's, an answer the other way round."""

    def __init__(self, kept: Part, today: Part) -> None:
        self._kept, self._today = kept, today

    def breaks(self) -> Iterator[str]:
        for path, methods in self._kept["paths"].items():
            for method, route in methods.items():
                place, found = f"{method.upper()} {path}", self._today["paths"].get(path, {}).get(method)
                if found is None:
                    yield f"{place} is gone"
                else:
                    yield from self._route(place, route, found)

    def _route(self, place: str, kept: Part, today: Part) -> Iterator[str]:
        before, now = _parameters(kept), _parameters(today)
        for name in before.keys() - now.keys():
            yield f"{place}: parameter {name} is gone"
        for name in now.keys() - before.keys():
            if now[name].get("required"):
                yield f"{place}: parameter {name} is needed now"
        for name in before.keys() & now.keys():
            yield from self._reads(f"{place}: {name}", now[name]["schema"], before[name]["schema"])
        yield from self._bodies(f"{place}: body", kept.get("requestBody", {}), today.get("requestBody", {}), asked=True)
        for status in (one for one in kept["responses"] if one.startswith("2")):
            answer = today["responses"].get(status)
            if answer is None:
                yield f"{place}: {status} is no answer any more"
            else:
                yield from self._bodies(f"{place}: {status}", kept["responses"][status], answer, asked=False)

    def _bodies(self, place: str, kept: Part, today: Part, *, asked: bool) -> Iterator[str]:
        if asked and today.get("required") and not kept.get("required"):
            yield f"{place} is needed now"
        for kind, body in kept.get("content", {}).items():
            found = today.get("content", {}).get(kind)
            if found is None:
                yield f"{place} is no {kind} any more"
            elif asked:
                yield from self._reads(place, found.get("schema", {}), body.get("schema", {}))
            else:
                yield from self._reads(place, body.get("schema", {}), found.get("schema", {}), answer=True)

    def _reads(self, place: str, reader: Part, writer: Part, *, answer: bool = False) -> Iterator[str]:
        """Whether all that the writer may write is what the reader takes; of an answer the reader is the kept one."""
        reader = _whole(self._kept if answer else self._today, reader)
        writer = _whole(self._today if answer else self._kept, writer)
        if "anyOf" in reader or "anyOf" in writer:
            yield from self._one_of(place, reader, writer, answer=answer)
            return
        if not _kinds(writer) <= _kinds(reader):
            yield f"{place} is {_said(writer)}, not {_said(reader)}"
            return
        yield from _bounds(place, reader, writer)
        yield from self._fields(place, reader, writer, answer=answer)
        if "items" in reader:
            yield from self._reads(f"{place}[]", reader["items"], writer.get("items", {}), answer=answer)

    def _one_of(self, place: str, reader: Part, writer: Part, *, answer: bool) -> Iterator[str]:
        """Each thing that may be written has one that reads it."""
        for one in writer.get("anyOf", [writer]):
            tried = [list(self._reads(place, other, one, answer=answer)) for other in reader.get("anyOf", [reader])]
            if all(tried):
                yield from min(tried, key=len)

    def _fields(self, place: str, reader: Part, writer: Part, *, answer: bool) -> Iterator[str]:
        read, written = reader.get("properties", {}), writer.get("properties", {})
        kept, today = (read, written) if answer else (written, read)
        for name in kept.keys() - today.keys():
            yield f"{place}.{name} is gone"
        for name in set(reader.get("required", ())) - set(writer.get("required", ())):
            if name in kept or not answer:
                yield f"{place}.{name} is {'not sure any more' if answer else 'needed now'}"
        if answer and reader.get("additionalProperties") is False:
            for name in today.keys() - kept.keys():
                yield f"{place}.{name} is new, and who reads it takes nothing new"
        for name in read.keys() & written.keys():
            yield from self._reads(f"{place}.{name}", read[name], written[name], answer=answer)


def _parameters(route: Part) -> dict[str, Part]:
    return {f"{one['in']} {one['name']}": one for one in route.get("parameters", ())}


def _whole(document: Part, part: Part) -> Part:
    """Behind its reference."""
    while "$ref" in part:
        part = document["components"]["schemas"][part["$ref"].rpartition("/")[2]]
    return part


def _kinds(part: Part) -> set[str]:
    """What it may be; everything, if nothing is said."""
    every = {"string", "integer", "number", "boolean", "array", "object", "null"}
    said = part.get("type", every)
    kinds = {said} if isinstance(said, str) else set(said)
    return kinds | ({"integer"} if "number" in kinds else set())


def _said(part: Part) -> str:
    return " or ".join(sorted(_kinds(part)))


def _bounds(place: str, reader: Part, writer: Part) -> Iterator[str]:
    """What is written stays within what is read."""
    for name in MOST:
        if name in reader and writer.get(name, float("inf")) > reader[name]:
            yield f"{place}: {name} is {writer.get(name, 'none')}, {reader[name]} is read"
    for name in LEAST:
        if name in reader and writer.get(name, 0 if name != "minimum" else float("-inf")) < reader[name]:
            yield f"{place}: {name} is {writer.get(name, 'none')}, {reader[name]} is read"
    if "pattern" in reader and writer.get("pattern") != reader["pattern"]:
        yield f"{place}: the pattern is another one"
    wanted, given = _words(reader), _words(writer)
    if wanted is not None and (given is None or not given <= wanted):
        yield f"{place}: its words are others"


def _words(part: Part) -> set[str] | None:
    if "const" in part:
        return {str(part["const"])}
    return {str(one) for one in part["enum"]} if "enum" in part else None

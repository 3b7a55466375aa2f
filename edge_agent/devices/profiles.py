"""Device profiles: one TOML a model in `firmware_configs/`, read strictly; a wrong key names the nearest right one."""

import difflib
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_agent.errors import BadInput, NotKnown
from edge_agent.rules.fiscal_profile import PLACES, FiscalProfile
from edge_agent.rules.paper import Drawer, PrinterProfile
from edge_agent.rules.scale import ScaleProfile


@dataclass(frozen=True)
class ScannerProfile:
    """One scanner model: how it is read (`serial`, `input` or `wedge`) and how it marks the end of a code."""

    model: str
    kind: str
    baud: int = 9600
    grab: bool = True
    prefix: str = ""
    silence_ms: int = 0


@dataclass(frozen=True)
class SerialSettings:
    """A printer's serial side."""

    baud: int = 9600
    rtscts: bool = False


SENSORS = {"none": None, "high": True, "low": False}
"""A drawer's sensor by its level when the drawer is open."""


def models(configs: Path, kind: str) -> tuple[str, ...]:
    """The models that have a profile; `kind` is `printers`, `scanners`, `scales` or `fiscal`."""
    return tuple(sorted(path.stem for path in (configs / kind).glob("*.toml")))


def printer_profile(configs: Path, model: str) -> PrinterProfile:
    """The printer's profile; NotKnown names the nearest model, BadInput the key that is off."""
    table = _Table.read(configs, "printers", model)
    width, pages, can = table.table("width"), table.table("code_pages"), table.table("can")
    profile = PrinterProfile(
        model=model,
        columns=width.number("columns", lowest=24, most=64),
        dots=width.number("dots", lowest=128, most=1024),
        code_pages=_pages(pages),
        cutter=can.flag("cut"),
        qr=can.flag("qr"),
        answers=can.flag("answer"),
        feed=table.number("feed_lines", lowest=0, most=20),
        drawer=_drawer(table),
    )
    table.number("baud", 9600, lowest=1200, most=921_600)
    table.flag("rtscts", default=False)
    table.text("note", "")
    for part in (table, width, can):
        part.refuse_the_rest()
    return profile


def printer_serial(configs: Path, model: str) -> SerialSettings:
    """How the printer's serial port is set."""
    table = _Table.read(configs, "printers", model)
    return SerialSettings(table.number("baud", 9600, lowest=1200, most=921_600), table.flag("rtscts", default=False))


def scanner_profile(configs: Path, model: str) -> ScannerProfile:
    """The scanner's profile; NotKnown names the nearest model, BadInput the key that is off."""
    table = _Table.read(configs, "scanners", model)
    profile = ScannerProfile(
        model=model,
        kind=table.one_of("kind", ("serial", "input", "wedge")),
        baud=table.number("baud", 9600, lowest=1200, most=921_600),
        grab=table.flag("grab", default=True),
        prefix=table.text("prefix", "", most=1),
        silence_ms=table.number("silence_ms", 0, lowest=0, most=5000),
    )
    table.text("note", "")
    table.refuse_the_rest()
    return profile


def scale_profile(configs: Path, model: str) -> ScaleProfile:
    """The scale's profile; NotKnown names the nearest model, BadInput the key that is off."""
    table = _Table.read(configs, "scales", model)
    table.one_of("protocol", ("toledo-8217",))
    baud, unit = table.number("baud", 9600, lowest=1200, most=115_200), table.text("unit", "kg", most=8)
    even = table.one_of("parity", ("even", "none")) == "even"
    table.text("note", "")
    table.refuse_the_rest()
    return ScaleProfile(model, baud, even, unit)


def fiscal_profile(configs: Path, model: str) -> FiscalProfile:
    """The fiscal device's profile; NotKnown names the nearest model, BadInput the key that is off."""
    table = _Table.read(configs, "fiscal", model)
    table.one_of("wire", ("json-lines",))
    profile = FiscalProfile(
        model=model,
        answer_s=table.number("answer_ms", 2000, lowest=100, most=10_000) / 1000,
        rates=table.numbers("rates", PLACES, lowest=0, most=10_000),
        qr=table.flag("qr", default=True),
    )
    table.text("note", "")
    table.refuse_the_rest()
    return profile


def _pages(table: "_Table") -> tuple[tuple[str, int], ...]:
    pages = tuple((codec, table.number(codec, lowest=0, most=255)) for codec in table.names)
    for codec, _ in pages:
        if not _one_byte(codec):
            raise BadInput(f"{table.where}: {codec!r} is not a one-byte code page that Python knows")
    if not pages:
        raise BadInput(f"{table.where}: a printer has at least one code page")
    return pages


def _one_byte(codec: str) -> bool:
    """Whether each sign of the codec is one byte, ASCII as itself: else a letter's second byte could be a command."""
    try:
        probes = [letter.encode(codec, "ignore") for letter in "\u00e9\u042f\u65e5\u4e2d\ud55c"]
        return "A".encode(codec) == b"A" and all(len(probe) <= 1 for probe in probes)
    except (LookupError, UnicodeError):
        return False


def _drawer(table: "_Table") -> Drawer | None:
    drawer = table.table("drawer", {})
    if not drawer.names:
        return None
    made = Drawer(
        pin=drawer.number("pin", 2, lowest=2, most=5),
        on_ms=drawer.number("on_ms", 50, lowest=2, most=510),
        off_ms=drawer.number("off_ms", 250, lowest=2, most=510),
        opens_high=SENSORS[drawer.one_of("sensor", SENSORS, "none")],
        open_s=drawer.number("open_s", 120, lowest=5, most=3600),
    )
    if made.pin not in {2, 5}:
        raise BadInput(f"{drawer.where}: pin is 2 or 5")
    drawer.refuse_the_rest()
    return made


class _Table:
    """A TOML table that knows where it stands and which of its keys were asked for."""

    def __init__(self, where: str, values: Mapping[str, Any]) -> None:
        self.where = where
        self._values = values
        self._asked: list[str] = []

    @classmethod
    def read(cls, configs: Path, kind: str, model: str) -> "_Table":
        known = models(configs, kind)
        if model not in known:
            raise NotKnown(f"no profile {model!r} in {kind}{_nearest(model, known)}; there are: {', '.join(known)}")
        path = configs / kind / f"{model}.toml"
        try:
            return cls(f"{kind}/{model}.toml", tomllib.loads(path.read_text("utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
            raise BadInput(f"{kind}/{model}.toml: {broken}") from broken

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._values)

    def table(self, key: str, default: dict[str, Any] | None = None) -> "_Table":
        values = self._get(key, default)
        if not isinstance(values, dict):
            raise self._off(key, "a table")
        return _Table(f"{self.where} [{key}]", values)

    def number(self, key: str, default: int | None = None, *, lowest: int, most: int) -> int:
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= most:
            raise self._off(key, f"a whole number from {lowest} to {most}")
        return value

    def numbers(self, key: str, many: int, *, lowest: int, most: int) -> tuple[int, ...]:
        values = self._get(key, None)
        right = isinstance(values, list) and len(values) == many and all(type(one) is int for one in values)
        if not right or not all(lowest <= one <= most for one in values):
            raise self._off(key, f"a list of {many} whole numbers from {lowest} to {most}")
        return tuple(values)

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        value = self._get(key, default)
        if not isinstance(value, bool):
            raise self._off(key, "true or false")
        return value

    def text(self, key: str, default: str | None = None, *, most: int = 500) -> str:
        value = self._get(key, default)
        if not isinstance(value, str) or len(value) > most:
            raise self._off(key, f"a text of up to {most} signs")
        return value

    def one_of(self, key: str, words: Collection[str], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in words:
            raise self._off(key, " or ".join(words))
        return value

    def refuse_the_rest(self) -> None:
        """BadInput for the first key that nobody asked for."""
        for key in self._values:
            if key not in self._asked:
                raise BadInput(f"{self.where}: {key!r} is no key here{_nearest(key, self._asked)}")

    def _get(self, key: str, default: Any) -> Any:
        self._asked.append(key)
        if key in self._values:
            return self._values[key]
        if default is None:
            meant = difflib.get_close_matches(key, [have for have in self._values if have not in self._asked], 1)
            raise BadInput(f"{self.where}: {key!r} is missing" + (f" (is {meant[0]!r} meant?)" if meant else ""))
        return default

    def _off(self, key: str, wanted: str) -> BadInput:
        return BadInput(f"{self.where}: {key!r} is {wanted}")


def _nearest(word: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(word, list(known), 1, 0.5)
    return f" (nearest: {close[0]!r})" if close else ""

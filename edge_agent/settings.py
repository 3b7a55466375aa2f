"""A till's settings: read once from `settings.toml`; unknown keys are refused with the nearest right one."""

import contextlib
import difflib
import os
import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from edge_agent.errors import BadInput
from edge_agent.rules.opening import other_day, span
from edge_agent.rules.rights import Rights

FILE = "settings.toml"
LAST_GOOD = "settings.last_good.toml"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class TillSettings:
    """What this till is called, and who stands at it: a person's id (see the command `people`), or just a name."""

    name: str = "Till 1"
    staff: str = ""


@dataclass(frozen=True)
class ShopSettings:
    """The shop until it is paired; afterwards the cloud's word holds. Hours as "07:00-22:00" or "closed"."""

    name: str = "My shop"
    address: tuple[str, ...] = ()
    vat_number: str = ""
    language: str = "en"
    """What screen and paper speak: en or de."""
    currency: str = "GBP"
    symbol: str = "£"
    decimals: int = 2
    zone: str = "Europe/London"
    mon: str = "09:00-18:00"
    tue: str = "09:00-18:00"
    wed: str = "09:00-18:00"
    thu: str = "09:00-18:00"
    fri: str = "09:00-18:00"
    sat: str = "09:00-18:00"
    sun: str = "closed"
    day_closes: str = "04:00"
    receipt_words: tuple[str, ...] = ()
    reorder_floor: int = 90
    """The service that the owner asks for, in percent."""
    cash_step: int = 1
    """The smallest amount of cash, in minor units: 5 rounds to 0.05."""
    tax_exclusive: bool = False
    """Prices are without tax, which comes on top of each receipt."""
    other_hours: tuple[str, ...] = ()
    """Single days: "2026-12-24 09:00-14:00", "2026-12-25 closed"."""
    week_budget: int = 0
    """What all orders of seven days may cost together, in minor units; 0: no limit."""


@dataclass(frozen=True)
class ScannerSettings:
    """`model` names a file in firmware_configs/scanners; `port` a serial or input device (a wedge has none); `inside`
    says where labels of a scale carry price or weight: rows such as 21IIIIIPPPPPC (see docs/installer.md)."""

    model: str = "generic-wedge"
    port: str = ""
    inside: tuple[str, ...] = ()


@dataclass(frozen=True)
class PrinterSettings:
    """`model` names a file in firmware_configs/printers; `wire` is tcp, serial, usb, file or none."""

    model: str = "generic-80mm"
    wire: str = "none"
    address: str = ""


@dataclass(frozen=True)
class CardSettings:
    """`terminal` is `beside` (its answer is keyed in) or `simulated` (for practice)."""

    terminal: str = "beside"


@dataclass(frozen=True)
class ScaleSettings:
    """`model` names a file in firmware_configs/scales (empty: weights are typed); `port` is its serial device."""

    model: str = ""
    port: str = ""


@dataclass(frozen=True)
class FiscalSettings:
    """`model` names a file in firmware_configs/fiscal (empty: no fiscal device); `address` is its host:port."""

    model: str = ""
    address: str = ""


@dataclass(frozen=True)
class RefundSettings:
    """What is given back without a receipt, at most, in minor units: at once, and on one day (0: nothing)."""

    without_receipt: int = 5000
    without_receipt_a_day: int = 20000


@dataclass(frozen=True)
class GiftSettings:
    """`a_day` is what may be paid with one gift card or one customer's points on a day, beyond what this till put onto
    it, while the cloud has not just told what is on it; in minor units (0: nothing)."""

    a_day: int = 2000


@dataclass(frozen=True)
class PointsSettings:
    """Points for each whole unit of money that a customer pays for goods, deposits apart (0: none); what a point is
    worth when it pays, in minor units (0: points cannot pay)."""

    a_unit: int = 0
    worth: int = 0


@dataclass(frozen=True)
class SamplesSettings:
    """A sample's code takes `percent` off one purchase within `days` (0 percent: no code is printed). `dial` takes the
    place of a leading 0 in a number. `wording` is read to whoever is asked for a number, its version goes into the
    record; the texts of day 0, 3 and 7 may say {shop}, {item}, {code}, {percent} and {until}. `gateway` is the address
    of a program that sends them (empty: they go into a file)."""

    percent: int = 10
    days: int = 14
    dial: str = "+44"
    wording: str = "May we text you three times this week about this sample? You may say stop at any time."
    wording_version: str = "1"
    text_0: str = "{shop}: how do you like {item}? {percent} off with code {code} until {until}. Reply STOP to end."
    text_3: str = "{shop}: {percent} off {item} and more with code {code} until {until}. Reply STOP to end."
    text_7: str = "{shop}: your code {code} takes {percent} off until {until}. Reply STOP to end."
    gateway: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.percent <= 100 or not 1 <= self.days <= 366 or not self.wording_version:
            raise BadInput("[samples] takes 0 to 100 percent, 1 to 366 days, and a wording_version")


@dataclass(frozen=True)
class PeopleSettings:
    """`lock_minutes` without a key lock the till (0: never) where people sign on; `switch` says what becomes of an open
    sale when somebody else signs on: it `goes_on`, or is put on `hold`."""

    lock_minutes: int = 10
    switch: str = "goes_on"

    def __post_init__(self) -> None:
        if self.switch not in ("goes_on", "hold"):
            raise BadInput(f"switch in [people] is {self.switch!r}; it should be 'goes_on' or 'hold'")


@dataclass(frozen=True)
class Settings:
    """Everything the installer can set; `said` is what to tell when the file could not be used."""

    till: TillSettings = field(default_factory=TillSettings)
    shop: ShopSettings = field(default_factory=ShopSettings)
    scanner: ScannerSettings = field(default_factory=ScannerSettings)
    printer: PrinterSettings = field(default_factory=PrinterSettings)
    card: CardSettings = field(default_factory=CardSettings)
    scale: ScaleSettings = field(default_factory=ScaleSettings)
    fiscal: FiscalSettings = field(default_factory=FiscalSettings)
    refund: RefundSettings = field(default_factory=RefundSettings)
    gift: GiftSettings = field(default_factory=GiftSettings)
    points: PointsSettings = field(default_factory=PointsSettings)
    samples: SamplesSettings = field(default_factory=SamplesSettings)
    people: PeopleSettings = field(default_factory=PeopleSettings)
    rights: Rights = field(default_factory=Rights)
    said: str = ""


SECTIONS: dict[str, type] = {
    "till": TillSettings,
    "shop": ShopSettings,
    "scanner": ScannerSettings,
    "printer": PrinterSettings,
    "card": CardSettings,
    "scale": ScaleSettings,
    "fiscal": FiscalSettings,
    "refund": RefundSettings,
    "gift": GiftSettings,
    "points": PointsSettings,
    "samples": SamplesSettings,
    "people": PeopleSettings,
    "rights": Rights,
}


def default_folder() -> Path:
    """The data folder when none is named: `DROPSHELF_DATA`, else under the user's home."""
    return Path(os.environ.get("DROPSHELF_DATA") or Path.home() / ".local" / "share" / "dropshelf")


def parse(text: str, file: str = FILE) -> Settings:
    """Settings from TOML; BadInput names the key and the nearest right one."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{file}: {error}") from None
    parts = {name: _section(file, name, table) for name, table in tables.items()}
    return Settings(**parts)


def _section(file: str, name: str, table: Any) -> Any:
    if name not in SECTIONS:
        raise BadInput(f"{file}: [{name}] is not known{_nearest(name, SECTIONS)}")
    if not isinstance(table, dict):
        raise BadInput(f"{file}: [{name}] is a table")
    kind = SECTIONS[name]
    known = {one.name: one for one in fields(kind)}
    values = {key: _value(file, name, key, value, known) for key, value in table.items()}
    return kind(**values)


def _value(file: str, section: str, key: str, value: Any, known: dict[str, Any]) -> Any:
    if key not in known:
        raise BadInput(f"{file}: {key} in [{section}] is not known{_nearest(key, known)}")
    wanted = type(known[key].default)
    value = tuple(value) if wanted is tuple and isinstance(value, list) else value
    if type(value) is not wanted or (wanted is tuple and not all(isinstance(word, str) for word in value)):
        raise BadInput(f"{file}: {key} in [{section}] is {value!r}; it should be like {known[key].default!r}")
    return value


def _nearest(word: str, known: Any) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known)}"


def load(folder: Path) -> Settings:
    """The folder's settings. A mistyped file never stops a sale: the last good copy is used, and said."""
    file, good = folder / FILE, folder / LAST_GOOD
    if not file.exists():
        return Settings()
    text = file.read_text(encoding="utf-8")
    try:
        settings = parse(text)
    except BadInput as error:
        return _last_good(good, error)
    with contextlib.suppress(OSError):  # a full disk does not stop the till
        if not good.exists() or good.read_text(encoding="utf-8") != text:
            good.write_text(text, encoding="utf-8")
    return settings


def _last_good(good: Path, error: BadInput) -> Settings:
    used = parse(good.read_text(encoding="utf-8"), good.name) if good.exists() else Settings()
    words = "the last good copy is used" if good.exists() else "the defaults are used"
    return replace(used, said=f"{error.message}; {words}")


def hours(shop: ShopSettings) -> tuple[tuple[int, int] | None, ...]:
    """Opening hours by weekday, Monday first, as minutes; BadInput names the day."""
    return tuple(span(getattr(shop, day), day) for day in WEEKDAYS)


def other_hours(shop: ShopSettings) -> tuple[tuple[int, int, int], ...]:
    """Hours of single days as (ordinal day, opens, closes); BadInput names the day."""
    return tuple(other_day(line) for line in shop.other_hours)

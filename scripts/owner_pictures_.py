"""Pictures of every page of the owner in each of its states, by the table of routes: a new page has to name its own."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from scripts.browser_ import Browser, browser
from scripts.owner_scene_ import Filled, bare, capped, filled, looked_round, many, printer_down, speaking

if TYPE_CHECKING:
    from tests.owner_shop import Scene

PHONE, SMALL, DESK = (390, 844), (320, 640), (1280, 800)
State = Literal["filled", "empty", "stale", "partial", "full", "capped", "down", "dark", "small", "german", "stranger"]
FULL: tuple[State, ...] = ("filled", "empty")
LIVE: tuple[State, ...] = ("filled", "empty", "stale", "partial")
NO_PAGES = ("/v1/", "/health/", "/metrics", "/assets/", "/live", "/q/")
"""What answers programs, and the line that stays open."""


@dataclass(frozen=True)
class Place:
    """A page: the states that it is pictured in, and its address in a scene (empty: its path)."""

    states: tuple[State, ...] = FULL
    address: Callable[[Filled], str] | None = None


PLACES: Mapping[str, Place] = {
    "/": Place((*LIVE, "full", "down", "dark", "small", "german")),
    "/orders": Place((*LIVE, "capped", "dark", "german")),
    "/orders/{key}": Place(
        ("filled", "stale", "full", "dark"), lambda all_: f"/orders/{all_.scene.order('north').order}"
    ),
    "/running-out": Place((*LIVE, "full", "dark", "small", "german")),
    "/takings": Place(LIVE),
    "/stock": Place((*LIVE, "full")),
    "/tasks": Place(),
    "/signals": Place(),
    "/suppliers": Place(),
    "/suppliers/terms": Place(("filled",), lambda _: "/suppliers/terms?supplier=north"),
    "/catalogue": Place((*FULL, "full", "dark")),
    "/catalogue/item": Place(FULL, lambda _: "/catalogue/item?sku=oat"),
    "/imports": Place(("filled",)),
    "/imports/{source}": Place(("filled", "dark"), lambda all_: all_.file),
    "/promotions": Place(),
    "/promotions/one": Place(("filled",), lambda _: "/promotions/one?promotion=oat2"),
    "/shop": Place(),
    "/alerts": Place(("filled", "empty", "stale", "down")),
    "/drops": Place(),
    "/drops/{drop}": Place(("filled", "dark"), lambda all_: all_.drop),
    "/cash": Place((*FULL, "dark", "german")),
    "/returns": Place(),
    "/vat": Place(),
    "/hubs": Place(),
    "/hubs/{hub}": Place(("filled",), lambda _: "/hubs/north-hub"),
    "/popups": Place(),
    "/popups/{popup}": Place(("filled",), lambda all_: all_.popup),
    "/samples": Place(),
    "/reservations": Place(),
    "/markets": Place(),
    "/d/{slug}": Place(("stranger", "dark"), lambda all_: all_.public),
    "/d/{slug}/{code}": Place(("stranger",), lambda all_: f"{all_.public}/{'0' * 16}"),
    "/before-after": Place(),
    "/experiment": Place(),
    "/devices": Place(("filled", "empty", "stale", "down")),
    "/audit": Place(),
    "/people": Place(),
    "/account": Place(("filled",)),
    "/password": Place(("filled",)),
    "/prove": Place(("filled",)),
    "/sign-in": Place(("stranger", "dark")),
    "/sign-in/code": Place(("stranger",)),
    "/invitation/{code}": Place(("stranger",), lambda all_: all_.invitation),
    "/answer/{tenant}/{key}/{seal}": Place(("stranger", "dark"), lambda all_: all_.answer),
}


@dataclass(frozen=True)
class Act:
    """Something that is done on a page, and what stands there afterwards: the fields of a form that is sent to `to`."""

    name: str
    page: str
    to: str
    fields: Mapping[str, str]
    until: str


def acts(all_: Filled) -> Sequence[Act]:
    """After an act, what was refused, and what somebody changed meanwhile."""
    north, bake = (f"/orders/{all_.scene.order(name).order}" for name in ("north", "bake"))
    item = "/catalogue/item?sku=oat"
    return (
        Act("order_changed_meanwhile", north, f"{north}/approve", {"version": "0.0.x"}, "main"),
        Act("order_after_approve", north, f"{north}/approve", {}, ".done"),
        Act("order_after_reject", bake, f"{bake}/reject", {"reason": "Too much"}, "main"),
        Act("item_refused", item, "/catalogue/item", {"price": "three"}, ".wrong"),
        Act("item_changed_meanwhile", item, "/catalogue/item", {"price": "1.90", "mark": "0" * 16}, ".wrong"),
        Act("item_saved", item, "/catalogue/item", {"price": "1.90"}, ".done"),
        Act("import_taken", all_.file, all_.file, {}, "main"),
        Act("cash_refused", "/cash", "/cash/entry", {"amount": "many"}, "main"),
        Act(
            "cash_entered", "/cash", "/cash/entry", {"kind": "bill", "amount": "12.00", "name": "Electricity"}, ".done"
        ),
        Act("drop_checked", all_.drop, f"{all_.drop}/checklist", {"name": "A lawyer looked at it"}, "main"),
        Act("drop_off", all_.drop, f"{all_.drop}/off", {}, "main"),
        Act("people_invited", "/people", "/people/invite", {"name": "Mia", "role": "reader"}, ".done"),
        Act("devices_code", "/devices", "/devices/code", {}, "main"),
        Act("alerts_hook_secret", "/alerts", "/alerts/hook", {"url": "https://example.org/hook"}, ".done"),
        Act("password_refused", "/password", "/password", {"password": "password1", "again": "password1"}, ".wrong"),
        Act("account_second", "/account", "/account/second/begin", {}, "main"),
    )


WITHIN_CAPS = Act("orders_within_caps", "/orders", "/orders/within-caps", {}, "#fates")


def slug(path: str) -> str:
    """A path as part of a file's name."""
    plain = path.strip("/").replace("/", "_").translate(str.maketrans("", "", "{}"))
    return plain or "today"


def owner_pages(folder: Path) -> None:
    """All of them, and each state of each."""
    with tempfile.TemporaryDirectory() as place, browser() as tab:
        for name in ("empty", "filled", "stale", "partial", "full", "capped", "down"):
            with scene_of(name, Path(place) / name) as all_:
                _states(tab, all_, name, folder)
                if name == "filled":
                    _german(tab, all_, folder)
                    _cut_off(tab, all_, folder)
                    _strangers(tab, all_, folder)
                    _acts(tab, all_, acts(all_), folder)
                if name == "capped":
                    _acts(tab, all_, (WITHIN_CAPS,), folder)


@contextmanager
def scene_of(name: str, folder: Path) -> Iterator[Filled]:
    """A shop without a till, one at work, one whose tills were not heard for three hours, one whose second is away, one
    with many goods, one in which an order is within its supplier's caps, and one whose printer is down."""
    from tests.cloud import serving
    from tests.owner_shop import Scene, at_work, opened, own_password
    from tests.shop import TUESDAY_14

    if name == "empty":
        with serving(folder) as cloud:
            own_password(cloud)
            yield bare(Scene(cloud, None, {}))  # type: ignore[arg-type]
        return
    if name == "full":
        with serving(folder) as cloud:
            scene = opened(cloud, many())
            yield bare(scene)
            scene.till.close()
        return
    with at_work(folder, away=name == "partial") as scene:
        all_ = filled(scene) if name == "filled" else bare(scene)
        if name == "capped":
            capped(scene)
        if name == "stale":
            scene.cloud.set_clock(TUESDAY_14 + 3 * 3_600_000)
            looked_round(scene)
        if name == "down":
            printer_down(scene)
        yield all_


def _sign_in(tab: Browser, scene: Scene) -> None:
    tab.forget()
    with scene.owner(remember="yes") as owner:
        tab.cookie(scene.cloud.url, "dropshelf", owner.cookies["dropshelf"])


def _states(tab: Browser, all_: Filled, name: str, folder: Path) -> None:
    _sign_in(tab, all_.scene)
    for path, place in PLACES.items():
        if name not in place.states:
            continue
        address = _address(all_, path, place) if name == "filled" else path
        if name != "filled" and place.address is not None:
            address = place.address(all_).partition("?")[0]
        _take(tab, all_, address, folder / f"owner_{slug(path)}_{name}_phone.png", PHONE)
        if name == "down":
            _take(tab, all_, address, folder / f"owner_{slug(path)}_down_dark_phone.png", PHONE, dark=True)
        if name != "filled":
            continue
        _take(tab, all_, address, folder / f"owner_{slug(path)}_filled_desk.png", DESK)
        if "dark" in place.states:
            _take(tab, all_, address, folder / f"owner_{slug(path)}_dark_phone.png", PHONE, dark=True)
        if "small" in place.states:
            _take(tab, all_, address, folder / f"owner_{slug(path)}_small.png", SMALL)
    if name == "filled":
        _take(tab, all_, "/nowhere", folder / "owner_error_phone.png", PHONE)


def _address(all_: Filled, path: str, place: Place) -> str:
    return place.address(all_) if place.address else path


def _german(tab: Browser, all_: Filled, folder: Path) -> None:
    with speaking(all_.scene, "de"):
        for path, place in PLACES.items():
            if "german" in place.states:
                _take(tab, all_, _address(all_, path, place), folder / f"owner_{slug(path)}_german_phone.png", PHONE)
                _take(tab, all_, _address(all_, path, place), folder / f"owner_{slug(path)}_german_small.png", SMALL)


def _cut_off(tab: Browser, all_: Filled, folder: Path) -> None:
    """What an owner sees whose network goes in the middle of a form, and of an open page."""
    for name, page in (("form", "/catalogue/item?sku=oat"), ("page", "/")):
        tab.screen(*PHONE, scale=1)
        tab.go(all_.scene.cloud.url + page)
        tab.offline(on=True)
        tab.tap(".bar .go" if name == "form" else "nav a")
        tab.comes("#said:not(:empty)")
        tab.picture(folder / f"owner_offline_{name}_phone.png")
        tab.offline(on=False)


def _strangers(tab: Browser, all_: Filled, folder: Path) -> None:
    tab.forget()
    for path, place in PLACES.items():
        if "stranger" in place.states:
            _take(tab, all_, _address(all_, path, place), folder / f"owner_{slug(path)}_phone.png", PHONE)
        if "stranger" in place.states and "dark" in place.states:
            _take(
                tab, all_, _address(all_, path, place), folder / f"owner_{slug(path)}_dark_phone.png", PHONE, dark=True
            )


def _acts(tab: Browser, all_: Filled, some: Sequence[Act], folder: Path) -> None:
    _sign_in(tab, all_.scene)
    for act in some:
        tab.screen(*PHONE, scale=1)
        done(tab, all_.scene.cloud.url, act)
        _picture(tab, folder / f"owner_act_{act.name}_phone.png", PHONE)


def done(tab: Browser, url: str, act: Act) -> None:
    """Do it, and wait for the page that comes of it."""
    tab.go(url + act.page)
    tab.says(SENDS % (json.dumps(act.to), json.dumps(dict(act.fields))))
    tab.comes(f"html:not(#before) {act.until}")
    tab.says(LOADED)


SENDS = """(() => {
  const to = %s, fields = %s;
  const form = [...document.forms].find((one) => one.getAttribute("action") === to && one.method === "post")
    ?? document.querySelector("main form[method=post]").cloneNode(true);
  form.noValidate = true;
  form.setAttribute("action", to);
  for (const [name, value] of Object.entries(fields)) {
    const held = form.querySelector(`[name="${name}"]`) ?? form.appendChild(document.createElement("input"));
    held.name = name;
    held.value = value;
  }
  document.body.append(form);
  document.documentElement.id = "before";
  HTMLFormElement.prototype.submit.call(form);
})()"""
"""Sends the page's own form to an address with some fields otherwise, as a browser without the script would."""
LOADED = "document.readyState === 'complete' || new Promise((done) => addEventListener('load', () => done(true)))"


def _take(tab: Browser, all_: Filled, address: str, file: Path, size: tuple[int, int], *, dark: bool = False) -> None:
    tab.screen(*size, dark=dark, scale=1)
    tab.go(all_.scene.cloud.url + address)
    _picture(tab, file, size, dark=dark)


def _picture(tab: Browser, file: Path, size: tuple[int, int], *, dark: bool = False) -> None:
    """On a screen as high as the page, so that what sticks to its foot hides nothing."""
    tab.screen(size[0], max(size[1], int(tab.says("document.documentElement.scrollHeight"))), dark=dark, scale=1)
    tab.picture(file)

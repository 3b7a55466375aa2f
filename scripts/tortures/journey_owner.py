"""The owner of the row `journey`, in a real Chromium on a phone: signs in, decides, answers, and reads the stock."""

from collections.abc import Callable
from decimal import Decimal
from typing import Literal

from scripts.browser_ import Browser
from scripts.tortures.journey_shop import EMAIL, PASSWORD, JourneyShop

How = Literal["approve", "edit", "reject"]
OPEN = "form[action$='/approve'] .bar"


class OwnersHand:
    """What the owner does; each act is the same with a script and without."""

    def __init__(self, tab: Browser, shop: JourneyShop) -> None:
        self._tab, self._shop = tab, shop

    def signs_in(self) -> None:
        """On a new phone, with password and authenticator; it is remembered."""
        tab = self._tab
        tab.forget()
        tab.go(self._shop.url + "/sign-in")
        self._types(email=EMAIL, password=PASSWORD)
        tab.tap("[name=remember]")
        tab.tap(".go")
        tab.comes("#code")
        self._types(code=self._shop.code())
        tab.tap(".go")
        tab.comes("#tills")

    def sees_the_day(self) -> str:
        """The first page."""
        self._tab.go(self._shop.url + "/")
        return str(self._tab.says("document.querySelector('main').innerText"))

    def waiting(self) -> list[str]:
        """The orders that wait for a word, as the inbox lists them."""
        self._tab.go(self._shop.url + "/orders")
        links = self._tab.says("[...document.querySelectorAll('section[aria-labelledby=open] a.row')].map(a => a.href)")
        return [str(link).rpartition("/")[2] for link in links]

    def decides(self, order: str, how: How, meanwhile: Callable[[], bool]) -> None:
        """Until the order is decided. `meanwhile` happens right after the tap; True when the page's answer was lost."""
        tab = self._tab
        self._opens(order)
        while tab.says(f'document.querySelector("{OPEN}") !== null'):
            if how == "edit":
                tab.tap(".line [name=more]")
                tab.comes("[data-shows=edited]:not([hidden])")
            if how == "reject":
                tab.tap(".no summary")
            tab.tap(".reasons button" if how == "reject" else f"{OPEN} .go")
            if meanwhile():
                self._opens(order)
            else:
                self._proves(".done")

    def _opens(self, order: str) -> None:
        self._tab.go(f"{self._shop.url}/orders/{order}")

    def answers(self, order: str) -> None:
        """What nobody knows, or what surely did not leave: the owner asks the supplier and says so."""
        self._opens(order)
        word = "arrived" if self._shop.copies(order) else "missing"
        unsure = self._tab.says("document.querySelector('[name=word][value=missing]') !== null")
        self._tab.tap(f"[name=word][value={word if unsure else 'again'}]")
        self._proves("main:not(:has([name=word])):not(:has(#proof))")

    def stock(self) -> dict[str, int]:
        """What the page says is on the shelf: {item's name: milli-units}."""
        self._tab.go(self._shop.url + "/stock")
        cells = "[r.cells[0].innerText, r.cells[1].innerText]"
        look = f"[...document.querySelectorAll('table.stock tbody tr')].map(r => {cells})"
        rows = self._tab.says(look)
        return {name: int(Decimal(left.split()[0].replace("\u2212", "-")) * 1000) for name, left in rows}

    def _proves(self, outcome: str) -> None:
        """Answer with a code when the page asks who it is, and wait for what comes of the act."""
        self._tab.comes(f"#proof, {outcome}")
        if self._tab.says("document.querySelector('#proof') !== null"):
            self._types(proof=self._shop.code())
            self._shop.done["proofs"] += 1
            self._tab.tap("main .go")
            self._tab.comes(outcome)

    def _types(self, **given: str) -> None:
        for field, value in given.items():
            self._tab.says(f"document.getElementById({field!r}).value = {value!r}")

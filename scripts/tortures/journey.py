"""An owner's whole journey in a real browser while servers fail and cloud and till are restarted: once each."""

import random
import time
from pathlib import Path

from cloud_sync.accounts.rights import PROOF_MS
from scripts.browser_ import Browser, browser
from scripts.hook_ import hook
from scripts.smtp_ import mailbox
from scripts.tortures import Report
from scripts.tortures.journey_owner import How, OwnersHand
from scripts.tortures.journey_shop import OPENS, Decided, JourneyShop
from scripts.tortures.lives import prepare

SUMMARY = (
    "In a real browser, with script and without: orders made offline are approved, edited and rejected, arrive once by "
    "e-mail or webhook through failures and restarts, are received at the till, and the stock changes."
)
FULL = {"faults": 200, "suppliers": 10}
SHORT = {"faults": 4, "suppliers": 3}
CUT_S = 0.25
"""A cloud is killed at any moment of so many seconds after the owner's tap."""
ENDS: dict[How | None, tuple[str, ...]] = {
    "approve": ("received",),
    "edit": ("received",),
    "reject": ("rejected",),
    None: ("withdrawn", "expired", "proposed", "held"),
}
"""What becomes of an order by what the owner did; None: taken back by the till, or made after the last look."""
LEAST_DAYS, MOST_DAYS = 2, 60
HOWS: tuple[How, ...] = ("approve", "edit", "reject", "edit", "approve")


class _Journey:
    """Day after day; every second one is without script."""

    def __init__(self, shop: JourneyShop, tab: Browser, faults: int) -> None:
        self.shop, self.tab, self.faults = shop, tab, faults
        self.owner, self.wrong = OwnersHand(tab, shop), list[str]()
        self.decided: dict[str, How] = {}
        self.chance = random.Random(shop.chance.getrandbits(32))

    def day(self, number: int) -> None:
        """The till sells offline, comes back, the owner decides, suppliers fail and heal, goods come next morning."""
        shop, script = self.shop, number % 2 == 0
        self.tab.script(on=script)
        shop.at(number, OPENS)
        self._offline(number)
        self._seen(number)
        shop.fails(self.faults)
        shop.later(PROOF_MS)
        for order in self.owner.waiting():
            self._decides(order, HOWS[len(self.decided) % len(HOWS)])
        self._post()
        self._morning(number + 1)
        shop.done["with script" if script else "without script"] += 1

    def _offline(self, number: int) -> None:
        shop = self.shop
        shop.goes_offline()
        made = shop.sells(number)
        if not made:
            self.wrong.append(f"day {number}: the till made no order")
        if self._strikes(0.5):
            shop.till_restarted()
        shop.comes_online()
        known = lambda: set(made) <= set(shop.orders())  # noqa: E731
        shop.wait(known, "the cloud knows the orders that were made offline")

    def _seen(self, number: int) -> None:
        if number < LEAST_DAYS:
            self.owner.signs_in()
        if "to approve" not in self.owner.sees_the_day():
            self.wrong.append(f"day {number}: the first page does not say what waits")

    def _decides(self, order: str, how: How) -> None:
        self.shop.later(60_000)
        self.owner.decides(order, how, self._meanwhile)
        self.decided[order] = how
        self.shop.done[how] += 1

    def _meanwhile(self) -> bool:
        if not self._strikes(0.4):
            return False
        time.sleep(self.chance.uniform(0, CUT_S))
        self.shop.cloud_killed()
        return True

    def _strikes(self, odds: float) -> bool:
        return self.shop.faults() < self.faults and self.chance.random() < odds

    def _post(self) -> None:
        """Until everything has left; the owner is asked about what nobody knows."""
        while True:
            self.shop.in_peace()
            left = self.shop.messages("failed", "unsure")
            if not left:
                return
            for one in left:
                self.shop.done["asked"] += one.state == "unsure"
                self.owner.answers(one.order)

    def _morning(self, number: int) -> None:
        """What was sent comes, and the owner sees it on the shelf."""
        shop = self.shop
        shop.comes_online()
        shop.at(number, OPENS)
        shop.wait(self._till_knows, "the till knows what was sent")
        before, came = self.owner.stock(), shop.receives()
        shop.comes_online()
        named = {f"Good {sku[1:]}": sku for sku in shop.suppliers}
        wanted = {name: left + came.get(named[name], 0) for name, left in before.items()}
        shop.wait(lambda: self.owner.stock() == wanted, f"the page of day {number} says what came: {came}")
        held = {name: shop.till.reading.stock(sku).on_hand for name, sku in named.items()}
        if wanted != held:
            self.wrong.append(f"day {number}: the page says {wanted}, the till has {held}")

    def _till_knows(self) -> bool:
        shop = self.shop
        if shop.sync is not None:
            shop.sync.wake()
        sent = {order for order, one in shop.orders().items() if one.state == "sent"}
        return sent <= {order.key for order in shop.till.reading.orders(("sent",))}

    def judged(self) -> list[str]:
        """What arrived against what the owner decided, and the till's books against the cloud's."""
        arrived, wrong = self.shop.arrived(), self.wrong
        for key, order in self.shop.orders().items():
            copies, how = [one for one in arrived if one.order == key], self.decided.get(key)
            if len(copies) != int(how in ("approve", "edit")):
                wrong.append(f"order {key[:8]} ({how}, {order.state}) arrived {len(copies)} times")
            if any(one.packs != order.approved for one in copies) or (how == "edit") != _is_edited(order):
                wrong.append(f"order {key[:8]} ({how}) arrived as {copies}, and is {order}")
            if order.state not in ENDS[how]:
                wrong.append(f"order {key[:8]} ({how}) is {order.state} in the end")
        lost, doubled = self.shop.lost_and_doubled()
        if lost or doubled:
            wrong.append(f"{lost} events lost, {doubled} doubled")
        return wrong


def _is_edited(order: Decided) -> bool:
    return bool(order.approved) and order.approved != order.proposed


def run(folder: Path, *, seed: int, faults: int, suppliers: int, forgets: int = 0) -> Report:
    """Days until so many things went wrong, two at least. `forgets` plants the fault that the rig must find: a postman
    that takes no answer for no."""
    prepare("scripts.tortures.journey_cloud")
    with mailbox() as mail, hook() as receiver, browser() as tab:
        tab.screen(390, 844)
        shop = JourneyShop(folder, f"{seed}", suppliers, (mail, receiver), forgets=forgets)
        try:
            journey = _Journey(shop, tab, faults)
            days = 0
            while days < LEAST_DAYS or (shop.faults() < faults and days < MOST_DAYS):
                journey.day(days)
                days += 1
            wrong = journey.judged()
            return Report(ok=not wrong, lines=[*_lines(journey, days), *wrong[:10]])
        finally:
            shop.close()


def _lines(journey: _Journey, days: int) -> list[str]:
    shop = journey.shop
    done, arrived = shop.done, [one.order for one in shop.arrived()]
    due = {order for order, how in journey.decided.items() if how != "reject"}
    return [
        f"{days} days ({done['with script']} with script, {done['without script']} without), "
        f"{len(journey.decided)} orders made offline: {done['approve']} approved, {done['edit']} edited, "
        f"{done['reject']} rejected; {done['proofs']} codes asked for",
        f"{shop.faults()} failures: {done['mail']} of the mail server, {done['webhook']} of the webhook, "
        f"{done['killed']} clouds killed, {done['tills']} tills restarted; the owner asked about {done['asked']}",
        f"{len(set(arrived))} orders arrived, {len(arrived) - len(set(arrived))} of them twice, "
        f"{len(due - set(arrived))} lost; {done['received']} received at the till",
    ]

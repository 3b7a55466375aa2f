"""Practice: a till in a folder of its own, with the shop's goods and none of its money; marked, and never synced."""

import contextlib
import shutil
from dataclasses import replace

from edge_agent.devices.printer import Printer
from edge_agent.fittings import NoPrinter
from edge_agent.journal.log import Draft
from edge_agent.opening import OpenTill
from edge_agent.rules import escpos
from edge_agent.rules.row import Row, as_bytes
from edge_agent.rules.tongue import say_in
from edge_agent.settings import FiscalSettings, ScaleSettings
from edge_agent.wire.envelope import Contract

FOLDER = "training"
SALE = "sale_completed"
AT_ONCE = 1_000
"""So many items are recorded in one act."""


class PracticePrinter(NoPrinter):
    """The shop's own printer for practice: everything is marked above and below, and the drawer stays shut."""

    def __init__(self, printer: Printer | NoPrinter, language: str) -> None:
        self._printer, self.profile, self._language = printer, printer.profile, language

    def print_job(self, job_id: str, data: bytes) -> None:
        profile, word = self.profile, say_in(self._language, "PRACTICE")
        ends = escpos.feed(profile.feed) + (escpos.cut() if profile.cutter else b"")
        mark = as_bytes((Row(word, centred=True, bold=True, big=True),), profile)
        told = as_bytes((Row(say_in(self._language, "not a receipt: nothing was sold"), centred=True),), profile)
        self._printer.print_job(f"{FOLDER}-{job_id}", mark + told + data.removesuffix(ends) + mark + ends)


def open_practice(real: OpenTill) -> OpenTill:
    """A till to practise at beside the real one, whose goods, prices, promotions and people it has. Slow with many
    items: not on the screen's thread."""
    folder = real.data / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    with real.journal.reading() as memory:
        shop = memory.shop()
        goods: list[Contract] = [*([shop] if shop else []), *memory.suppliers().values()]
        goods += [*memory.promotions().values(), *memory.items()]
    language = shop.language if shop else "en"
    printer = PracticePrinter(real.printer, language)
    named = replace(real.settings.till, name=f"{real.settings.till.name} {say_in(language, 'PRACTICE')}")
    till = OpenTill(
        folder,
        real.clock,
        replace(real.settings, till=named, fiscal=FiscalSettings(), scale=ScaleSettings()),
        practice=(printer, real.people),
    )
    real.when_closed(till.close)
    for first in range(0, len(goods), AT_ONCE):
        _record(till, goods[first : first + AT_ONCE])
    return till


def _record(till: OpenTill, goods: list[Contract]) -> None:
    till.journal.record(lambda _: [Draft(body) for body in goods]).result()


def end_practice(till: OpenTill) -> int:
    """Close it and throw it away; returns how many sales were practised."""
    sales = sum(1 for event in till.reading.newest(f'"{SALE}"') if event.kind == SALE)
    till.close()
    with contextlib.suppress(OSError):
        shutil.rmtree(till.data)
    return sales

"""The files of a drop that is over: VAT by rate, invoices, postings."""

from collections.abc import Sequence

from cloud_sync.creators import due_on
from cloud_sync.drop_books import DropBooks
from cloud_sync.pages.files import csv_text
from cloud_sync.pages.shown import Shown
from cloud_sync.pages.vat import HEADS, journal_rows
from edge_agent.rules.books import of_shares
from edge_agent.rules.creators import Owed
from edge_agent.rules.money import percent
from edge_agent.wire.events.drops import DropSet

HEAD = ("drop", "creator", "variant", "share", "sold", "back", "owed", "due")


def files_of(here: Shown, drop: DropSet, books: DropBooks, creators: Sequence[Owed]) -> dict[str, str]:
    """{name: CSV}."""
    vat: list[list[str | int]] = [
        [percent(one.rate).removesuffix(" %"), here.bare(one.gross), here.bare(one.gross - one.tax), here.bare(one.tax)]
        for one in books.rates
    ]
    made: list[list[str | int]] = [
        [one.number, here.date_iso(one.day), one.receipt, one.credits or "", here.bare(one.gross), here.bare(one.tax)]
        for one in books.invoices
    ]
    day = here.day_of(drop.end)
    postings = [*books.postings, *of_shares(day, drop.name, sum(one.amount for one in creators))]
    own = {"creators.csv": csv_text(HEAD, rows_of(here, drop, creators))} if creators else {}
    return own | {
        "vat.csv": csv_text(["vat_rate", "gross", "net", "vat"], vat),
        "invoices.csv": csv_text(["invoice", "date", "receipt", "credits", "gross", "vat"], made),
        "journal.csv": csv_text(HEADS["journal.csv"], journal_rows(here, postings)),
    }


def rows_of(here: Shown, drop: DropSet, creators: Sequence[Owed]) -> list[list[str | int]]:
    """A row a creator: of what was sold less what came back so much, and when it is due."""
    due = here.date_iso(due_on(drop, here.zone))
    return [
        [drop.name, one.creator.name, one.creator.sku, percent(one.creator.share).removesuffix(" %"),
         here.bare(one.sold), here.bare(one.back), here.bare(one.amount), due]
        for one in creators
    ]  # fmt: skip

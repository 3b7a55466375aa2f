"""The files of a drop that is over: VAT by rate, invoices, postings."""

from cloud_sync.drop_books import DropBooks
from cloud_sync.pages.files import csv_text
from cloud_sync.pages.shown import Shown
from cloud_sync.pages.vat import HEADS, journal_rows
from edge_agent.rules.money import percent


def files_of(here: Shown, books: DropBooks) -> dict[str, str]:
    """{name: CSV}."""
    vat: list[list[str | int]] = [
        [percent(one.rate).removesuffix(" %"), here.bare(one.gross), here.bare(one.gross - one.tax), here.bare(one.tax)]
        for one in books.rates
    ]
    made: list[list[str | int]] = [
        [one.number, here.date_iso(one.day), one.receipt, one.credits or "", here.bare(one.gross), here.bare(one.tax)]
        for one in books.invoices
    ]
    return {
        "vat.csv": csv_text(["vat_rate", "gross", "net", "vat"], vat),
        "invoices.csv": csv_text(["invoice", "date", "receipt", "credits", "gross", "vat"], made),
        "journal.csv": csv_text(HEADS["journal.csv"], journal_rows(here, list(books.postings))),
    }

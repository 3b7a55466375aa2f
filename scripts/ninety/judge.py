"""A week's end: journals, stock, takings, VAT, the account and the pages, each beside the books of the rig."""

import csv
import io
import sqlite3
import zipfile
from collections.abc import Iterator
from datetime import date

from cloud_sync.cash_past import closes
from edge_agent.rules.money import written
from scripts.ninety.books import Books, quarter_of
from scripts.ninety.shop import NinetyShop

ROWS = "SELECT seq, line FROM raw_event WHERE journal = ? ORDER BY seq"


def differences(shop: NinetyShop, books: Books, first: int, last: int) -> list[str]:
    """What is not equal at the end of ordinal day `last`; `first` is the first day of all."""
    shop.owner.away()
    found = [*_journals(shop), *_stock(shop, books), *_takings(shop, books), *_vat(shop, books, first, last)]
    return [*found, *_account(shop, books, last)]


def _journals(shop: NinetyShop) -> Iterator[str]:
    """Byte for byte what the tills have."""
    db = sqlite3.connect(f"file:{shop.house.cloud_data / 'cloud.db'}?mode=ro", uri=True)
    try:
        for till in shop.tills:
            head = till.reading.head().seq
            mine = list(enumerate(till.reading.lines(1, head), 1))
            theirs = [(int(seq), bytes(line)) for seq, line in db.execute(ROWS, (till.journal.id,))]
            if mine != theirs:
                yield f"{till.data.name}: {len(mine)} lines here, {len(theirs)} in the cloud, or others"
    finally:
        db.close()


def _stock(shop: NinetyShop, books: Books) -> Iterator[str]:
    rows = _rows(shop.owner.file("/stock.csv"))
    page = {row["sku"]: row["on_hand"] for row in rows}
    for sku, pieces in sorted(books.stock.items()):
        here = [till.reading.stock(sku).on_hand // 1000 for till in shop.tills]
        if here != [pieces, pieces] or page.get(sku) != str(pieces):
            yield f"stock of {sku}: {pieces} by the books, {here} at the tills, {page.get(sku)} on the page"


def _takings(shop: NinetyShop, books: Books) -> Iterator[str]:
    rows = _rows(shop.owner.file("/takings.csv"))
    page = {row["date"]: [row[name] for name in ("receipts", "total", "cash", "card")] for row in rows}
    tax: dict[str, int] = {}
    for row in rows:
        tax[row["date"]] = tax.get(row["date"], 0) + _minor(row["vat"])
    for day, one in sorted(books.days.items()):
        name = date.fromordinal(day).isoformat()
        mine = [str(one.receipts), *map(written, (one.total, one.cash, one.card))]
        if page.get(name) != mine or tax.get(name) != books.tax[day]:
            yield f"takings of {name}: {mine} by the books, {page.get(name)} on the page; tax {books.tax[day]}"
    if len(page) != len(books.days):
        yield f"{len(books.days)} days sold by the books, {len(page)} on the page"


def _vat(shop: NinetyShop, books: Books, first: int, last: int) -> Iterator[str]:
    for name, begins, ends in sorted({quarter_of(day) for day in (first, last)}):
        with zipfile.ZipFile(io.BytesIO(shop.owner.file(f"/vat.zip?quarter={name}"))) as packed:
            page = {row["box"]: row["amount"] for row in _rows(packed.read("boxes.csv"))}
        for box, amount in books.boxes(begins, ends).items():
            wanted = str(amount) if int(box) > 5 else written(amount)
            if page.get(box) != wanted:
                yield f"box {box} of {name}: {wanted} by the books, {page.get(box)} on the page"


def _account(shop: NinetyShop, books: Books, last: int) -> Iterator[str]:
    """The account, rolled forward from the balance of a week ago by what the cloud knows; the page's words of it."""
    with shop.reading() as session:
        found = closes(session, **shop.where, now=shop.clock.now())
    for day in range(last - 6, last + 1):
        if day in found and found[day] != books.bank(day):
            yield f"the account on {date.fromordinal(day)}: {books.bank(day)} by the books, {found[day]} in the cloud"
    if last not in found:
        yield f"the account on {date.fromordinal(last)} is not known to the cloud"


def _rows(file: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.decode("utf-8"))))


def _minor(text: str) -> int:
    sign = -1 if text.startswith("-") else 1
    whole, _, rest = text.lstrip("-").partition(".")
    return sign * (100 * int(whole) + int(rest or 0))

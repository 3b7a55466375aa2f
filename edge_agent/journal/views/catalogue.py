"""View: the shop, its items with their codes and prices over time, and its suppliers."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import apsw

from edge_agent.rules.bundle import Component
from edge_agent.rules.guess import Guess
from edge_agent.rules.money import line_total
from edge_agent.rules.sale import Article
from edge_agent.wire.envelope import Contract, Envelope
from edge_agent.wire.events.catalogue import ItemSet, ShopSet, SupplierSet
from edge_agent.wire.events.device import DevicePaired
from edge_agent.wire.events.promotion import PromotionSet
from edge_agent.wire.messages import FeedEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS item(
    sku TEXT PRIMARY KEY, name TEXT NOT NULL, supplier TEXT NOT NULL, rate INTEGER NOT NULL, body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS code(code TEXT PRIMARY KEY, sku TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS price(
    sku TEXT NOT NULL, from_at INTEGER NOT NULL, price INTEGER NOT NULL, PRIMARY KEY(sku, from_at)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS promotion(promotion TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS supplier(supplier TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shop(one INTEGER PRIMARY KEY CHECK(one = 1), body TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS paired(one INTEGER PRIMARY KEY CHECK(one = 1), body TEXT NOT NULL) STRICT;
"""
TABLES = ("item", "code", "price", "promotion", "supplier", "shop", "paired")
FOLDS = (ItemSet, SupplierSet, PromotionSet, ShopSet, DevicePaired)


def apply(db: apsw.Connection, event: Envelope, body: Contract) -> None:
    _fold(db, body)


def apply_feed(db: apsw.Connection, entry: FeedEntry, body: Contract) -> None:
    _fold(db, body)


def _fold(db: apsw.Connection, body: Contract) -> None:
    match body:
        case ItemSet():
            _set_item(db, body)
        case SupplierSet():
            db.execute("REPLACE INTO supplier VALUES(?, ?)", (body.supplier, body.model_dump_json()))
        case PromotionSet():
            db.execute("REPLACE INTO promotion VALUES(?, ?)", (body.promotion, body.model_dump_json()))
        case ShopSet():
            db.execute("REPLACE INTO shop VALUES(1, ?)", (body.model_dump_json(),))
        case DevicePaired():
            db.execute("REPLACE INTO paired VALUES(1, ?)", (body.model_dump_json(),))


def _set_item(db: apsw.Connection, item: ItemSet) -> None:
    row = (item.sku, item.name, item.supplier, item.rate, item.model_dump_json())
    known = db.execute("SELECT body FROM item WHERE sku = ?", (item.sku,)).fetchone()
    if known:
        db.execute("DELETE FROM price WHERE sku = ? AND from_at >= ?", (item.sku, item.from_at))
        gone = set(ItemSet.model_validate_json(known[0]).codes) - set(item.codes)
        for code in gone:
            db.execute("DELETE FROM code WHERE code = ? AND sku = ?", (code, item.sku))
    db.execute("REPLACE INTO item VALUES(?, ?, ?, ?, ?)", row)
    db.execute("REPLACE INTO price VALUES(?, ?, ?)", (item.sku, item.from_at, item.price))
    for code in item.codes:
        db.execute("REPLACE INTO code VALUES(?, ?)", (code, item.sku))


ARTICLE = """
SELECT item.sku, item.name, item.rate,
    (SELECT price FROM price WHERE price.sku = item.sku AND from_at <= ? ORDER BY from_at DESC LIMIT 1),
    item.body -> '$.limited', item.body ->> 'unit', item.body ->> 'deposit', item.body ->> 'age',
    item.body -> '$.asks', item.body -> '$.bundle'
FROM item WHERE item.sku = ?
"""


class CatalogueReads:
    """What is asked of the catalogue."""

    db: apsw.Connection

    def shop(self) -> ShopSet | None:
        row = self.db.execute("SELECT body FROM shop").fetchone()
        return ShopSet.model_validate_json(row[0]) if row else None

    def paired(self) -> DevicePaired | None:
        row = self.db.execute("SELECT body FROM paired").fetchone()
        return DevicePaired.model_validate_json(row[0]) if row else None

    def by_code(self, code: str, at: int) -> Article | None:
        """The article of a scanned code or a typed SKU, with the price that holds at `at`."""
        row = self.db.execute("SELECT sku FROM code WHERE code = ?", (code,)).fetchone()
        return self.article(row[0] if row else code, at)

    def article(self, sku: str, at: int) -> Article | None:
        """The article of a SKU; None if it is not known or has no price yet."""
        row = self.db.execute(ARTICLE, (at, sku)).fetchone()
        if row is None or row[3] is None:
            return None
        name, rate, price, limited, unit, deposit, age, asks, bundle = row[1:]
        found = Article(sku, name, price, rate, limited == "true", unit or "", deposit or 0, age or 0, asks == "true")
        return self._bundled(found, json.loads(bundle), at) if bundle else found

    def _bundled(self, whole: Article, inside: list[dict[str, Any]], at: int) -> Article:
        """A bundle with what is in it; as an item of its own where a component is not known here."""
        parts, age = list[Component](), whole.age
        for one in inside:
            part = self.article(one["sku"], at)
            if part is None or part.parts:
                return whole
            age = max(age, part.age)
            parts.append(Component(part.sku, part.name, part.price, part.rate, one["qty"], part.limited, part.deposit))
        deposit = sum(line_total(part.deposit, part.qty) for part in parts)
        limited = any(part.limited for part in parts)
        return replace(whole, parts=tuple(parts), age=age, deposit=deposit, limited=limited)

    def highest_rate(self) -> int:
        """The highest VAT rate of the catalogue, in basis points."""
        row = self.db.execute("SELECT max(rate) FROM item").fetchone()
        return int(row[0] or 0) if row else 0

    def item(self, sku: str) -> ItemSet | None:
        row = self.db.execute("SELECT body FROM item WHERE sku = ?", (sku,)).fetchone()
        return ItemSet.model_validate_json(row[0]) if row else None

    def supplied(self, skus: Iterable[str]) -> Iterator[tuple[str, str]]:
        """(SKU, supplier) of those of these that are known."""
        for sku in skus:
            row = self.db.execute("SELECT supplier FROM item WHERE sku = ?", (sku,)).fetchone()
            if row:
                yield sku, str(row[0])

    def guesses(self, skus: Iterable[str] | None = None) -> dict[str, Guess]:
        """{SKU: what the owner expects of it} of these, of all if None."""
        if skus is None:
            rows = list(
                self.db.execute("SELECT sku, body ->> 'expects' FROM item WHERE body ->> 'expects' IS NOT NULL")
            )
        else:
            each = "SELECT sku, body ->> 'expects' FROM item WHERE sku = ?"
            rows = [row for sku in skus for row in self.db.execute(each, (sku,))]
        return {sku: Guess(*json.loads(said)) for sku, said in rows if said}

    def facts(self, skus: Iterable[str]) -> dict[str, tuple[tuple[int, str, str, str], tuple[int, int, int, int, int]]]:
        """Of those that are known what tells which others are like it: price, name, category, and the item whose
        variant it is; and what is at stake in ordering it: pack, its cost, price, VAT, days that it keeps (0: for
        good)."""
        sql = """SELECT body ->> 'price', name, coalesce(body ->> 'category', ''), coalesce(body ->> 'item', ''),
                 body ->> 'pack', body ->> 'pack_cost', body ->> 'price', body ->> 'rate',
                 coalesce(body ->> 'shelf_life_days', 0) FROM item WHERE sku = ?"""
        rows = ((sku, self.db.execute(sql, (sku,)).fetchone()) for sku in skus)
        return {sku: (row[:4], row[4:]) for sku, row in rows if row}

    def names(self, skus: Iterable[str]) -> dict[str, str]:
        """{SKU: name} of those that are known."""
        found = {sku: self.item(sku) for sku in dict.fromkeys(skus)}
        return {sku: item.name for sku, item in found.items() if item}

    def items(self) -> Iterator[ItemSet]:
        """All items in the order of their SKUs."""
        for (body,) in self.db.execute("SELECT body FROM item ORDER BY sku"):
            yield ItemSet.model_validate_json(body)

    def find(self, words: str, limit: int = 20) -> list[ItemSet]:
        """Items whose names hold all the words, shortest names first."""
        terms = [f"%{word}%" for word in words.replace("%", "").replace("_", "").split()] or ["%"]
        where = " AND ".join("name LIKE ?" for _ in terms)
        sql = f"SELECT body FROM item WHERE {where} ORDER BY length(name), name LIMIT ?"
        return [ItemSet.model_validate_json(row[0]) for row in self.db.execute(sql, (*terms, limit))]

    def findable(self) -> Iterator[tuple[str, str, list[str]]]:
        """(SKU, name, codes) of every item, the shortest names first. Sorted in a file: in memory a hundred thousand of
        them would take eight megabytes, which a till does not get back."""
        self.db.execute("PRAGMA temp_store=FILE").fetchall()
        sql = """SELECT item.sku, name, group_concat(code, ' ') FROM item LEFT JOIN code ON code.sku = item.sku
                 GROUP BY item.sku ORDER BY length(name), name, item.sku"""
        for sku, name, codes in self.db.execute(sql):
            yield sku, name, codes.split() if codes else []

    def at_price(self, price: int, limit: int) -> list[str]:
        """SKUs that had this price last."""
        sql = """SELECT sku FROM price AS one WHERE price = ?1 AND from_at =
                 (SELECT max(from_at) FROM price WHERE price.sku = one.sku) ORDER BY sku LIMIT ?2"""
        return [str(sku) for (sku,) in self.db.execute(sql, (price, limit))]

    def promotions(self) -> dict[str, PromotionSet]:
        """Every promotion by its id, also those that do not hold now."""
        rows = self.db.execute("SELECT promotion, body FROM promotion ORDER BY promotion")
        return {name: PromotionSet.model_validate_json(body) for name, body in rows}

    def suppliers(self) -> dict[str, SupplierSet]:
        rows = self.db.execute("SELECT supplier, body FROM supplier ORDER BY supplier")
        return {name: SupplierSet.model_validate_json(body) for name, body in rows}

"""The kinds of news, and what each says; money in minor units of the currency, quantities as decimal text."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from cloud_sync.projections.fact import Fact
from edge_agent.rules.day import local
from edge_agent.rules.money import quantity
from edge_agent.wire.events.drops import DropClosed
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.events.stock import ReceivedLine, StockReceived

Kind = Literal["sale", "stock_low", "delivery", "drop_closed"]
KINDS: tuple[Kind, ...] = get_args(Kind)
NAMES: Mapping[Kind, str] = {
    "sale": "Each sale, when it was counted",
    "stock_low": "An item that has become low",
    "delivery": "A delivery that was booked in",
    "drop_closed": "A drop that is over",
}
Said = Mapping[str, Any]


@dataclass(frozen=True)
class News:
    """One thing to tell: `id` is the same however often it is told, also by a cloud that was put back."""

    id: str
    kind: Kind
    at: int
    said: Said


def id_of(*words: str | int) -> str:
    """The name of what happened, made of where it is written."""
    return hashlib.sha256("\0".join(map(str, words)).encode()).hexdigest()[:32]


def news_of(fact: Fact) -> News | None:
    """What a fact is news of; None for most."""
    told: tuple[Kind, Said] | None = None
    match fact.body:
        case SaleCompleted():
            told = "sale", _sale(fact.body)
        case StockReceived():
            lines = [_came(one) for one in fact.body.lines]
            told = "delivery", {"order": fact.body.order, "supplier": fact.body.supplier, "lines": lines}
        case DropClosed():
            parts = [
                {"sku": one.sku, "sold": quantity(one.sold), "back": quantity(one.back), "left": quantity(one.left)}
                for one in fact.body.parts
            ]
            told = "drop_closed", {"drop": fact.body.drop, "lines": parts}
    if told is None:
        return None
    return News(id_of(fact.tenant, fact.journal, fact.event.seq), told[0], fact.event.at, told[1])


def _came(one: ReceivedLine) -> Said:
    damaged = {"damaged": quantity(one.damaged)} if one.damaged else {}
    return {"sku": one.sku, "quantity": quantity(one.qty), **damaged}


def low_of(fact: Fact, low: int, skus: Mapping[str, int]) -> Iterable[News]:
    """Of {SKU: what is left} of items that fell to `low` or below it, by the line that was counted last."""
    for sku, left in sorted(skus.items()):
        said = {"left": quantity(left), "low": quantity(low), "lines": [{"sku": sku}]}
        yield News(id_of(fact.tenant, fact.journal, fact.event.seq, sku), "stock_low", fact.event.at, said)


def body_of(news: News, *, shop: Said, till: str, zone: str, names: Mapping[str, str]) -> bytes:
    """As it is posted: each line with its item's name."""
    lines = [{**line, "item": names.get(line["sku"], line["sku"])} for line in news.said["lines"]]
    said = {"id": news.id, "kind": news.kind, "at": local(news.at, zone).isoformat(), "shop": shop, "till": till}
    return json.dumps({**said, **news.said, "lines": lines}, ensure_ascii=False, separators=(",", ":")).encode()


def _sale(sale: SaleCompleted) -> Said:
    lines = [{"sku": one.sku, "quantity": quantity(one.qty), "gross": one.gross, "tax": one.tax} for one in sale.lines]
    tenders = [{"kind": one.kind, "amount": one.amount} for one in sale.tenders]
    said = {"receipt": sale.receipt, "currency": sale.currency, "total": sale.total}
    return {**said, "tenders": tenders, "lines": lines}

"""What a supplier is told of an order, whole: read once from the database, every word of it cleaned."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from cloud_sync.catalogue import items, shop_card, suppliers
from cloud_sync.german.moments import DAYS, MONTHS
from cloud_sync.orders import approved_lines, order_of
from cloud_sync.speech import count, pointed, say
from cloud_sync.tables.accounts import Owner
from cloud_sync.tables.house import Shop
from edge_agent.rules.day import local
from edge_agent.rules.money import quantity, written
from edge_agent.rules.text import clean_name
from edge_agent.rules.tongue import pointed_in
from edge_agent.wire.events.catalogue import ItemSet
from edge_agent.wire.events.orders import OutcomeLine


@dataclass(frozen=True)
class LetterLine:
    """An item as it is ordered: so many packs of `pack` pieces (milli-units); `cost` in minor units for all."""

    sku: str
    name: str
    code: str
    packs: int
    pack: int
    qty: int
    cost: int


@dataclass(frozen=True)
class Letter:
    """An order as its supplier reads it. `reply_to` is an owner's address, `to` the supplier's (empty: none), `answer`
    the address at which the supplier confirms it or says what is otherwise."""

    order: str
    number: str
    shop: str
    address: tuple[str, ...]
    supplier: str
    to: str
    reply_to: str
    currency: str
    decimals: int
    zone: str
    cutoff_at: int
    arrives_at: int
    lines: tuple[LetterLine, ...]
    answer: str = ""
    language: str = "en"

    @property
    def total(self) -> int:
        return sum(line.cost for line in self.lines)

    def money(self, amount: int) -> str:
        """`45.00 GBP`, or `45,00 EUR`."""
        return pointed_in(self.language, f"{written(amount, self.decimals)} {self.currency}")

    def when(self, at: int) -> str:
        """`Tue 3 March 2026, 15:00`, by the shop's clock, or `Di 3. März 2026, 15:00`."""
        then = local(at, self.zone)
        if self.language == "de":
            return f"{DAYS[f'{then:%a}']} {then.day}. {MONTHS[f'{then:%b}']} {then:%Y, %H:%M}"
        return f"{then:%a} {then.day} {then:%B %Y, %H:%M}"


def packs(line: LetterLine) -> str:
    """`5 packs of 6`."""
    packs = count(line.packs, "pack")
    return packs if line.pack == 1000 else say("{packs} of {each}", packs=packs, each=pointed(quantity(line.pack)))


def letter(session: Session, *, tenant: str, order: str) -> Letter:
    """The order as it was approved, with the shop, the supplier and the items as they are named now."""
    row = order_of(session, tenant=tenant, order=order)
    shop = session.get_one(Shop, (tenant, row.shop))
    card = shop_card(session, tenant=tenant, shop=row.shop)
    supplier = suppliers(session, tenant=tenant, shop=row.shop).get(row.supplier)
    known = items(session, tenant=tenant, shop=row.shop)
    owner = select(Owner.email).where(Owner.tenant == tenant, col(Owner.disabled_at).is_(None))
    return Letter(
        order=row.order,
        number=clean_name(row.number),
        shop=clean_name(card.name if card else shop.name),
        address=tuple(filter(None, (clean_name(line) for line in (card.address if card else ())))),
        supplier=clean_name(supplier.name if supplier else row.supplier),
        to=supplier.email.strip() if supplier else "",
        reply_to=session.exec(owner.order_by(col(Owner.made_at)).limit(1)).first() or "",
        currency=shop.currency,
        decimals=shop.decimals,
        zone=shop.zone,
        cutoff_at=row.cutoff_at,
        arrives_at=row.arrives_at,
        language=card.language if card else "en",
        lines=tuple(_line(line, known.get(line.sku)) for line in approved_lines(session, row)),
    )


def _line(line: OutcomeLine, item: ItemSet | None) -> LetterLine:
    return LetterLine(
        sku=clean_name(line.sku),
        name=clean_name(item.name if item else line.sku),
        code=clean_name(item.codes[0]) if item and item.codes else "",
        packs=line.packs,
        pack=line.qty // max(1, line.packs),
        qty=line.qty,
        cost=item.pack_cost * line.packs if item else 0,
    )

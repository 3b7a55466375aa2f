"""Samples in the cloud: what was given and used, who agreed, what a product's windows taught; no number comes here.

The feed is their only table; tills hear through it which codes are used and who said stop.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from cloud_sync.feed import bodies, entries, held_shop, publish
from cloud_sync.projections.fact import Fact
from cloud_sync.tables.events import FeedRow
from edge_agent.rules.cohort import Cohort, Given, Sampled, cohorts, joined, latest
from edge_agent.rules.drop_report import Report, window_of
from edge_agent.rules.follow_up import Book
from edge_agent.wire.events.drops import DropSet
from edge_agent.wire.events.sales import SaleCompleted
from edge_agent.wire.events.samples import SampleGiven, SampleUsed, TextsAgreed, TextSent, TextsStopped

GIVEN, USED, AGREED, STOPPED, SENT = "sample_given", "sample_used", "texts_agreed", "texts_stopped", "text_sent"
TWICE = "code_twice"
"""Why a sale needs a look: its sample's code had been used at another till that nobody had heard of."""


@dataclass(frozen=True)
class Told:
    """What the shop's samples came to: by the windows of its drops, and texts that may go out and did."""

    given: tuple[Given, ...]
    cohorts: tuple[Cohort, ...]
    reachable: int
    sent: int


def fold_sample(session: Session, fact: Fact, now: int) -> str:
    """Publish what a till said of samples; words for the owner's task where a code was used twice, else empty."""
    body = fact.body
    match body:
        case SampleGiven() | TextsAgreed() | TextSent():
            _tell(session, fact, body, f"{body.sample}{getattr(body, 'step', '')}", now)
        case TextsStopped():
            _tell(session, fact, body, body.mark, now)
        case SaleCompleted() if body.sample:
            session.flush()
            row = session.exec(entries(fact.tenant, fact.shop, USED).where(FeedRow.key == body.sample).limit(1)).first()
            if row is not None:
                return (
                    f"Receipt {body.receipt}: a sample's code took its discount a second time; "
                    f"the tills had not heard of each other. Nothing is to be done, the sale stands."
                )
            _tell(session, fact, SampleUsed(sample=body.sample, day=body.day), body.sample, now)
    return ""


def told(session: Session, *, tenant: str, shop: str, windows: Sequence[tuple[str, int]], today: int) -> Told:
    """All of the shop's samples; `windows` are (name, last ordinal day) of what was sold in windows, in order."""
    given = tuple(_given(session, tenant, shop))
    sent = len({row.key for row in session.exec(entries(tenant, shop, SENT))})
    return Told(given, cohorts(windows, given, today), _book(session, tenant, shop).reachable(), sent)


def sampled(session: Session, *, tenant: str, shop: str, drop: DropSet, past: Sequence[Report], today: int) -> Sampled:
    """What samples of a drop's goods teach its size."""
    skus, every = {part.sku for part in drop.parts}, _given(session, tenant, shop)
    mine, today = [one for one in every if one.sku in skus], max(today, latest(every))
    windows = [window_of(one.drop) for one in past if one.drop.product == drop.product]
    return Sampled(cohorts(windows, mine, today), _book(session, tenant, shop).reachable() if mine else 0)


def _given(session: Session, tenant: str, shop: str) -> list[Given]:
    used = [SampleUsed.model_validate_json(body) for body in bodies(session, tenant, shop, USED)]
    given = [SampleGiven.model_validate_json(body) for body in bodies(session, tenant, shop, GIVEN)]
    return joined({one.sample: (one.sku, one.day) for one in given}, {one.sample: one.day for one in used})


def _book(session: Session, tenant: str, shop: str) -> Book:
    """Who may be written to, as the words came in."""
    book, both = Book(), col(FeedRow.kind).in_((AGREED, STOPPED))
    mine = select(FeedRow).where(FeedRow.tenant == tenant, FeedRow.shop == shop, both)
    for row in session.exec(mine.order_by(col(FeedRow.cursor))):
        if row.kind == AGREED:
            one = TextsAgreed.model_validate_json(row.body)
            book.agreed(one.contact, one.sample, one.mark, row.at)
        else:
            book.stopped(TextsStopped.model_validate_json(row.body).mark)
    return book


def _tell(
    session: Session,
    fact: Fact,
    body: SampleGiven | SampleUsed | TextsAgreed | TextSent | TextsStopped,
    key: str,
    now: int,
) -> None:
    shop = held_shop(session, fact.tenant, fact.shop)
    publish(session, shop, body, key=key, at=now, author=fact.journal, skip=fact.journal)

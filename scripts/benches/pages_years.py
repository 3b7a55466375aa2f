"""The years behind the shops of the pages' bench, made by the database itself: sales, takings, orders that came."""

from sqlalchemy import text
from sqlmodel import Session

from cloud_sync.tables.house import Shop

LINE = 500
"""Bytes of a sale of five lines."""
SOLD_A_DAY = 40
"""SKUs that sell in a shop on a day."""
TICKS = """WITH RECURSIVE tick(n) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT n + 1 FROM tick WHERE n < :many) """
JOURNALS = "FROM journal j CROSS JOIN tick WHERE j.tenant = :tenant"

SALES = f"""INSERT INTO raw_event (tenant, journal, seq, id, kind, hash, line, received_at) {TICKS}
SELECT j.tenant, j.journal, n, CAST(1000000000000000 + CAST(j.journal AS bigint) * 1000000 + n AS varchar(16)),
'sale_completed', :hash, :line, :now {JOURNALS}"""

BY_DAY = (
    f"""INSERT INTO takings (tenant, shop, day, journal, receipts, total, cash, card) {TICKS}
    SELECT j.tenant, j.shop, :today - n, j.journal, :sales, 40000 + 100 * (n % 97), 20000, 20000 + 100 * (n % 97)
    {JOURNALS}""",
    f"""INSERT INTO takings_rate (tenant, shop, day, journal, rate, gross, tax) {TICKS}
    SELECT j.tenant, j.shop, :today - n, j.journal, 2000, 20000, 3333 {JOURNALS}""",
    f"""INSERT INTO takings_rate (tenant, shop, day, journal, rate, gross, tax) {TICKS}
    SELECT j.tenant, j.shop, :today - n, j.journal, 0, 20000 + 100 * (n % 97), 0 {JOURNALS}""",
    f"""INSERT INTO drawer_day
    (tenant, shop, day, journal, refunds, refunded, paid_in, paid_out, no_sales) {TICKS}
    SELECT j.tenant, j.shop, :today - n, j.journal, 1, -500, 0, 0, 2 {JOURNALS}""",
    f"""INSERT INTO closing (tenant, journal, seq, shop, what, number, label, at, sales, sold, refunds, refunded,
    expected, counted, difference, dropped) {TICKS}
    SELECT j.tenant, j.journal, n, j.shop, 'shift', :many + 1 - n, :today - n, :now - 86400000 * n, :sales, 40000, 1,
    -500, 20000, 20000, 0, 0 {JOURNALS}""",
)

DEMAND = f"""INSERT INTO demand_day (tenant, shop, sku, day, sold, imported) {TICKS}
SELECT s.tenant, s.shop, e.key, :today - n, 2000, 0 FROM shop s CROSS JOIN tick
JOIN catalogue_entry e ON e.tenant = s.tenant AND e.shop = s.shop AND e.kind = 'item_set'
AND e.cursor % (:skus / :sold) = n % (:skus / :sold) WHERE s.tenant = :tenant"""

BY_WEEK = (
    f"""INSERT INTO purchase_order (tenant, "order", shop, number, supplier, purpose, cycle, revision, journal, seq,
    saw_total, proposed_at, cutoff_at, arrives_at, next_arrives_at, proposal, state, holds, value, version, edited,
    "by", reason, decided_at, total, lines) {TICKS}
    SELECT tenant, substr("order", 1, 56) || CAST(10000000 + n AS varchar(8)), shop, number, supplier, purpose,
    cycle - n, revision, journal, seq, saw_total, proposed_at - :week * n, cutoff_at - :week * n,
    arrives_at - :week * n, next_arrives_at - :week * n, proposal,
    CASE WHEN n % 20 = 0 THEN 'expired' ELSE 'received' END, holds, value, 2, edited, 'Ann', '',
    cutoff_at - :week * n - 3600000, total, lines
    FROM purchase_order CROSS JOIN tick WHERE tenant = :tenant""",
    f"""INSERT INTO purchase_order_line (tenant, "order", sku, position, packs, qty, cost, approved_packs, approved_qty)
    {TICKS}
    SELECT tenant, substr("order", 1, 56) || CAST(10000000 + n AS varchar(8)), sku, position, packs, qty, cost, packs,
    qty FROM purchase_order_line CROSS JOIN tick WHERE tenant = :tenant""",
    """INSERT INTO order_message (tenant, "order", channel, shop, state, sent_to, made_at, next_at, until_at, tries,
    worker, held_until, tried_at, left_at, problem, settled_by)
    SELECT tenant, "order", 'email', shop, 'left', 'orders@supplier.example', decided_at, decided_at, cutoff_at, 1, '',
    0, decided_at, decided_at, '', '' FROM purchase_order WHERE tenant = :tenant AND version > 0""",
    """INSERT INTO order_command (tenant, "order", version, shop, command, "by", owner, at, revision, reason, lines)
    SELECT tenant, "order", 2, shop, CASE state WHEN 'expired' THEN 'expired' ELSE 'sent' END, '', '', decided_at,
    revision, '', :nothing FROM purchase_order WHERE tenant = :tenant AND version > 0""",
    """INSERT INTO purchase_order_receipt (tenant, "order", journal, seq, line, shop, sku, qty, damaged, at)
    SELECT o.tenant, o."order", o.journal, 1, l.position, o.shop, l.sku, l.qty, 0, o.arrives_at FROM purchase_order o
    JOIN purchase_order_line l ON l.tenant = o.tenant AND l."order" = o."order"
    WHERE o.tenant = :tenant AND o.state = 'received'""",
)


def fill_years(session: Session, first: Shop, *, skus: int, days: int, sales: int, today: int, now: int) -> None:
    """Every till's sales, so many a day; what they come to by day; an order a week and supplier, with what came."""
    here = {"tenant": first.tenant, "today": today, "now": now}
    session.execute(text(SALES), {**here, "many": days * sales, "hash": bytes(32), "line": bytes(LINE)})
    for words in BY_DAY:
        session.execute(text(words), {**here, "many": days, "sales": sales})
    session.execute(text(DEMAND), {**here, "many": days, "skus": max(skus, SOLD_A_DAY), "sold": SOLD_A_DAY})
    for words in BY_WEEK:
        session.execute(text(words), {**here, "many": days // 7, "week": 7 * 86_400_000, "nothing": b"[]"})

"""Revision 0014: what came back by reason and whereabouts, and deposits; counted before, counted here."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
COUNTED = """SELECT e.tenant, j.shop, e.line FROM raw_event e
    JOIN journal j ON j.tenant = e.tenant AND j.journal = e.journal
    JOIN position p ON p.tenant = e.tenant AND p.journal = e.journal AND e.seq <= p.seq
    LEFT JOIN quarantine q ON q.tenant = e.tenant AND q.journal = e.journal AND q.seq = e.seq AND q.state = 'open'
    WHERE q.seq IS NULL AND e.kind IN ('sale_completed', 'refund_made')"""
BACK, DEPOSIT = ("qty", "gross"), ("out", "back", "taken", "given")


def upgrade() -> None:
    """Make the tables, and count the lines that were counted into the others already."""
    back = _table("return_day", (("goes", sa.String(16)), ("why", sa.String(24))), BACK)
    deposits = _table("deposit_day", (), DEPOSIT)
    sums: dict[str, Counter[tuple[Any, ...]]] = {name: Counter() for name in (*BACK, *(f"d_{one}" for one in DEPOSIT))}
    keys: tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]] = (set(), set())
    for tenant, shop, line in op.get_bind().exec_driver_sql(COUNTED):
        raw = bytes(line)
        if b'"refund_made"' in raw or b'"deposit":' in raw:
            _count(sums, keys, tenant, shop, json.loads(raw)["body"])
    names = ("tenant", "shop", "sku", "day", "goes", "why")
    rows = [
        {**dict(zip(names, key, strict=True)), **{name: sums[name][key] for name in BACK}} for key in sorted(keys[0])
    ]
    owed = [
        {**dict(zip(names[:4], key, strict=True)), **{name: sums[f"d_{name}"][key] for name in DEPOSIT}}
        for key in sorted(keys[1])
    ]
    for table, found in ((back, rows), (deposits, owed)):
        if found:
            op.bulk_insert(table, found)


def _table(name: str, more: tuple[tuple[str, sa.String], ...], sums: tuple[str, ...]) -> sa.Table:
    return op.create_table(
        name,
        sa.Column("tenant", sa.String(32), primary_key=True),
        sa.Column("shop", sa.String(32), primary_key=True),
        sa.Column("sku", sa.String(64), primary_key=True),
        sa.Column("day", sa.Integer(), primary_key=True, autoincrement=False),
        *(sa.Column(column, kind, primary_key=True) for column, kind in more),
        *(sa.Column(column, sa.BigInteger(), nullable=False) for column in sums),
    )


def _count(sums: Any, keys: Any, tenant: str, shop: str, body: dict[str, Any]) -> None:
    refund = "change" not in body
    for one in body["lines"]:
        here = (tenant, shop, one["sku"], body["day"])
        if refund and one["goes"] != "empty":
            key = (*here, one["goes"], one.get("why", ""))
            keys[0].add(key)
            sums["qty"][key] += one["qty"]
            sums["gross"][key] += one["gross"]
        if one.get("deposit"):
            keys[1].add(here)
            for name, amount in _moved(one, refund=refund):
                sums[f"d_{name}"][here] += amount


def _moved(one: dict[str, Any], *, refund: bool) -> Iterator[tuple[str, int]]:
    yield ("back" if refund else "out"), one["qty"]
    yield ("given" if refund else "taken"), abs(one["deposit"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("deposit_day")
    op.drop_table("return_day")

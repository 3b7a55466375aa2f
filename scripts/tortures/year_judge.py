"""The judge of the year imports nothing of the product. From what left the shop (paper/*.bin: bytes that printers and
drawers got; deliveries/*.csv; sent/*.csv: what suppliers were sent) it works out takings by day and VAT rate, stock and
orders, and compares what tills (tills/*/journal.db, stock.csv) and cloud (cloud/cloud.db) say. Run it on a FOLDER."""

import csv
import json
import re
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

COMMANDS = re.compile(rb"\x1b[@]|\x1b[taEd].|\x1d!.|\x1dVB.|\x1bp...|\x10\x14...", re.DOTALL)
KICK = re.compile(rb"\x1bp...|\x10\x14\x01..", re.DOTALL)
CODE = re.compile(rb"\x1d\(k(.)(.)", re.DOTALL)
SOLD = re.compile(r" *(?:(\d+) x )?(\S.*?) +(?:\d+\.\d\d +)?(\d+\.\d\d)")
SENT = "SELECT number FROM purchase_order WHERE state IN ('sent', 'received')"
RATE = re.compile(r"(\d+(?:\.\d+)?) % +(\d+\.\d\d) +(\d+\.\d\d) +(\d+\.\d\d)")


@dataclass
class Slip:
    """One receipt as it lies on paper; money in pence, `taxes` {basis points: (gross, tax)}, `sold` {name: pieces}."""

    number: int
    act: str
    day: int
    total: int
    cash: bool
    copy: bool
    taxes: dict[int, tuple[int, int]] = field(default_factory=dict)
    sold: Counter[str] = field(default_factory=Counter)


def text_of(job: bytes) -> list[str]:
    """The lines of text between a job's commands (code page 437)."""
    plain = b""
    while found := CODE.search(job):
        plain += job[: found.start()]
        job = job[found.end() + found[1][0] + 256 * found[2][0] :]
    return COMMANDS.sub(b"", plain + job).decode("cp437").split("\n")


def pence(text: str) -> int:
    """Pounds as printed, in pence."""
    return int(re.sub(r"[^\d]", "", text))


def slip_of(job: bytes) -> Slip:
    """Read a whole receipt; ValueError says what on it is no receipt, or does not add up."""
    lines = [line.rstrip() for line in text_of(job)]
    rules = [place for place, line in enumerate(lines) if line and set(line) <= {"\u2500", "-"}]
    head = next(place for place, line in enumerate(lines) if line.startswith("Receipt "))
    date, act = re.split(r"  +", lines[head + 1])
    day = datetime.strptime(date, "%a %d %b %Y %H:%M").date().toordinal()  # noqa: DTZ007 - the shop's own day
    total = pence(next(line for line in lines if line.startswith("TOTAL")))
    cash = any(line.startswith("Cash ") for line in lines)
    slip = Slip(int(lines[head].split()[1]), act, day, total, cash, "COPY" in lines)
    name, gross = "", 0
    for line in lines[rules[0] + 1 : rules[1]]:
        if found := SOLD.fullmatch(line):
            name, gross = found[2], gross + pence(found[3])
            slip.sold[name] += int(found[1] or 1)
        else:
            pieces = slip.sold.pop(name)
            name = f"{name} {line.strip()}"
            slip.sold[name] += pieces
    for line in lines[rules[2] + 1 :]:
        if found := RATE.fullmatch(line):
            slip.taxes[round(float(found[1]) * 100)] = pence(found[4]), pence(found[3])
    if not gross == slip.total == sum(one for one, _ in slip.taxes.values()):
        raise ValueError(f"receipt {slip.number} does not add up: {gross}, {slip.total}, {slip.taxes}")
    return slip


def paper_of(file: Path) -> tuple[dict[int, Slip], list[str]]:
    """Each receipt of a roll once: what a power cut broke off was printed again, whole or as a copy, and equal."""
    roll, found, wrong = file.read_bytes(), dict[int, Slip](), list[str]()
    for job in roll.split(b"\x1b@")[1:]:
        whole = job.partition(b"\x1dVB")
        if not whole[1] or b"Receipt " not in whole[0]:
            continue
        try:
            slip = slip_of(whole[0])
        except (ValueError, StopIteration, IndexError) as error:
            wrong.append(f"{file.name}: {error}")
            continue
        before = found.setdefault(slip.number, slip)
        if (before.act, before.total, before.taxes, before.sold) != (slip.act, slip.total, slip.taxes, slip.sold):
            wrong.append(f"{file.name}: receipt {slip.number} lies there twice and is not the same")
    kicks, paid = len(KICK.findall(roll)), sum(slip.cash for slip in found.values())
    if kicks > paid:
        wrong.append(f"{file.name}: the drawer opened {kicks} times for {paid} payments in cash")
    return found, wrong


def rows_of(folder: Path) -> list[tuple[str, list[dict[str, str]]]]:
    """(order number or empty, rows) of each CSV file."""
    files = sorted(folder.glob("*.csv"))
    read = [list(csv.DictReader(file.read_text(encoding="utf-8").splitlines())) for file in files]
    return [(rows[0]["order"], rows) for rows in read if rows]


def ask(file: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a database."""
    with closing(sqlite3.connect(file)) as db:
        return db.execute(sql).fetchall()


def orders_wrong(sent: list[str], came: list[str], said: set[str]) -> list[str]:
    """Each order was sent once, came once at most, and is one that the cloud says (`said`) was sent."""
    wrong = [f"order {order} was sent {count} times" for order, count in Counter(sent).items() if count > 1]
    wrong += [f"order {order} came {count} times" for order, count in Counter(came).items() if order and count > 1]
    wrong += [f"order {order} came and was never sent" for order in set(came) - set(sent) - {""}]
    wrong += [f"order {order} was sent, the cloud does not say so" for order in set(sent) - said]
    return wrong + [f"order {order} is sent in the cloud, the supplier has nothing" for order in said - set(sent)]


def compare(what: str, paper: Counter[Any], other: Counter[Any]) -> list[str]:
    """Keys whose sums differ."""
    keys = sorted(key for key in {*paper, *other} if paper[key] != other[key])
    return [f"{what} {key}: {paper[key]} on paper, {other[key]} there" for key in keys[:5]]


def sums_of(slips: list[Slip]) -> Counter[tuple[int, ...]]:
    """Takings: (day, rate, 0 gross or 1 tax) -> pence, and (day,) -> total."""
    sums: Counter[tuple[int, ...]] = Counter()
    for slip in slips:
        sums[slip.day,] += slip.total
        for rate, pair in slip.taxes.items():
            for part, amount in enumerate(pair):
                sums[slip.day, rate, part] += amount
    return sums


def sales_of(files: list[Path]) -> list[Slip]:
    """What the tills' journals say was sold: each event once, whichever till holds it."""
    sales = {}
    for file in files:
        for (line,) in ask(file, "SELECT line FROM journal UNION ALL SELECT line FROM ancestor"):
            event = json.loads(line)
            if event["kind"] == "sale_completed":
                body = event["body"]
                taxes = {tax["rate"]: (tax["gross"], tax["tax"]) for tax in body["taxes"]}
                sales[event["id"]] = Slip(body["receipt"], "", body["day"], body["total"], False, False, taxes)
    return list(sales.values())


def stock_wrong(folder: Path, slips: list[Slip], shown: dict[str, dict[str, int]]) -> list[str]:
    """SKUs of which somebody shows another stock than what came less what is on paper."""
    notes = [row for _, rows in rows_of(folder / "deliveries") for row in rows]
    names, stock = {row["name"]: row["sku"] for row in notes}, Counter[str]()
    for row in notes:
        stock[row["sku"]] += int(row["pieces"])
    for slip in slips:
        stock.subtract({names.get(name, name): pieces for name, pieces in slip.sold.items()})
    for file in sorted((folder / "tills").glob("*/stock.csv")):
        if not (file.parent / "clone").exists():
            rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
            shown[file.parent.name] = {row["sku"]: int(row["pieces"]) for row in rows}
    pairs = [(where, sku) for where, there in shown.items() for sku in stock if there.get(sku, 0) != stock[sku]]
    return [f"{where} has {shown[where].get(sku)} of {sku}, paper {stock[sku]}" for where, sku in pairs[:5]]


def judge(folder: Path) -> tuple[list[str], dict[str, int]]:
    """What is wrong, and the figures of the year."""
    rolls = {file.stem: paper_of(file) for file in sorted((folder / "paper").glob("*.bin"))}
    wrong = [word for _, words in rolls.values() for word in words]
    slips = [slip for found, _ in rolls.values() for slip in found.values()]
    acts = Counter(slip.act for slip in slips)
    wrong += [f"the sale {act} has {count} receipts" for act, count in acts.items() if count > 1]
    sums, tills = sums_of(slips), sorted((folder / "tills").glob("*/journal.db"))
    wrong += compare("tills, day", sums, sums_of(sales_of(tills)))
    for file in tills:
        kept = Counter({(no, day): total for no, day, total in ask(file, "SELECT number, day, total FROM receipt")})
        paper = Counter({(slip.number, slip.day): slip.total for slip in rolls[file.parent.name][0].values()})
        if (file.parent / "clone").exists():
            kept = Counter({key: kept[key] for key in paper})
        wrong += compare(f"{file.parent.name}, receipt", paper, kept)
    cloud, there = folder / "cloud" / "cloud.db", Counter[tuple[int, ...]]()
    there.update({(day,): total for day, total in ask(cloud, "SELECT day, sum(total) FROM takings GROUP BY 1")})
    for day, rate, *pair in ask(cloud, "SELECT day, rate, sum(gross), sum(tax) FROM takings_rate GROUP BY 1, 2"):
        there[day, rate, 0], there[day, rate, 1] = pair
    wrong += compare("cloud, day", sums, there)
    held = {sku: qty // 1000 for sku, qty in ask(cloud, "SELECT sku, on_hand FROM stock")}
    wrong += stock_wrong(folder, slips, {"the cloud": held})
    sent, came = ([order for order, _ in rows_of(folder / name)] for name in ("sent", "deliveries"))
    wrong += orders_wrong(sent, came, {number for (number,) in ask(cloud, SENT)})
    figures = {"receipts": len(slips), "takings": sum(slip.total for slip in slips), "orders": len(sent)}
    return wrong, figures | {"deliveries": len(came), "copies": sum(slip.copy for slip in slips)}


if __name__ == "__main__":
    faults, found = judge(Path(sys.argv[1]))
    print(*faults[:20], found, sep="\n")
    sys.exit(1 if faults else 0)

"""`edge-agent backtest`: what the device would have forecast, as a file; what its orders would have cost, as a page."""

import argparse
import csv
import json
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from edge_agent.demand.series import ShopHistory
from edge_agent.demand.shipped import shipped_priors
from edge_agent.errors import BadInput
from edge_agent.places import model_file

from .histories import item_rows, shop_from_files


def add_parser(subparsers: Any) -> None:
    """Adds the command and its words."""
    parser = subparsers.add_parser("backtest", help="what the device would have forecast on a shop's history")
    parser.add_argument("sales", type=Path, metavar="SALES", help="CSV, .csv.gz or .parquet: ts, sku, qty")
    parser.add_argument("--origins", help="evenings, as dates parted by commas: 2017-10-01,2017-10-06")
    parser.add_argument("--items", type=Path, help="items.csv: sku, item, name, category, price, cost, pack, supplier")
    parser.add_argument(
        "--calendar",
        type=Path,
        help="calendar.csv: date, name, open_from, open_to (empty: closed); events: date, name, kind",
    )
    parser.add_argument("--stock", type=Path, help="stock.csv: date, sku, in_stock_share (0 to 1)")
    parser.add_argument("--model", default="", help="a model file, or `base` for none (default: the one shipped)")
    parser.add_argument("--out", type=Path, metavar="FORECASTS.csv", help="with --origins: where the forecasts go")
    parser.add_argument(
        "--report",
        type=Path,
        metavar="REPORT.html",
        help="for the owner: what today's rule and ours would have lost, wasted and tied up in the last 90 days",
    )
    parser.add_argument("--today", choices=("cover", "min-max"), default="cover", help="the rule of today")
    parser.add_argument("--times", type=float, help="of the average, as it is set today (default: as it served best)")
    parser.add_argument("--every", type=int, default=3, help="an order each so many evenings (default 3)")
    parser.add_argument("--margin", type=float, default=40.0, help="percent of the price, where no cost is known")
    parser.add_argument("--skus", type=int, default=0, help="only the busiest so many")
    parser.add_argument("--json", action="store_true", help="print what was done as JSON")


def run(args: argparse.Namespace) -> int:
    """The forecasts of the evenings asked for, or the owner's report."""
    if args.report:
        return _report(args)
    if not (args.origins and args.out):
        raise BadInput("either --origins and --out, or --report")
    return _forecasts(args)


def _report(args: argparse.Namespace) -> int:
    from edge_agent.proof.owner import Asked, compared
    from edge_agent.proof.page import as_json, page, text

    if not (1 <= args.every <= 28 and 0.0 < args.margin < 100.0 and (args.times is None or args.times > 0.0)):
        raise BadInput("--every lies within 1 and 28, --margin within 0 and 100, --times above 0")
    model = _model("" if args.model == "base" else args.model)
    if model is None:
        raise BadInput("the report needs the model that comes with the program")
    shop = _shop(args)
    asked = Asked(args.today, args.times, args.every, args.margin / 100.0, args.skus)
    found = compared(shop, item_rows(args.items) if args.items else {}, asked, model)
    try:
        args.report.write_text(page(found, f"Reordering, tried on {args.sales.name}"), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{args.report} cannot be written: {error.strerror}") from None
    print(json.dumps(as_json(found)) if args.json else text(found))
    return 0


def _forecasts(args: argparse.Namespace) -> int:
    """Writes every forecast: origin, sku, horizon, quantile (empty for the mean), value."""
    started = time.perf_counter()
    origins = [_origin(text) for text in args.origins.split(",")]
    shop = _shop(args)
    model = _model(args.model)
    rows = 0
    from edge_agent.demand.backtest import evening

    try:
        with args.out.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("origin", "sku", "horizon", "quantile", "value"))
            for origin in origins:
                rows += _write(writer, evening(shop, origin, model))
    except OSError as error:
        raise BadInput(f"{args.out} cannot be written: {error.strerror}") from None
    done = {
        "origins": len(origins),
        "rows": rows,
        "forecaster": "onnx" if model else "base",
        "model": model.sha256 if model else "",
        "seconds": round(time.perf_counter() - started, 1),
    }
    print(
        json.dumps(done) if args.json else "{rows} rows, {origins} evenings, {forecaster}, {seconds} s".format(**done)
    )
    return 0


def _shop(args: argparse.Namespace) -> ShopHistory:
    """The files' shop, of which the device would have thought as of any: with what other shops foretell of it."""
    shop = shop_from_files(args.sales, stock=args.stock, calendar=args.calendar, items=args.items)
    return replace(shop, priors=shipped_priors())


def _origin(text: str) -> int:
    try:
        return date.fromisoformat(text.strip()).toordinal()
    except ValueError:
        raise BadInput(f"--origins: {text.strip()!r} is not a date like 2017-10-01") from None


def _model(words: str) -> Any:
    """The model asked for; the one shipped by default. Without one the base forecasts, and it is said."""
    if words == "base":
        return None
    path = Path(words) if words else model_file()
    if path is None:
        print("no model is shipped: the base forecasts", file=sys.stderr)
        return None
    from edge_agent.demand.model import DemandModel

    return DemandModel(path)


def _write(writer: Any, told: Any) -> int:
    from edge_agent.demand.habits import HORIZONS
    from edge_agent.demand.metrics import LEVELS

    origin = date.fromordinal(told.origin).isoformat()
    found = told.quantiles()
    for row, sku in enumerate(told.skus):
        for h, horizon in enumerate(HORIZONS):
            writer.writerow((origin, sku, horizon, "", f"{told.means[row, h]:.6g}"))
            writer.writerows(
                (origin, sku, horizon, level, int(value)) for level, value in zip(LEVELS, found[row, h], strict=True)
            )
    return len(told.skus) * len(HORIZONS) * (1 + len(LEVELS))

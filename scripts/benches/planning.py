"""The model's work on the device: the plan of a whole shop, its child's start and memory, and training anew."""

import json
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from cloud_sync.fleet import Lessons, Settings, lessons, train
from edge_agent.demand.child import quiet_environment
from edge_agent.demand.features import Floats, sold_table
from edge_agent.demand.messages import shop_to_plain
from edge_agent.demand.model import DemandModel, forecast_with, learn_with
from edge_agent.demand.series import ShopHistory, SkuHistory
from edge_agent.places import model_file
from scripts.benches import Figure, median, pairs, ratio_of
from scripts.venv_ import ROOT

TAUGHT_ROWS = 40_000
ETS_SERIES = 12
BARE = "import numpy, onnxruntime"


def measure_planning(shop: ShopHistory) -> list[Figure]:
    """Six figures; `shop` is a year of a real shop, repeated until it has as many SKUs as asked for."""
    path = model_file()
    if path is None:
        raise RuntimeError("no model is shipped")
    model = DemandModel(path)
    thousand, many = _repeated(shop, 1_000), _repeated(shop, 10_000)
    return [
        _plan("72-hour plan of 1,000 SKUs", model, thousand, (0.3, 0.15)),
        _plan("72-hour plan of 10,000 SKUs", model, many, (3.0, 1.5)),
        _against_autoets(model, thousand),
        _cold_child(path),
        _memory(path, thousand),
        _training(shop),
    ]


def _repeated(shop: ShopHistory, skus: int) -> ShopHistory:
    ones = list(shop.skus.values())
    many = {}
    for place in range(skus):
        one = ones[place % len(ones)]
        many[f"{one.sku}-{place}"] = SkuHistory(f"{one.sku}-{place}", one.days, one.qtys)
    return ShopHistory(shop.zone, shop.opening, shop.today, many, shop.hour_profile)


def _plan(name: str, model: DemandModel, shop: ShopHistory, bounds: tuple[float, float]) -> Figure:
    """Features, model and mix to stored forecasts, from what was learnt in the night."""
    habits = learn_with(model, shop)
    return _busy(name, lambda: forecast_with(model, shop, habits, list(shop.skus), 0), bounds)


def _busy(name: str, work: Callable[[], object], bounds: tuple[float, float], rounds: int = 5) -> Figure:
    """Seconds of one core: what others do on the machine meanwhile does not count."""
    return Figure(name, median([_of_core(work) for _ in range(rounds)]), "s", "CPU seconds of one core", None, *bounds)


def _of_core(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _against_autoets(model: DemandModel, shop: ShopHistory) -> Figure:
    """A SKU's share of the whole plan against AutoETS on an even sample of the same SKUs."""
    habits = learn_with(model, shop)
    chosen = list(shop.skus.values())[:: len(shop.skus) // ETS_SERIES][:ETS_SERIES]
    series = [sold_table([one], shop.today - 1, shop.today - one.days[0])[0] for one in chosen]
    _autoets(series[0])
    measured = pairs(
        lambda: _of_core(lambda: [_autoets(one) for one in series]) / len(series),
        lambda: _of_core(lambda: forecast_with(model, shop, habits, list(shop.skus), 0)) / len(shop.skus),
    )
    ratio, spread = ratio_of(measured)
    ours = median([one for _, one in measured]) * 1000
    return Figure("plan of a SKU: times faster", ours, "ms", "AutoETS", ratio, 100, 300, spread, higher_is_better=True)


def _autoets(series: Floats) -> object:
    from statsforecast.models import AutoETS

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return AutoETS(season_length=7).fit(series).predict(7)


def _cold_child(path: Path) -> Figure:
    """From the start of the process until it says that it is ready, against the interpreter with its two libraries."""
    measured = pairs(lambda: _timed(lambda: _child(path, [])), lambda: _timed(lambda: _python(BARE)), rounds=9)
    ratio, spread = ratio_of(measured)
    value = median([ours for ours, _ in measured]) * 1000
    return Figure("a cold child is ready", value, "ms", f"python -c '{BARE}'", ratio, 1.5, 1.2, spread)


def _python(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True, env=quiet_environment())


def _child(path: Path, questions: list[dict[str, object]]) -> float:
    """The peak memory in MB of a child that answered these questions; 0.0 where the system does not tell."""
    command = [sys.executable, "-m", "edge_agent.demand.worker", str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=quiet_environment(), cwd=ROOT
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdout.readline()
        answer: dict[str, object] = {}
        for question in questions:
            child.stdin.write(json.dumps({**question, **answer}) + "\n")
            child.stdin.flush()
            answer = {key: value for key, value in json.loads(child.stdout.readline()).items() if key == "habits"}
        peak = _peak_mb(child.pid)
        child.kill()
    return peak


def _peak_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def _memory(path: Path, shop: ShopHistory) -> Figure:
    plain = shop_to_plain(shop)
    peak = _child(path, [{"do": "learn", "shop": plain}, {"do": "forecast", "shop": plain, "at": 0}])
    return Figure("peak memory of the model's child", peak, "MB", "learns and plans 1,000 SKUs", None, 120, 100)


def _training(shop: ShopHistory) -> Figure:
    """Rows from a shop's history, both forests, conversion and parity."""
    taught: list[Lessons] = []

    def whole() -> None:
        taught[:] = [lessons(_repeated(shop, 500), Settings())]
        train(taught, Settings())

    figure = _busy(f"training anew on {TAUGHT_ROWS:,} rows", whole, (30.0, 15.0), rounds=1)
    if len(taught[0]) != TAUGHT_ROWS:
        raise RuntimeError(f"trained on {len(taught[0])} rows: {asdict(Settings())}")
    return figure

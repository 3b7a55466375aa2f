"""The back-test tells what the device would have said: no future in it, the stable file, and no worse than the base."""

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from edge_agent.commands import main
from edge_agent.commands.histories import shop_from_files
from edge_agent.demand.backtest import came, evening, judge, judged_evenings
from edge_agent.demand.blend import Corrections, blended
from edge_agent.demand.dispersion import dispersion
from edge_agent.demand.dispersions import curve_of, dispersions
from edge_agent.demand.earning import earn
from edge_agent.demand.features import KINDS, NAMES
from edge_agent.demand.forecasting import learn_studies
from edge_agent.demand.habits import HORIZONS, Blend
from edge_agent.demand.lattice import JUDGED_WEEKS
from edge_agent.demand.lattices import learned, studied
from edge_agent.demand.metrics import LEVELS, coverage, pinball, weighted_quantile_loss
from edge_agent.demand.model import DemandModel
from edge_agent.demand.rows import Rows, past_rows, present_rows
from edge_agent.demand.series import Facts, Opening, ShopHistory, sku_histories
from edge_agent.demand.stakes import Stakes

ROOT = Path(__file__).parent.parent
SHIPPED = ROOT / "models" / "demand.onnx"
LAST = date(2026, 2, 28).toordinal()


def rows_of(seed: int, skus: int = 6, days: int = 150) -> list[tuple[str, int, int]]:
    rng = np.random.default_rng(seed)
    span = range(LAST - days + 1, LAST + 1)
    return [(f"s{i}", day, 1000 * int(rng.negative_binomial(2 + i, 0.5))) for i in range(skus) for day in span]


def sales_file(path: Path, rows: Sequence[tuple[str, int, int]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("ts", "sku", "qty", "price"))
        writer.writerows((date.fromordinal(day).isoformat(), sku, qty / 1000, "1.20") for sku, day, qty in rows if qty)
    return path


def told(tmp_path: Path, rows: Sequence[tuple[str, int, int]], *words: str) -> list[dict[str, str]]:
    out = tmp_path / "out.csv"
    sales = sales_file(tmp_path / "sales.csv", rows)
    assert main(["backtest", str(sales), "--out", str(out), *words]) == 0
    with out.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("model", ["base", str(SHIPPED)])
def test_no_future_sale_leaks_into_a_forecast(tmp_path: Path, model: str) -> None:
    origin = LAST - 20
    real = rows_of(1)
    other = [(sku, day, qty if day <= origin else 50_000 - qty) for sku, day, qty in real]
    other += [("born later", origin + 1, 9_000)]
    words = ("--origins", date.fromordinal(origin).isoformat(), "--model", model)
    assert told(tmp_path, real, *words) == told(tmp_path, other, *words)


def test_the_evening_s_own_sales_do_count(tmp_path: Path) -> None:
    origin = LAST - 20
    real = rows_of(1)
    other = [(sku, day, qty + 30_000 * (day == origin)) for sku, day, qty in real]
    words = ("--origins", date.fromordinal(origin).isoformat(), "--model", "base")
    assert told(tmp_path, real, *words) != told(tmp_path, other, *words)


def test_the_file_holds_every_active_sku_once_per_horizon_and_quantile(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [*rows_of(2), ("asleep", LAST - 95, 4_000), ("awake", LAST - 83, 4_000)]
    found = told(tmp_path, rows, "--origins", f"{date.fromordinal(LAST)},2026-02-20", "--json")
    done = json.loads(capsys.readouterr().out)
    keys = [(one["origin"], one["sku"], one["horizon"], one["quantile"]) for one in found]
    assert len(set(keys)) == len(keys) == done["rows"]
    assert {one["quantile"] for one in found} == {"", *map(str, LEVELS)}
    assert {one["horizon"] for one in found} == {"1", "3", "7"}
    assert {sku for origin, sku, _, _ in keys if origin == "2026-02-28"} == {*(f"s{i}" for i in range(6)), "awake"}
    assert min(float(one["value"]) for one in found) >= 0.0
    assert done["forecaster"] == "onnx"


def test_quantiles_of_a_forecast_never_cross(tmp_path: Path) -> None:
    found = told(tmp_path, rows_of(3), "--origins", "2026-02-25")
    for sku in {one["sku"] for one in found}:
        for horizon in "137":
            mine = [one for one in found if one["sku"] == sku and one["horizon"] == horizon and one["quantile"]]
            values = [float(one["value"]) for one in sorted(mine, key=lambda one: float(one["quantile"]))]
            assert values == sorted(values)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ts,sku\n2026-01-01,a\n", "column qty: the column is missing"),
        ("ts,sku,qty\n2026-01-01,a,1\n01.02.2026,a,1\n", "line 3, column ts"),
        ("ts,sku,qty\n2026-01-01,a,many\n", "line 2, column qty"),
        ("ts,sku,qty\n2026-01-01T29:00,a,1\n", "line 2, column ts"),
        ("ts,sku,qty\n", "tells no sales"),
    ],
)
def test_a_bad_sales_file_is_named_by_line_and_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    sales = tmp_path / "sales.csv"
    sales.write_text(text, encoding="utf-8")
    out = tmp_path / "out.csv"
    assert main(["backtest", str(sales), "--origins", "2026-01-01", "--out", str(out)]) == 1
    assert words in capsys.readouterr().err
    assert not out.exists()


def test_stock_and_calendar_files_are_heard(tmp_path: Path) -> None:
    closed = date.fromordinal(LAST + 1).isoformat()
    calendar, stock = tmp_path / "calendar.csv", tmp_path / "stock.csv"
    calendar.write_text(f"date,name,open_from,open_to\n{closed},rest,,\n", encoding="utf-8")
    stock.write_text(f"date,sku,in_stock_share\n{date.fromordinal(LAST)},s1,0.25\n", encoding="utf-8")
    shop = shop_from_files(sales_file(tmp_path / "sales.csv", rows_of(4)), stock=stock, calendar=calendar)
    assert shop.skus["s1"].short == {LAST: 250}
    assert shop.opening.minutes(LAST + 1) is None
    assert evening(shop, LAST).means[:, 0].max() == 0.0


def test_wql_of_a_hand_example() -> None:
    actual, forecast = np.array([10.0, 0.0]), np.array([[8.0, 12.0], [1.0, 2.0]])
    assert pinball(actual, forecast, (0.5, 0.9)).tolist() == pytest.approx([1.5, 0.4])
    assert weighted_quantile_loss(actual, forecast, (0.5, 0.9)) == pytest.approx(2 * (1.5 + 0.4) / 2 / 10)
    assert coverage(actual, forecast).tolist() == [0.5, 1.0]
    assert np.isnan(weighted_quantile_loss(np.zeros(1), np.ones((1, 1)), (0.5,)))


def test_training_and_device_ask_with_the_same_features() -> None:
    shop = ShopHistory("UTC", Opening(), LAST + 1, sku_histories(rows_of(5, days=300)))
    habits, studies = learned(shop, 2 + JUDGED_WEEKS)
    taught = past_rows(studies, 2)
    then = shop.as_of(LAST + 1 - 14)
    curves = tuple(tuple(curve_of(studies.misses(2, h)).tolist()) for h in range(len(HORIZONS)))
    known = replace(habits, until=then.today - 1, curves=curves)
    device = present_rows(studied(then.skus, taught.skus, known, JUDGED_WEEKS), known, then.opening)
    np.testing.assert_allclose(device.features, taught.features)
    np.testing.assert_allclose(device.base, taught.base)


def test_all_skus_at_once_are_studied_as_one_at_a_time_is() -> None:
    sold = [*rows_of(6, skus=8, days=400), ("new", LAST - 9, 3_000), ("asleep", LAST - 190, 2_000)]
    histories = sku_histories((sku, day, qty) for sku, day, qty in sold if day % 7 != 3)
    short = {LAST - 4: 250, LAST - 30: 0, LAST - 31: 900}
    histories["s1"] = replace(histories["s1"], short=short)
    shop = ShopHistory("UTC", Opening(), LAST + 1, histories)
    slow, ones = learn_studies(shop)
    fast, many = learned(shop)
    np.testing.assert_allclose(fast.curves, slow.curves)
    for row, sku in enumerate(many.skus):
        np.testing.assert_allclose(many.weeks[:, row], ones[sku].weeks, atol=1e-12)
        assert many.recent[row] == pytest.approx(ones[sku].recent)
        for h in range(len(HORIZONS)):
            own, mean = ones[sku].misses(0, h), float(many.weeks[0, row, : HORIZONS[h]].sum())
            spread = many.misses(0, h).of(np.array([row]))
            assert (spread.squares[0], spread.means[0], spread.sums[0]) == pytest.approx(
                (own.squares, own.means, own.sums)
            )
            phi = dispersions(spread, np.array(fast.curves[h]), np.array([mean]))[0]
            assert phi == pytest.approx(dispersion(own, slow.curves[h], mean))


TOO_FEW_FOR_A_LEAN = 6


def week(rng: np.random.Generator, factor: float) -> tuple[Rows, Corrections]:
    """A week in which demand was `factor` times the base, as a model said that it would be."""
    base = np.full((200, 7), 4.0)
    came_then = rng.negative_binomial(8.0, 8.0 / (8.0 + base * factor)).astype(float)
    rows = Rows(
        tuple(map(str, range(200))), np.zeros((200 * len(KINDS), len(NAMES))), base, np.full((200, 3), 1.5), came_then
    )
    return rows, Corrections(np.full((200, 7), 1.3), np.ones((200, 3)))


def test_a_model_that_was_right_earns_weight_and_one_that_was_wrong_earns_none() -> None:
    rng = np.random.default_rng(17)
    assert [part.weight for part in earn([week(rng, 1.3) for _ in range(8)]).parts] == [1.0, 1.0, 1.0]
    assert [part.weight for part in earn([week(rng, 0.8) for _ in range(8)]).parts] == [0.0, 0.0, 0.0]
    assert earn([week(rng, 1.3) for _ in range(2)]) == Blend()


def test_a_model_earns_its_weight_for_each_stretch_of_days_by_itself() -> None:
    rng = np.random.default_rng(19)
    past = [week(rng, 1.3) for _ in range(TOO_FEW_FOR_A_LEAN)]
    later = np.array([1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5])
    tired = [(rows, replace(says, means=says.means * later)) for rows, says in past]
    first, second, third = earn(tired).parts
    assert (first.weight, second.weight, third.weight) == (1.0, 1.0, 0.0)


def test_a_shop_whose_sales_lie_above_all_that_is_said_of_them_earns_a_level() -> None:
    rng = np.random.default_rng(20)
    says_nothing = Corrections(np.ones((200, 7)), np.ones((200, 3)))
    blend = earn([(week(rng, 1.2)[0], says_nothing) for _ in range(12)])
    assert all(1.1 < part.level < 1.3 for part in blend.parts)
    assert len(blend.thousandths()) == 12
    assert all(1_100 < level < 1_300 for level in blend.thousandths()[2::4])


def test_a_mix_with_less_loss_whose_orders_cost_more_is_not_taken() -> None:
    rng = np.random.default_rng(21)

    def lopsided() -> tuple[Rows, Corrections]:
        """The model is right of most SKUs, and wrong of the few that cost most."""
        rows, says = week(rng, 1.3)
        came = rows.came.copy()
        came[:20] = rng.negative_binomial(8.0, 8.0 / 12.0, (20, 7))
        return replace(rows, came=came), replace(says, means=np.vstack([says.means[:20] * 0.3, says.means[20:]]))

    past = [lopsided() for _ in range(TOO_FEW_FOR_A_LEAN)]
    dear = Stakes({str(sku): Facts(earns=1_000_000 if sku < 20 else 1_000, level=9_000) for sku in range(200)})
    assert min(part.weight for part in earn(past).parts) > 0.0
    assert [part.weight for part in earn(past, dear).parts] == [0.0, 0.0, 0.0]


def test_what_a_sku_is_stocked_up_to_is_the_nearest_level_that_is_tried() -> None:
    stakes = Stakes({"a": Facts(price=250), "b": Facts(earns=77_000, level=9_720)})
    under, level = stakes.of(["a", "b", "unknown"])
    assert under.tolist() == [100_000.0, 77_000.0, 1.0]
    assert level.tolist() == [0.9, 0.975, 0.9]


def test_high_quantiles_that_covered_too_little_are_widened_and_never_narrowed() -> None:
    rng = np.random.default_rng(18)
    past = [week(rng, 1.0) for _ in range(8)]
    narrow = [(replace(rows, phi=np.ones((200, 3)), came=rows.came * 2.0 - 4.0), says) for rows, says in past]
    assert earn(past).spreads == (1.0, 1.0, 1.0)
    assert min(earn(narrow).spreads) > 1.0


def test_without_weight_the_mix_is_the_base() -> None:
    rows, says = week(np.random.default_rng(1), 1.0)
    means, phi = blended(rows, says, Blend())
    np.testing.assert_array_equal(means, rows.base)
    np.testing.assert_array_equal(phi, rows.phi)


def test_on_the_bakery_s_real_sales_the_mix_is_no_worse_than_the_base() -> None:
    shop = shop_from_files(ROOT / "scripts" / "demo_shop" / "bakery.csv.gz")
    model, losses = DemandModel(SHIPPED), []
    evenings = judged_evenings(shop.today - 1, 2)
    for using in (None, model):
        forecasts = [evening(shop, origin, using) for origin in evenings]
        actual = np.concatenate([came(shop, one) for one in forecasts])
        losses.append(judge(actual, np.concatenate([one.quantiles() for one in forecasts])).loss)
    assert losses[1] <= 1.02 * losses[0]


def test_what_files_say_of_an_item_is_known_from_its_first_row_or_its_items_file(tmp_path: Path) -> None:
    sales = tmp_path / "sales.csv"
    rows = ("ts,sku,qty,price,name,category", "2026-01-01,a,1,2.50,Blue mug,mugs", "2026-01-02,a,1,2.70,Mug,")
    sales.write_text("\n".join([*rows, "2026-01-02,b,1,,,", "2026-01-02,c,1,dear,,"]) + "\n", encoding="utf-8")
    items = tmp_path / "items.csv"
    items.write_text("sku,item,name,category,price\nb,mug,Red mug,mugs,3\n", encoding="utf-8")
    shop = shop_from_files(sales, items=items)
    assert shop.facts == {"a": Facts(250, "Blue mug", "mugs"), "b": Facts(300, "Red mug", "mugs", "mug"), "c": Facts()}
    assert shop.as_of(shop.today - 1).facts == shop.facts

"""Retraining on synced sales: sampled with a seed, judged on weeks and shops that taught nothing, kept for publish."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import update
from sqlmodel import col

from cloud_sync.commands import main, train
from cloud_sync.commands.publish import candidate_file
from cloud_sync.database import Database, open_database
from cloud_sync.fleet import Settings as Forest
from cloud_sync.founding import NewShop, found
from cloud_sync.published import newest
from cloud_sync.retraining import candidate, shops
from cloud_sync.retraining.candidate import Made, Sampling, keep, make
from cloud_sync.retraining.shops import HELD_DAYS
from cloud_sync.retraining.trial import ShopTrial, outcome
from cloud_sync.settings import Settings
from cloud_sync.tables.figures import DemandDay
from cloud_sync.tables.fleet import Candidate
from cloud_sync.tables.house import Shop
from edge_agent.errors import BadInput
from tests.shop import TUESDAY_14

SMALL = Forest(trees=6, leaves=8, least=20, spread_trees=4, spread_leaves=4, seed=7)
TODAY = 739_678
NAMES = ("Corner Shop", "Harbour Shop", "Station Shop", "Young Shop")


def sells_daily(database: Database, shop: Shop, *, days: int, items: int = 5, seed: int) -> None:
    """Poisson sales with a weekly beat up to TODAY, as tills would have synced them."""
    rng = np.random.default_rng(seed)
    key = {"tenant": shop.tenant, "shop": shop.shop}
    with database.writing() as session:
        for item in range(items):
            for day in range(TODAY - days, TODAY + 1):
                sold = int(rng.poisson((1.0 + item) * (2.0 if day % 7 == 5 else 0.8)))
                if sold:
                    session.add(DemandDay(**key, sku=f"s{item}", day=day, sold=600 * sold, imported=400 * sold))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cloud of four shops: three that have sold for long, one that has for a month."""
    folder = tmp_path_factory.mktemp("fleet") / "cloud"
    settings = Settings(data=folder)
    made = [found(settings, NewShop(name, "Europe/London", "GBP"), now=TUESDAY_14) for name in NAMES]
    database = open_database(settings.database_url).service()
    for seed, shop in enumerate(made):
        sells_daily(database, shop, days=300 if seed < 3 else 30, seed=seed)
    database.close()
    return folder


@pytest.fixture(scope="module")
def database(folder: Path) -> Iterator[Database]:
    database = open_database(Settings(data=folder).database_url)
    yield database
    database.close()


@pytest.fixture(scope="module")
def told() -> list[str]:
    return []


@pytest.fixture(scope="module")
def made(database: Database, told: list[str]) -> Made:
    return make(database, Sampling(seed=3), SMALL, told.append)


def test_a_candidate_is_trained_on_every_shop_but_those_held_out_and_judged_on_all(made: Made, told: list[str]) -> None:
    assert (made.shops, made.of) == (4, 4)
    assert [one.held_out for one in made.trials].count(True) == 1
    assert {one.name for one in made.trials} == set(NAMES[:3])
    assert made.trained.parity <= 1e-5
    assert made.taught_until == TODAY - HELD_DAYS - 1
    assert "Young Shop: too little to learn from" in told
    verdict = json.loads(json.dumps(made.verdict()))
    assert verdict["ratio_held_out"] == pytest.approx(next(one.ratio for one in made.trials if one.held_out))


def test_the_same_seed_gives_the_same_file_and_verdict(database: Database, made: Made) -> None:
    again = make(database, Sampling(seed=3), SMALL, lambda _: None)
    assert again.trained.sha256 == made.trained.sha256
    assert again.verdict() == made.verdict()


def test_what_a_shop_sells_on_its_held_days_teaches_nothing(database: Database, made: Made) -> None:
    with database.reading() as session:
        chosen, _ = shops.chosen_shops(session, most=9, seed=3)
        before, until = candidate._lessons(session, chosen, Sampling(seed=3), SMALL, lambda _: None)
        later = update(DemandDay).where(col(DemandDay.day) > until, col(DemandDay.day) < TODAY)
        session.execute(later.values(sold=DemandDay.sold * 3 + 1000))
        after, _ = candidate._lessons(session, chosen, Sampling(seed=3), SMALL, lambda _: None)
    assert until == made.taught_until
    assert sum(map(len, before)) == made.trained.rows
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one.features, other.features)
        np.testing.assert_array_equal(one.came, other.came)


def test_memory_is_bounded_by_items_and_rows(database: Database, monkeypatch: pytest.MonkeyPatch, made: Made) -> None:
    monkeypatch.setattr(shops, "SKUS", 2)
    monkeypatch.setattr(candidate, "MOST_ROWS", 3_000)
    with database.reading() as session:
        chosen, of = shops.chosen_shops(session, most=3, seed=3)
        histories = [shops.history_of(session, one, seed=3) for one in chosen]
        taught, _ = candidate._lessons(session, chosen, Sampling(seed=3), SMALL, lambda _: None)
    assert (len(chosen), of) == (3, 4)
    assert [len(one.skus) for one in histories] == [2, 2, 2]
    assert max(map(len, taught)) <= 1_500


def test_a_cloud_without_enough_sales_says_so(tmp_path: Path, new_database: Callable[[], str]) -> None:
    settings = Settings(data=tmp_path / "cloud", database=new_database())
    shop = found(settings, NewShop("Corner Shop", "Europe/London", "GBP"), now=TUESDAY_14)
    database = open_database(settings.database_url).service()
    with pytest.raises(BadInput, match="no shop"):
        make(database, Sampling(), SMALL, lambda _: None)
    sells_daily(database, shop, days=40, seed=1)
    with pytest.raises(BadInput, match="no shop"):
        make(database, Sampling(), SMALL, lambda _: None)
    database.close()


def trial(ratio: float = 1.0, *, held_out: bool = False, covered: float = 0.9) -> ShopTrial:
    return ShopTrial("S", held_out, 900, 0.5, 0.4, 0.4 * ratio, (covered, 0.95, 0.99), (0.9, 0.95, 0.99))


@pytest.mark.parametrize(
    ("trials", "fault"),
    [
        ([trial(0.97), trial(0.99, held_out=True)], ""),
        ([trial(), trial(held_out=True)], ""),
        ([trial(1.01), trial(1.0)], "loss is 1.0050"),
        ([trial(0.9), trial(1.02, held_out=True)], "taught nothing it is 1.0200"),
        ([trial(0.9), trial(1.06)], "one shop would lose 1.060"),
        ([trial(0.9, covered=0.8)], "cover 0.033 less"),
    ],
)
def test_a_candidate_is_worse_in_the_mean_on_unseen_shops_for_one_shop_or_in_what_it_covers(
    trials: list[ShopTrial], fault: str
) -> None:
    found = outcome(trials)
    assert found.better == (not fault)
    assert fault in found.words


def test_the_verdict_is_stored_and_publish_goes_by_it(
    folder: Path, database: Database, made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(database, made, candidate_file(folder), TUESDAY_14)
    with database.reading() as session:
        row = session.get_one(Candidate, made.trained.sha256)
        assert (row.better, json.loads(row.verdict)["rows"]) == (made.outcome.better, made.trained.rows)
    words = ["publish", "--data", str(folder), "--json"]
    assert main(words) == (0 if made.outcome.better else 1)
    capsys.readouterr()
    assert main([*words, "--force", "to see"]) == 0
    with database.reading() as session:
        published = newest(session)
        assert published is not None
        assert published.file == made.trained.onnx


def test_the_command_tells_the_verdict(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("cloud_sync.fleet.Settings", lambda seed: SMALL)
    assert main(["train", "--data", str(folder), "--seed", "3"]) == 0
    said = capsys.readouterr()
    assert "parity" in said.out
    assert "against the model in use" in said.out
    assert "4 of 4 shops, seed 3" in said.err


def test_without_the_extra_it_says_what_to_install_and_the_service_never_needs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(train, "NEEDED", ("no_such_library",))
    with pytest.raises(BadInput, match=r"extra `train`.*requirements/train\.txt"):
        train.refuse_without_extra()
    program = (
        "import sys, cloud_sync.app, cloud_sync.commands.publish, cloud_sync.commands.train\n"
        "print([name for name in ('numpy', 'sklearn', 'onnx', 'onnxruntime') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

"""Publishing a model: judged first, signed by the cloud's own key, told to every shop, handed out to tills in parts."""

import base64
import hashlib
import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import col, select

from cloud_sync.commands import main
from cloud_sync.database import Database, open_database
from cloud_sync.founding import NewShop, found
from cloud_sync.published import Publishing, publish_model
from cloud_sync.settings import Settings
from cloud_sync.signing import holds, key_file, public_key
from cloud_sync.tables.events import FeedRow
from cloud_sync.tables.fleet import Candidate, PublishedModel
from cloud_sync.tables.house import Stamp
from edge_agent.demand.schema import SCHEMA
from edge_agent.errors import NotAllowed
from edge_agent.rules.day import DAY_MS
from edge_agent.wire.events.models import ModelPublished
from edge_agent.wire.limits import MODEL_PART_BYTES
from tests.cloud import Cloud, FakeTill
from tests.shop import TUESDAY_14

SHOP = NewShop("Corner Shop", "Europe/London", "GBP")
FILE = bytes(range(256)) * 900


def judge(database: Database, file: bytes = FILE, *, better: bool = True) -> None:
    """The file is a candidate that was judged."""
    with database.writing() as session:
        session.merge(
            Candidate(
                sha256=hashlib.sha256(file).hexdigest(),
                made_at=TUESDAY_14,
                features=SCHEMA,
                taught_until=739_000,
                better=better,
                verdict=b"{}",
            )
        )


@pytest.fixture
def settings(tmp_path: Path, new_database: Callable[[], str]) -> Settings:
    settings = Settings(data=tmp_path / "cloud", database=new_database())
    found(settings, SHOP, now=TUESDAY_14)
    return settings


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = open_database(settings.database_url).service()
    yield database
    database.close()


def offers(database: Database) -> list[ModelPublished]:
    """What the feeds of all shops say of models, in order."""
    with database.reading() as session:
        rows = session.exec(select(FeedRow).where(FeedRow.kind == "model_published").order_by(col(FeedRow.cursor)))
        return [ModelPublished.model_validate_json(row.body) for row in rows]


def publishes(settings: Settings, database: Database, file: bytes = FILE, force: str = "") -> ModelPublished:
    how = Publishing(settings.data, key_file(settings.data), force=force)
    with database.writing() as session:
        return publish_model(session, file, how, TUESDAY_14)


@pytest.mark.both
def test_a_judged_candidate_is_signed_and_told_to_every_shop_and_to_those_that_come_later(
    settings: Settings, database: Database
) -> None:
    found(settings, NewShop("Harbour Shop", "Europe/London", "GBP"), now=TUESDAY_14)
    judge(database)
    model = publishes(settings, database)
    assert (model.version, model.length, model.expires_at) == (2026030301, len(FILE), TUESDAY_14 + 180 * DAY_MS)
    assert offers(database) == [model, model]
    with database.reading() as session:
        key, audience = public_key(session), session.get_one(Stamp, "audience").value
        assert holds(model, audience=audience, key=key)
        assert not holds(model, audience="another cloud", key=key)
        assert not holds(model.model_copy(update={"version": 2026030302}), audience=audience, key=key)
    found(settings, NewShop("Late Shop", "Europe/London", "GBP"), now=TUESDAY_14)
    assert len(offers(database)) == 3


def test_the_key_is_made_with_the_cloud_and_readable_by_its_owner_alone(settings: Settings, database: Database) -> None:
    file = key_file(settings.data)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with database.reading() as session:
        assert file.read_text() not in (public_key(session), "")


def test_a_cloud_that_was_made_before_gets_its_key_with_the_first_publishing(
    settings: Settings, database: Database
) -> None:
    key_file(settings.data).unlink()
    with database.writing() as session:
        session.delete(session.get_one(Stamp, "model_key"))
    judge(database)
    model = publishes(settings, database)
    with database.reading() as session:
        assert holds(model, audience=session.get_one(Stamp, "audience").value, key=public_key(session))


@pytest.mark.parametrize("lost", [True, False])
def test_another_key_than_the_tills_have_pinned_signs_nothing(
    settings: Settings, database: Database, *, lost: bool
) -> None:
    judge(database)
    if lost:
        key_file(settings.data).unlink()
    else:
        key_file(settings.data).write_text("11" * 32)
    with pytest.raises(NotAllowed, match="key"):
        publishes(settings, database)
    assert offers(database) == []


def test_what_is_worse_or_was_never_judged_is_published_by_force_and_reason_alone(
    settings: Settings, database: Database
) -> None:
    with pytest.raises(NotAllowed, match="never judged"):
        publishes(settings, database, force="I like it")
    judge(database, better=False)
    with pytest.raises(NotAllowed, match="not better"):
        publishes(settings, database)
    publishes(settings, database, force="the old one fails on new tills")
    with database.reading() as session:
        assert session.exec(select(PublishedModel.forced)).one() == "the old one fails on new tills"


def test_versions_count_up_within_a_day(settings: Settings, database: Database) -> None:
    judge(database)
    assert [publishes(settings, database).version for _ in range(3)] == [2026030301, 2026030302, 2026030303]


def test_the_command_says_what_it_did_and_what_is_missing(
    settings: Settings, database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.data.joinpath("cloud.toml").write_text(f'database = "{settings.database}"\n' if settings.database else "")
    words = ["publish", "--data", str(settings.data), "--json"]
    assert main(words) == 1
    assert "cloud-sync train writes it" in capsys.readouterr().err
    judge(database)
    (tmp_path / "mine.onnx").write_bytes(FILE)
    assert main([*words, str(tmp_path / "mine.onnx"), "--days", "30"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["sha256"] == hashlib.sha256(FILE).hexdigest()
    assert main([*words, str(tmp_path / "mine.onnx"), "--days", "0"]) == 1


@pytest.mark.both
def test_a_till_gets_the_key_at_pairing_and_the_file_in_parts(cloud: Cloud) -> None:
    judge(cloud.database)
    settings = cloud.service.settings
    model = publishes(settings, cloud.database)
    till = FakeTill(cloud.another())
    with cloud.reading() as session:
        assert till.paired.model_key == public_key(session)
    got, sizes = b"", list[int]()
    while True:
        answer = till.http.get("/v1/model", params={"sha256": model.sha256, "after": len(got)})
        part = base64.b64decode(answer.json()["data"])
        if not part:
            break
        got, sizes = got + part, [*sizes, len(part)]
    assert got == FILE
    assert sizes == [MODEL_PART_BYTES, MODEL_PART_BYTES, len(FILE) - 2 * MODEL_PART_BYTES]
    assert till.http.get("/v1/model", params={"sha256": "0" * 64, "after": 0}).json()["data"] == ""
    assert till.http.get("/v1/model", params={"sha256": "../../etc", "after": 0}).status_code == 422
    till.close()

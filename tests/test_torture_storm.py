"""The storm's judge must be able to fail; and a small storm over the real wires loses nothing."""

from pathlib import Path

import pytest

from scripts.postgres_ import Postgres
from scripts.tortures import storm
from tests.cloud import serving


def test_a_small_storm_loses_and_doubles_nothing(tmp_path: Path) -> None:
    lines = storm.run(tmp_path, seed=7, tills=40).lines
    assert "lost 0, doubled 0, not as sent 0, wrong heads 0" in lines, lines


TWICE = "INSERT INTO raw_event SELECT tenant, journal, 9, id, kind, hash, line, 0 FROM raw_event WHERE seq = 1"


@pytest.mark.parametrize(
    ("planted", "word"),
    [
        ("DELETE FROM raw_event WHERE seq = 3", "lost"),
        ("UPDATE raw_event SET id = '0000000000000001' WHERE seq = 2", "lost"),
        (TWICE, "doubled"),
        ("UPDATE raw_event SET line = 'x' WHERE seq = 2", "other"),
        ("UPDATE journal SET seq = 2", "heads"),
    ],
)
def test_what_a_server_loses_doubles_or_changes_is_found(
    tmp_path: Path, cluster: Postgres, planted: str, word: str
) -> None:
    name = cluster.new_database()
    with serving(tmp_path, database=cluster.url(name)) as cloud, cluster.connect(name) as connection:
        (till,) = storm.enrol(cloud.service, 1)
        storm.play(cloud.url, 1, [till], events=3)
        assert storm.judge(connection, 1, 3).ok
        connection.execute(planted.encode())
        verdict = storm.judge(connection, 1, 3)
        assert getattr(verdict, word) == 1
        assert not verdict.ok

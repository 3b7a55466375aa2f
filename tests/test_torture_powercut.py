"""The power-cut rig must be able to fail: a disk's cache that is lost, and a till that syncs too little."""

import random
from pathlib import Path

import pytest

from scripts.tortures.crash import Disk
from scripts.tortures.film import Film, Owed, Setting, filmed
from scripts.tortures.powercut import SELF_CHECKS, SETTINGS, opened, play, wrong_with
from scripts.tortures.recorded import Op


def after(*ops: Op, mode: str = "nothing", seed: int = 1) -> dict[str, bytes]:
    disk = Disk({"a": b"old"})
    for moment, op in enumerate(ops):
        disk.apply(moment, op)
    return disk.crash(random.Random(seed), mode)


def test_what_was_not_synced_is_lost_and_what_was_synced_is_not() -> None:
    write = Op("write", "a", 0, b"new")
    assert after(write) == {"a": b"old"}
    assert after(write, Op("sync", "a", begun=1)) == {"a": b"new"}
    assert after(write, mode="everything") == {"a": b"new"}


def test_a_sync_keeps_nothing_that_was_written_after_it_began() -> None:
    late = (Op("write", "a", 0, b"one"), Op("write", "a", 0, b"two"), Op("sync", "a", begun=1))
    assert after(*late) == {"a": b"one"}


def test_a_renamed_file_may_be_there_without_its_bytes() -> None:
    ops = (Op("create", "b"), Op("write", "b", 0, b"new"), Op("rename", "b", to="a"))
    assert after(*ops) == {"a": b"old"}
    found = {tuple(sorted(after(*ops, mode="beginning", seed=seed).items())) for seed in range(40)}
    assert (("a", b""),) in found
    assert (("a", b"new"),) in found
    assert (("a", b"old"), ("b", b"new")) in found


def test_a_write_is_torn_at_sectors() -> None:
    write = Op("write", "a", 0, b"n" * 2048)
    found = {after(write, mode="torn", seed=seed)["a"] for seed in range(60)}
    assert any(b"n" * 512 in data and data.count(b"n") < 2048 for data in found)
    assert all(data.count(b"n") % 512 == 0 for data in found)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[Setting, Film]:
    settings = (SETTINGS[1], *SELF_CHECKS)
    return {one: filmed(tmp_path_factory.mktemp("film") / "shop", one, 20, 1) for one in settings}


@pytest.mark.parametrize("owed", [Owed(), Owed(7, "ab" * 32), Owed(9, "cd" * 32, 2)])
def test_what_a_till_said_before_a_second_cut_is_owed_after_it(owed: Owed) -> None:
    again = Owed()
    for words in owed.promises():
        again.hear(words.encode())
    assert again == owed


def test_a_till_that_syncs_every_sale_loses_nothing(films: dict[Setting, Film]) -> None:
    done, wrong = play(films[SETTINGS[1]], 150, "1", production=True)
    assert wrong == []
    assert done["opened"] == 3


@pytest.mark.parametrize(("setting", "fault"), [(SELF_CHECKS[0], "lost"), (SELF_CHECKS[1], "corrupt")])
def test_a_till_that_syncs_too_little_is_found_out(films: dict[Setting, Film], setting: Setting, fault: str) -> None:
    done, wrong = play(films[setting], 300, "1", production=False)
    assert done[fault] > 2, wrong


def test_a_sale_that_was_said_and_is_not_there_is_found_by_both_looks(
    films: dict[Setting, Film], tmp_path: Path
) -> None:
    film = films[SETTINGS[1]]
    for name, data in film.before.items():
        if "/" not in name:
            (tmp_path / name).write_bytes(data)
    owed = Owed(len(film.journal), film.journal[-1][2].hex(), 0)
    assert wrong_with(tmp_path, film, owed, whole=True).startswith("lost")
    assert opened(tmp_path, owed).startswith("lost")

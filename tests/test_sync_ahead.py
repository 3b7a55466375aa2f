"""A batch that is packed while the one before it is on its way: it is the same batch, or it is not used."""

import threading

import pytest

from cloud_sync.ingest.batch import batch_of
from cloud_sync.ingest.body import unpack
from edge_agent.errors import Broken
from edge_agent.sync.ahead import Ahead
from edge_agent.sync.batch import Packed, pack

LINES = [b'{"seq":1}', b'{"seq":2}', b'{"seq":3}']
BEGINNING = bytes(32).hex()


def packed(first: int, behind: str) -> Packed:
    lines = LINES[first - 1 : first]
    return pack(lines, journal="a" * 32, session=1, first=first, behind=behind, sign=lambda header: header)


def test_the_batch_that_was_packed_ahead_is_given_once_and_only_for_its_place() -> None:
    ahead = Ahead()
    ahead.begin(("a", 1, 3), lambda: packed(1, BEGINNING))
    assert ahead.taken(("a", 1, 3)) == packed(1, BEGINNING)
    assert ahead.taken(("a", 1, 3)) is None
    ahead.begin(("a", 1, 3), lambda: packed(1, BEGINNING))
    assert ahead.taken(("a", 2, 3)) is None


def test_a_newer_batch_takes_the_place_of_one_that_is_still_being_packed() -> None:
    ahead, go_on = Ahead(), threading.Event()

    def slowly() -> Packed:
        go_on.wait(10)
        return packed(1, BEGINNING)

    ahead.begin(("a", 1, 1), slowly)
    ahead.begin(("a", 1, 2), lambda: packed(2, BEGINNING))
    assert ahead.taken(("a", 1, 2)) == packed(2, BEGINNING)
    go_on.set()


def test_what_went_wrong_while_packing_is_told_to_the_one_who_asks() -> None:
    def broken() -> Packed:
        raise Broken("event 2 cannot be read")

    ahead = Ahead()
    ahead.begin(("a", 1, 2), broken)
    with pytest.raises(Broken, match="event 2"):
        ahead.taken(("a", 1, 2))


def test_batches_chain_one_behind_the_other_as_the_cloud_reads_them() -> None:
    one = packed(1, BEGINNING)
    two = packed(2, one.head_hash)
    read = batch_of(unpack(two.body))
    assert (read.header.first, read.header.last, read.lines) == (2, 2, (LINES[1],))
    assert read.header.head_hash == two.head_hash != packed(2, BEGINNING).head_hash

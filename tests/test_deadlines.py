"""A talk that lasts too long is shut, each at its own time, whoever began first."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from cloud_sync.post.deadlines import Deadlines

Pair = tuple[socket.socket, socket.socket]
LONG_S, SHORT_S = 600.0, 0.05


@pytest.fixture
def pairs() -> Iterator[list[Pair]]:
    with ExitStack() as stack:
        made = [socket.socketpair() for _ in range(3)]
        for one in made:
            for end in one:
                end.settimeout(20)
                stack.enter_context(end)
        yield made


def test_a_short_talk_that_began_behind_a_long_one_is_shut_first(pairs: list[Pair]) -> None:
    deadlines, (long, short, _) = Deadlines(), pairs
    with deadlines.ended_in(long[0], LONG_S), deadlines.ended_in(short[0], SHORT_S):
        assert short[0].recv(1) == b"", "it hears an end"
        long[1].sendall(b"x")
        assert long[0].recv(1) == b"x"


def test_a_talk_that_has_ended_is_left_alone(pairs: list[Pair]) -> None:
    deadlines, (ended, late, _) = Deadlines(), pairs
    with deadlines.ended_in(ended[0], SHORT_S):
        pass
    with deadlines.ended_in(late[0], 2 * SHORT_S):
        assert late[0].recv(1) == b""
    ended[1].sendall(b"x")
    assert ended[0].recv(1) == b"x"


def test_one_thread_is_enough_for_all_of_them(pairs: list[Pair]) -> None:
    deadlines, before = Deadlines(), threading.active_count()
    with ExitStack() as talks:
        for mine, _ in pairs:
            talks.enter_context(deadlines.ended_in(mine, LONG_S))
        assert threading.active_count() == before + 1

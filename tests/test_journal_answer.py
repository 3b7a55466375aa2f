"""The answer to an act: waited for, listened to, given up, like the library's future."""

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any

import pytest

from edge_agent.journal.answer import Answer

BOTH = pytest.mark.parametrize("make", [Answer, Future])
"""What is asked of the answer holds for the library's future, too."""


@BOTH
def test_everyone_who_waits_gets_what_was_stored(make: Callable[[], "Future[Any]"]) -> None:
    answer, got = make(), list[object]()
    waiting = [threading.Thread(target=lambda: got.append(answer.result(10))) for _ in range(3)]
    for one in waiting:
        one.start()
    assert answer.set_running_or_notify_cancel()
    assert (answer.running(), answer.done()) == (True, False)
    answer.set_result(7)
    for one in waiting:
        one.join()
    assert (got, answer.result(), answer.exception(0), answer.done(), answer.running()) == (
        [7] * 3,
        7,
        None,
        True,
        False,
    )


@BOTH
def test_an_error_is_raised_where_the_result_is_taken(make: Callable[[], "Future[Any]"]) -> None:
    answer = make()
    answer.set_exception(KeyError("milk"))
    with pytest.raises(KeyError, match="milk"):
        answer.result()
    assert isinstance(answer.exception(), KeyError)


@BOTH
def test_nobody_waits_longer_than_said(make: Callable[[], "Future[Any]"]) -> None:
    with pytest.raises(TimeoutError):
        make().result(0.01)
    with pytest.raises(TimeoutError):
        make().exception(0)


@BOTH
def test_who_listens_is_told_once_in_order_also_when_it_comes_late(make: Callable[[], "Future[Any]"]) -> None:
    answer, told = make(), list[str]()
    answer.add_done_callback(lambda done: told.append(f"first {done.result()}"))
    answer.add_done_callback(lambda done: told.append(f"second {done.result()}"))
    answer.set_result(1)
    answer.add_done_callback(lambda done: told.append(f"late {done.result()}"))
    assert told == ["first 1", "second 1", "late 1"]


@BOTH
def test_a_listener_that_fails_takes_the_word_from_no_other(make: Callable[[], "Future[Any]"]) -> None:
    answer, told = make(), list[object]()
    answer.add_done_callback(lambda _: 1 // 0)
    answer.add_done_callback(lambda done: told.append(done.result()))
    answer.set_result(1)
    assert told == [1]


@BOTH
def test_what_has_not_begun_can_be_given_up_and_nothing_else(make: Callable[[], "Future[Any]"]) -> None:
    answer, told = make(), list[bool]()
    answer.add_done_callback(lambda done: told.append(done.cancelled()))
    assert answer.cancel()
    assert answer.cancel()
    assert (answer.cancelled(), answer.done(), answer.set_running_or_notify_cancel()) == (True, True, False)
    with pytest.raises(CancelledError):
        answer.result()
    begun = make()
    begun.set_running_or_notify_cancel()
    assert (begun.cancel(), begun.cancelled()) == (False, False)
    begun.set_result(2)
    assert (begun.cancel(), begun.result(), "Future" in repr(begun) or "done" in repr(begun)) == (False, 2, True)
    assert len(told) == 1

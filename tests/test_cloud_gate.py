"""Admission: who comes when the cloud is full is told when to come again, before anything of the body is read."""

import gzip
import socket
import threading
from urllib.parse import urlsplit

import pytest

from cloud_sync.accounts.devices import living, set_state
from cloud_sync.ingest.gate import LONGEST_S, Gate
from edge_agent.sync import session as protocol
from edge_agent.sync.session import Talk, Wait
from tests.cloud import Cloud, FakeTill, error, sells
from tests.paired import until
from tests.test_sync_session import own, said


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def hand() -> Hand:
    return Hand()


def filled(gate: Gate) -> int:
    """Take every place, once those who were answered have left; how many."""
    until(lambda: gate.inside == 0, "somebody is inside")
    taken = 0
    while gate.enter() == 0:
        taken += 1
    return taken


def test_so_many_are_admitted_and_the_others_get_a_turn_each(hand: Hand) -> None:
    gate = Gate(most=2, each_s=2, now=hand)
    assert [gate.enter() for _ in range(7)] == [0, 0, 1, 1, 2, 2, 3]
    gate.leave()
    assert gate.enter() == 0
    hand.at += 100
    assert gate.enter() == 1


def test_the_time_in_which_nobody_came_is_no_pace(hand: Hand) -> None:
    gate = Gate(most=1, each_s=10, now=hand)
    for _ in range(3):
        hand.at += 10_000
        assert gate.enter() == 0
        hand.at += 0.01
        gate.leave()
    assert gate.enter() == 0
    assert gate.enter() == 1


def test_turns_come_no_faster_than_the_answers_follow_each_other(hand: Hand) -> None:
    gate = Gate(most=1, each_s=1_000, now=hand)
    for second in range(200):
        gate.enter()
        assert second < 198 or gate.enter() > 0
        hand.at += 1
        gate.leave(opens=True)
    gate.enter()
    assert [gate.enter() for _ in range(3)] == [3, 6, 9]


def test_nobody_is_sent_away_for_more_than_five_minutes(hand: Hand) -> None:
    gate = Gate(most=0, each_s=1, now=hand)
    assert max(gate.enter() for _ in range(1_000)) == LONGEST_S


def test_the_spread_follows_from_how_many_tills_there_are_and_the_first_is_told_it(hand: Hand) -> None:
    gate = Gate(most=1, each_s=10, now=hand)
    assert gate.spread_s(lambda: 45) == 4
    assert gate.spread_s(lambda: 90) == 4, "asked once a minute"
    hand.at += 61
    assert gate.spread_s(lambda: 90) == 9
    hand.at += 61
    assert gate.spread_s(lambda: 10**9) == LONGEST_S


def test_who_comes_back_to_a_slow_cloud_spreads_as_it_answers(hand: Hand) -> None:
    gate = slow(hand)
    assert gate.spread_s(lambda: 30) == 45


def test_what_kept_the_crowd_away_does_not_keep_it_away_for_ever(hand: Hand) -> None:
    gate = slow(hand)
    for _ in range(100):
        hand.at += 0.5
        gate.enter()
        gate.leave()
    assert gate.spread_s(lambda: 60_000) == 60


def test_one_moment_in_which_the_disk_stood_still_makes_no_spread_longer(hand: Hand) -> None:
    gate = Gate(most=8, each_s=1_000, now=hand)
    for second in range(100):
        while second == 50 and gate.enter() == 0:
            pass
        for _ in range(max(1, gate.inside)):
            gate.enter()
            hand.at += 0.01
            gate.leave()
        hand.at = 1_001.0 + second
        if second >= 50:
            assert gate.spread_s(lambda: 60_000) == 60


def test_a_session_and_a_push_weigh_what_they_cost(hand: Hand) -> None:
    gate = slow(hand)
    for _ in range(1_000):
        gate.enter()
        assert gate.enter(opens=True)
        hand.at += 1
        gate.leave()
    assert gate.spread_s(lambda: 30) == 45


def test_the_spread_is_as_long_as_the_processor_needs_whatever_disk_and_tills_take(hand: Hand) -> None:
    spent = Hand()
    gate = Gate(most=8, each_s=1_000, now=hand, spent=spent)
    assert [gate.enter() for _ in range(2)] == [0, 0]
    for _ in range(200):
        gate.enter()
        hand.at, spent.at = hand.at + 10, spent.at + 0.5
        gate.leave(opens=True)
    assert round(gate.spread_s(lambda: 30) / 45, 1) == 1


def test_the_first_answers_of_a_program_that_has_just_begun_keep_nobody_away_for_longer(hand: Hand) -> None:
    spent = Hand()
    gate = Gate(most=8, each_s=1_000, now=hand, spent=spent)
    assert [gate.enter() for _ in range(2)] == [0, 0]
    for number in range(300):
        gate.enter()
        spent.at += 1 if number < 100 else 0.0001
        gate.leave(opens=True)
        assert gate.spread_s(lambda: 5_000) == 5


def test_a_second_in_which_few_came_does_not_stand_for_what_can_be_answered(hand: Hand) -> None:
    gate = Gate(most=8, each_s=1_000, now=hand, spent=Hand())
    for second in range(20):
        while gate.enter() == 0:
            pass
        for _ in range(300 if second % 2 == 0 else 8):
            gate.leave(opens=True)
            gate.enter(opens=True)
        hand.at += 1
        assert gate.spread_s(lambda: 1_000) <= 12


def test_who_opened_a_session_gets_in_where_no_other_may_open_one(hand: Hand) -> None:
    gate = Gate(most=8, now=hand)
    assert [gate.enter(opens=True) > 0 for _ in range(7)] == [False] * 6 + [True]
    assert [gate.enter() > 0 for _ in range(3)] == [False, False, True]


def slow(hand: Hand) -> Gate:
    """A gate that is full all the time, and answers a session every half second."""
    gate = Gate(most=8, each_s=1_000, now=hand)
    assert [gate.enter() for _ in range(6)] == [0] * 6
    for _ in range(200):
        gate.enter()
        assert gate.enter(opens=True) > 0
        hand.at += 0.5
        gate.leave(opens=True)
    return gate


def test_every_living_till_is_counted_on(cloud: Cloud) -> None:
    till = FakeTill(cloud)
    till.open()
    database, now = cloud.service.database, cloud.service.clock.now()
    before = living(database, now)
    assert before >= 1
    with database.service().writing() as session:
        set_state(session, tenant=till.paired.tenant, device=till.paired.device, state="retired", now=now)
    assert living(database, now) == before - 1
    till.close()


def test_a_returning_till_spreads_itself_and_a_refused_one_comes_when_it_was_told() -> None:
    session = said()
    told = session.model_copy(update={"limits": session.limits.model_copy(update={"spread_s": 30})})
    talk = protocol.opened(Talk(), own(3), told, told.ack_hash)
    back = protocol.failed(talk, "the cloud is gone")
    assert protocol.next_step(back, own(3), 0.5) == Wait(15.0)
    busy = protocol.failed(protocol.waited(back), "BUSY", wait_s=7)
    assert protocol.next_step(busy, own(3), 0.5) == Wait(9.0)


def test_a_full_cloud_answers_at_once_and_serves_the_till_later(cloud: Cloud) -> None:
    till = FakeTill(cloud)
    till.open()
    sells(till, 3)
    taken = filled(cloud.service.gate)
    answer = till.push()
    assert error(answer) == (503, "BUSY")
    assert int(answer.headers["retry-after"]) >= 1
    for _ in range(taken):
        cloud.service.gate.leave()
    assert till.push().status_code == 200
    till.close()


def test_a_full_cloud_does_not_wait_for_a_body(cloud: Cloud) -> None:
    address, gate = urlsplit(cloud.url), cloud.service.gate
    taken = filled(gate)
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=10) as wire:
        wire.sendall(b"POST /v1/push HTTP/1.1\r\nHost: cloud\r\nContent-Length: 900000\r\n\r\n")
        assert wire.recv(200).startswith(b"HTTP/1.1 503")
    for _ in range(taken):
        gate.leave()


def test_pushes_that_fail_leave_the_gate_as_they_found_it(cloud: Cloud) -> None:
    till = FakeTill(cloud)
    threads = [threading.Thread(target=till.push, kwargs={"packed": gzip.compress(b"no")}) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: cloud.service.gate.inside == 0, "somebody never left")
    till.close()

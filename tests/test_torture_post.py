"""The fault matrix's row of what leaves: each order arrives once, and the rig finds it when one arrives twice."""

from pathlib import Path

from scripts.tortures import post


def test_orders_arrive_once_through_failing_servers_and_killed_senders(tmp_path: Path) -> None:
    report = post.run(tmp_path, seed=1, faults=16)
    assert report.ok, report.lines
    assert "16 orders arrived, 0 of them twice, 0 lost" in report.lines[2]
    assert "0 senders killed" not in report.lines[0]


def test_a_sender_that_takes_no_answer_for_no_is_found(tmp_path: Path) -> None:
    report = post.run(tmp_path, seed=40, faults=6, forgets=1)
    assert not report.ok
    assert any("arrived 2 times" in line for line in report.lines), report.lines

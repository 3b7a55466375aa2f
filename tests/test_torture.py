"""The fault matrix's judge must be able to fail: lost, doubled and half-said sales, made up and real."""

import argparse
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from scripts import torture
from scripts.tortures import playing
from scripts.tortures.judge import Kept, Said, judge
from scripts.tortures.kill9_tally import Tally
from scripts.tortures.lives import Words
from tests.house import ROOT

KEPT = [Kept(f"0.{n}", f"{n:016x}", n + 1, 10 + n, f"{n:064x}") for n in range(5)]
SAID = [Said(sale.token, sale.receipt, sale.seq, sale.link) for sale in KEPT]
PAPER = {sale.receipt for sale in KEPT}


def test_a_day_in_which_everything_said_is_kept_once_passes() -> None:
    assert judge(SAID, PAPER, KEPT).ok


def test_a_sale_that_is_kept_but_was_never_said_is_no_loss() -> None:
    assert judge(SAID[:-1], PAPER - {5}, KEPT).ok


def test_a_sale_said_before_it_was_recorded_is_found_lost() -> None:
    verdict = judge(SAID, set(), KEPT[:-1])
    assert not verdict.ok
    assert len(verdict.lost) == 1
    assert "sale 0.4, receipt 5" in verdict.lost[0]


def test_a_receipt_on_paper_without_a_sale_is_found_lost() -> None:
    assert judge([], PAPER, KEPT[:-1]).lost == ["receipt 5 is on paper alone"]


def test_a_receipt_number_given_to_another_sale_after_a_loss_is_found() -> None:
    other = replace(KEPT[-1], token="1.0", uid="f" * 16, link="e" * 64)
    assert len(judge(SAID, PAPER, [*KEPT[:-1], other]).lost) == 1


@pytest.mark.parametrize("name", ["token", "uid", "receipt"])
def test_a_doubled_sale_is_found_by_act_by_uid_and_by_receipt(name: str) -> None:
    again = Kept("1.0", "f" * 16, 6, 20, "e" * 64)
    again = replace(again, **{name: getattr(KEPT[2], name)})
    verdict = judge(SAID, PAPER, [*KEPT, again])
    assert len(verdict.doubled) == 1
    assert verdict.doubled[0].startswith(name)


def test_a_missing_receipt_number_is_found() -> None:
    assert judge(SAID[:2], {1, 2}, [*KEPT[:3], KEPT[4]]).gaps == ["receipt 4 is missing"]


def test_what_a_life_was_in_the_middle_of_is_what_it_began_and_did_not_end() -> None:
    life = Words()
    assert life.under_way() == {"start"}
    for line in ("sell 0.0", "begin upload", "paid 0.0 1 12 ab", "end upload", "begin upload", "sell 0.1"):
        life.hear(0.6, line)
    assert life.under_way() == {"upload", "sale"}
    assert life.said() == [Said("0.0", 1, 12, "ab")]
    assert life.sellable() == 0.6


def test_a_till_that_starts_too_slowly_fails_the_row() -> None:
    tally = Tally(Counter(till=1), sellable=[1.0, 1.9], yardsticks=[0.13])
    assert tally.ok
    tally.sellable.append(2.1)
    assert not tally.ok


def test_kills_of_warm_lives_alone_or_between_two_things_fail_the_row() -> None:
    tally = Tally(Counter(till=200), sellable=[1.0], yardsticks=[0.13], cold=10)
    assert tally.ok
    assert not replace(tally, cold=9).ok
    assert not replace(tally, hits=Counter(between=21)).ok


def test_a_row_whose_summary_speaks_of_per_cent_is_told_of() -> None:
    assert "1 % of the sales" in " ".join(torture._words(["soak"]).format_help().split())


def test_a_cloud_that_counted_otherwise_than_the_till_fails_the_row() -> None:
    tally = Tally(Counter(both=1), sellable=[1.0], yardsticks=[0.13], wrong=["1001: the till has 1, the cloud 2"])
    assert not tally.ok


def test_tills_and_clouds_killed_in_turn_lose_nothing() -> None:
    command = ["python3", "scripts/torture.py", "kill9", "--kills", "7", "--seed", "7"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "lost 0, doubled 0, receipt numbers missing 0, different in the cloud 0" in done.stdout, done
    assert "7 kills (1 both, 2 cloud, 3 till, 1 till alone)" in done.stdout, done.stdout
    assert "--kills 7 --seed 7" in done.stdout


def test_a_till_that_says_paid_before_it_records_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted bug: the same rig, with a cashier who believes the payment before the journal has it."""
    from scripts.tortures import kill9

    honest = (ROOT / "scripts" / "tortures" / "cashier.py").read_text()
    early = honest.replace(
        "    paid = till.paying.pay(",
        "    head = till.reading.head().seq + 1\n"
        '    say("paid", token, till.reading.next_receipt(), head, "0" * 64)\n'
        "    time.sleep(0.2)\n    paid = till.paying.pay(",
    )
    assert early != honest
    (tmp_path / "early.py").write_text(early)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    lost = [
        word for one in kill9.play(tmp_path / "shop", kills=2, seed="1", cashier="early").verdicts for word in one.lost
    ]
    assert any("the journal has None" in words for words in lost), lost


def test_rows_that_judge_times_are_played_alone_and_every_row_that_fails_is_named() -> None:
    played: list[str] = []

    def play(name: str) -> bool:
        played.append(name)
        return name not in ("disk", "storm")

    assert torture.matrix(play) == ["disk", "storm"]
    assert sorted(played) == sorted(torture.ROWS)
    assert set(played[-len(torture.ALONE) :]) == set(torture.ALONE)


def test_what_waits_has_a_lane_of_its_own_and_the_others_share_what_fills_the_cores() -> None:
    lanes = torture._lanes(torture.ROWS)
    assert [next(lane) for lane in lanes] == [torture.WAITING[0], torture.SINGLE[0], torture.WIDE[0]]
    waiting, single, wide = (list(lane) for lane in lanes)
    assert waiting == list(torture.WAITING[1:])
    assert [*single, *wide] == [*torture.SINGLE[1:], *torture.WIDE[1:]]
    assert not {*waiting, *single, *wide} & set(torture.ALONE)


def test_a_row_of_the_whole_is_played_in_a_process_of_its_own_and_may_fail(
    capsys: pytest.CaptureFixture[str],
) -> None:
    playing.prepare(["samples"])
    held = {number: playing.apart(_asks(number), "samples") for number in (-1, 60)}
    assert held == {-1: False, 60: True}, "a row that saw nothing has shown nothing"
    said = capsys.readouterr().out
    assert "samples: FAILED after" in said
    assert "repeat with: python3 scripts/torture.py samples --histories 60 --seed 1" in said


def _asks(histories: int) -> argparse.Namespace:
    return argparse.Namespace(seed=1, keep=None, short=False, histories=histories)

"""Who may do what: PINs, badges and roles, one table of rights, and what wrong words cost; all without a screen."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge_agent.commands import main
from edge_agent.counter.approval import FORGOTTEN_MS, TRIES, WAIT_MS, Approvals
from edge_agent.counter.people import People
from edge_agent.errors import BadInput, NotAllowed, NotKnown
from edge_agent.journal.log import Journal
from edge_agent.rules.badge import PREFIX, badge_of, is_badge
from edge_agent.rules.rights import ACTS, Rights, at_least
from edge_agent.settings import parse
from edge_agent.till.allow import ACTS as QUESTIONS
from tests.shop import TUESDAY_14, open_journal, scripted_clock, seeded_ids

BADGE = badge_of(bytes(range(10)))


class Door:
    """People, the till's journal, and what it lets them do."""

    def __init__(self, folder: Path, rights: Rights) -> None:
        self.journal: Journal = open_journal(folder, ())
        self.clock = scripted_clock(folder)
        self.people = People(folder, seeded_ids())
        self.lets = Approvals(self.people, self.clock, self.journal, rights)

    def person(self, name: str, role: Any = "cashier", pin: str = "") -> str:
        added = self.people.add(name, now=TUESDAY_14, role=role)
        self.people.set_pin(added.id, pin, TUESDAY_14)
        return added.id

    def written(self, kind: str) -> list[dict[str, Any]]:
        self.journal.record(lambda _: []).result()
        with self.journal.reading() as memory:
            return [event.body for event in memory.events(kind)]


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    opened = Door(tmp_path, Rights(no_sale="supervisor"))
    yield opened
    opened.journal.close()


def test_a_shop_without_people_asks_nobody_for_anything(door: Door) -> None:
    assert not door.lets.signs_on()
    assert [door.lets.needs(act) for act in ACTS] == [None] * len(ACTS)


def test_a_shop_of_managers_alone_asks_only_for_what_needs_them(door: Door) -> None:
    door.person("Boss", "manager", "4711")
    assert not door.lets.signs_on()
    assert (door.lets.needs("void_sale"), door.lets.needs("refund")) == ("supervisor", None)


def test_a_cashier_with_a_pin_makes_everybody_sign_on_until_they_are_retired(door: Door) -> None:
    ana = door.person("Ana", "cashier", "1111")
    assert door.lets.signs_on()
    door.people.retire(ana)
    assert not door.lets.signs_on()
    with pytest.raises(NotAllowed, match="nobody's"):
        door.lets.sign_on("1111")
    assert door.people.name_of(ana, TUESDAY_14) == "Ana"


def test_each_role_does_what_those_below_it_do(door: Door) -> None:
    ana, sue, max_ = (
        door.person(*who)
        for who in (("Ana", "cashier", "1111"), ("Sue", "supervisor", "2222"), ("Max", "manager", "3333"))
    )
    needs = door.lets.needs
    assert [needs("price", by) for by in ("", ana, sue, max_)] == ["supervisor", "supervisor", None, None]
    assert [needs("new_item", by) for by in (ana, sue, max_)] == ["manager", "manager", None]
    assert [needs("no_sale", by) for by in (ana, sue)] == ["supervisor", None]
    assert [at_least(role, "supervisor") for role in ("", "cashier", "supervisor", "manager")] == [0, 0, 1, 1]


def test_a_right_that_nobody_has_is_nobodys_to_ask_for(door: Door) -> None:
    ana = door.person("Ana", "cashier", "1111")
    assert door.lets.needs("price_for_good", ana) is None


def test_whoever_has_the_right_allows_one_act_and_both_are_written_down(door: Door) -> None:
    ana, sue = door.person("Ana", "cashier", "1111"), door.person("Sue", "supervisor", "2222")
    door.people.set_badge(sue, BADGE, TUESDAY_14)
    assert (door.lets.approve("2222", "price", ana), door.lets.approve(BADGE, "price", ana)) == (sue, sue)
    with pytest.raises(NotAllowed, match="Ana may not allow this"):
        door.lets.approve("1111", "price", ana)
    with pytest.raises(NotAllowed, match="that badge is nobody's"):
        door.lets.approve(badge_of(b"another one"), "price", ana)
    told = [{"act": "price", "how": how, "approved": sue} for how in ("pin", "badge")]
    assert door.written("act_approved") == told
    assert [(one["how"], one["wrong"]) for one in door.written("pin_refused")] == [("pin", 1), ("badge", 1)]


def test_signing_on_says_who_sells_and_who_stood_there_before(door: Door) -> None:
    ana, ben = door.person("Ana", "cashier", "1111"), door.person("Ben", "cashier", "2222")
    assert (door.lets.sign_on("1111").id, door.lets.sign_on("2222", ana).name) == (ana, "Ben")
    assert door.written("signed_on") == [{"how": "pin", "before": ""}, {"how": "pin", "before": ana}]
    with door.journal.reading() as memory:
        assert [event.by for event in memory.events("signed_on")] == [ana, ben]


def test_wrong_pins_make_the_till_wait_longer_each_time_and_a_right_one_in_between_forgets_none(door: Door) -> None:
    ana, now = door.person("Ana", "cashier", "1111"), TUESDAY_14
    for round_ in range(3):
        for _ in range(TRIES):
            door.clock.set(now)
            with pytest.raises(NotAllowed, match="that PIN is nobody's"):
                door.lets.sign_on("9999")
        with pytest.raises(NotAllowed, match="too many wrong PINs; wait"):
            door.lets.sign_on("1111")
        now += WAIT_MS << round_
        door.clock.set(now)
        assert door.lets.sign_on("1111").id == ana
    waits = [one["wait"] for one in door.written("pin_refused") if one["wait"]]
    assert waits == [60, 120, 240]
    door.clock.set(now + FORGOTTEN_MS)
    with pytest.raises(NotAllowed):
        door.lets.sign_on("9999")
    assert door.written("pin_refused")[-1]["wrong"] == 1


def test_the_wait_is_not_forgotten_by_a_restart_and_holds_no_badge_up(door: Door, tmp_path: Path) -> None:
    ana = door.person("Ana", "cashier", "1111")
    door.people.set_badge(ana, BADGE, TUESDAY_14)
    for _ in range(TRIES):
        with pytest.raises(NotAllowed):
            door.lets.sign_on("9999")
    again = Approvals(People(tmp_path, seeded_ids()), door.clock, door.journal, Rights())
    with pytest.raises(NotAllowed, match="too many"):
        again.sign_on("1111")
    assert again.sign_on(BADGE).id == ana


def test_a_pin_and_a_badge_are_one_persons_alone_and_stored_as_hashes(door: Door, tmp_path: Path) -> None:
    ana, ben = door.person("Ana", "cashier", "1111"), door.person("Ben")
    door.people.set_badge(ana, BADGE, TUESDAY_14)
    with pytest.raises(BadInput, match="choose another PIN"):
        door.people.set_pin(ben, "1111", TUESDAY_14)
    with pytest.raises(BadInput, match="somebody else's badge"):
        door.people.set_badge(ben, BADGE, TUESDAY_14)
    for wrong in ("123", "123456789", "12a4"):
        with pytest.raises(BadInput, match="4 to 8 digits"):
            door.people.set_pin(ben, wrong, TUESDAY_14)
    for wrong in ("4000000000013", f"{PREFIX}12", f"{PREFIX}1234-5678"):
        with pytest.raises(BadInput, match="a badge is"):
            door.people.set_badge(ben, wrong, TUESDAY_14)
    with pytest.raises(NotKnown):
        door.people.set_pin("nobody", "1234", TUESDAY_14)
    kept = (tmp_path / "people.db").read_bytes()
    assert b"1111" not in kept
    assert BADGE.encode() not in kept


def test_a_manager_of_an_older_program_is_one_still(door: Door) -> None:
    from edge_agent.counter.people import _hashed

    id_ = door.person("Old")
    with door.people.opened() as db:
        sealed = door.people.seal(id_, json.dumps(["Old", "", _hashed("4711")]).encode())
        db.execute("UPDATE person SET sealed = ?", (sealed,))
    (old,) = door.people.all(TUESDAY_14)
    assert (old.role, old.pin, old.badge) == ("manager", True, False)
    assert door.lets.approve("4711", "new_item") == id_


def test_badges_are_all_different_and_no_item_is_one() -> None:
    assert badge_of(bytes(10)) != badge_of(bytes(9) + b"\x01")
    assert [is_badge(code) for code in (BADGE, "04000000000013", "STAFF")] == [True, False, False]


def test_every_act_of_the_table_has_its_question_and_a_mistyped_role_is_refused() -> None:
    assert set(QUESTIONS) == set(ACTS)
    assert parse('[rights]\nno_sale = "manager"\nfree_percent = 5').rights.least("no_sale") == "manager"
    for text in ('[rights]\nno_sale = "boss"', "[rights]\nfree_percent = 101", '[people]\nswitch = "no"'):
        with pytest.raises(BadInput):
            parse(text)


def test_the_command_gives_roles_pins_and_badges_and_retires(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DROPSHELF_CLOCK", str(scripted_clock(tmp_path).path))
    data = ["--data", str(tmp_path / "till")]

    def said(*words: str) -> Any:
        assert main(["people", *words, "--json", *data]) == 0
        return json.loads(capsys.readouterr().out)

    (ana,) = said("add", "Ana")
    badge = said("badge", ana["id"])["badge"]
    assert is_badge(badge)
    said("role", "ana", "supervisor")
    assert People(tmp_path / "till", seeded_ids()).by_badge(badge, TUESDAY_14) is not None
    (listed,) = said("list")
    assert (listed["role"], listed["pin"], listed["badge"], listed["retired"]) == ("supervisor", False, True, False)
    said("badge", ana["id"], "--none")
    said("retire", ana["id"])
    assert main(["people", "list", *data]) == 0
    assert "Ana  supervisor: retired  known until" in capsys.readouterr().out

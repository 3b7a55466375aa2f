"""A pop-up at the till, by a scripted cashier on a real terminal: pack, go there, count, sell, come back."""

from pathlib import Path

from edge_agent.journal.rebuild import verify
from edge_agent.rules.popup import box_code
from tests.pty_rig import ENTER, F9
from tests.screen import matches, stocked
from tests.test_till_money import MILK, Cashier

F10, F11, MINUS = "\x1b[21~", "\x1b[23~", "-"


def menu(till: Cashier, number: str) -> None:
    till.press(*"00", ENTER)
    till.terminal.wait("MENU")
    till.press(*number, ENTER)


def test_goods_go_to_a_pop_up_are_sold_there_and_come_back(tmp_path: Path) -> None:
    till = Cashier(stocked(tmp_path))
    menu(till, "45")
    till.terminal.wait("No pop-up is planned.", "Esc back")
    till.press("+")
    till.terminal.wait("planned for today", "1  03.03.  Pop-up")
    till.press("*")
    till.terminal.scan(MILK)
    till.press(*"12", ENTER)
    matches(till.terminal.until(lambda text: "12_" not in text and " 12\n" in text), "till_box")
    till.press(ENTER)
    till.terminal.wait("the box is packed, its slip is printed")
    till.press(*"1", ENTER)
    till.terminal.wait("a box on the way here: / opens it")
    box = till.events("stock_sent")[0].body["transfer"]
    till.terminal.scan(box_code(box))
    till.terminal.wait("A BOX THAT CAME", "Oat milk 1 l")
    till.press(*"11", ENTER)
    till.press(ENTER)
    till.terminal.wait("the box is opened", "Pieces here              11")
    till.press("+", "*", ENTER)
    till.press(F10, F10, F11)
    till.terminal.scan(MILK)
    till.press(F9)
    till.terminal.wait("receipt 000001")
    till.terminal.wait("Pop-up: 3 came by, 1 bought")
    menu(till, "45")
    matches(till.terminal.wait("Bought", "33.3 % (6.1-79.2)"), "till_popup")
    till.press(MINUS)
    till.terminal.wait("PACK A BOX", "10")
    till.press(*"9", ENTER)
    till.press(ENTER)
    till.terminal.wait("the box is packed")
    till.press(*"9", ENTER)
    till.terminal.wait("1 should still be here: - packs a box first.")
    till.press(ENTER)
    till.terminal.wait("this till is back in the shop", "a box on the way here: / opens it")
    till.press("/")
    till.press(ENTER)
    till.terminal.wait("the box is opened")
    assert [line["qty"] for line in till.events("popup_closed")[0].body["left"]] == [1000]
    assert till.reading.stock("milk").on_hand == 18_000 - 12_000 + 11_000 - 1000 - 1000
    assert till.terminal.close() == 0
    verify(till.reading.db)
    till.reading.close()

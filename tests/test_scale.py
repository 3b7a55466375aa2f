"""A counter scale on a real pseudo terminal: what it says is read, what it fails at told, and nothing weighs nought."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.devices.profiles import models, scale_profile
from edge_agent.devices.scale import BETWEEN_S, Scale
from edge_agent.errors import BadInput, Unreachable
from edge_agent.fittings import fit_scale
from edge_agent.places import firmware_configs
from edge_agent.rules.scale import ASK, Weighed, read_answer
from edge_agent.settings import ScaleSettings, Settings
from tests.pty_rig import ENTER, till
from tests.ptys import Pty
from tests.screen import ITEMS, SETTINGS
from tests.shop import SHOP, item, open_journal

PROFILE = replace(scale_profile(firmware_configs(), "toledo-8217"), even=False)
"""A pseudo terminal has no parity."""
LIGHT, HEAVY, NOUGHT = b"\x0200.742\r", b"\x0214.995\r", b"\x0200.000\r"
MOVING, OVER, UNDER, ODD = b"\x02?\x01\r", b"\x02?\x02\r", b"\x02?\x04\r", b"\x02?\x40\r"


class SimulatedScale:
    """The far end of the cable: answers each question with what lies on it (None: it is switched off)."""

    def __init__(self, pty: Pty) -> None:
        self._pty, self.says, self.asked = pty, LIGHT, list[float]()
        self.off = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        known = 0
        while not self._ended.is_set():
            self._pty.hear(known + 1, 0.05)
            fresh = self._pty.heard[known:]
            known += len(fresh)
            for _ in range(fresh.count(ASK)):
                self.asked.append(time.monotonic())
                if not self.off:
                    # In pieces, as a slow port brings them.
                    self._pty.send(self.says[:3])
                    time.sleep(0.005)
                    self._pty.send(self.says[3:])

    def end(self) -> None:
        self._ended.set()
        self._thread.join(timeout=2)


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[Pty]:
    with Pty(tmp_path / "scale") as pty:
        yield pty


@pytest.fixture
def far(cable: Pty) -> Iterator[SimulatedScale]:
    simulated = SimulatedScale(cable)
    yield simulated
    simulated.end()


@pytest.fixture
def told() -> list[tuple[str, str, str]]:
    return []


@pytest.fixture
def scale(cable: Pty, told: list[tuple[str, str, str]]) -> Iterator[Scale]:
    opened = Scale(str(cable.path), PROFILE, lambda *said: told.append(said))
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("heard", "weighed"),
    [
        (LIGHT, Weighed("stable", 742)),
        (b"\x0200742\r", Weighed("stable", 742)),
        (b"noise" + HEAVY, Weighed("stable", 14_995)),
        (NOUGHT, Weighed("empty")),
        (MOVING, Weighed("moving")),
        (OVER, Weighed("over")),
        (UNDER, Weighed("under")),
        (ODD, Weighed("unknown")),
        (b"\x02weight\r", Weighed("unknown")),
        (b"x" * 40, Weighed("unknown")),
        (b"\x0200.7", None),
        (b"", None),
    ],
)
def test_an_answer_is_a_weight_that_stands_still_or_says_why_there_is_none(
    heard: bytes, weighed: Weighed | None
) -> None:
    assert read_answer(heard) == weighed


def test_a_scale_is_asked_over_its_port_and_left_alone_in_between(scale: Scale, far: SimulatedScale) -> None:
    found = []
    for says in (LIGHT, MOVING, NOUGHT, HEAVY):
        far.says = says
        found.append(scale.weigh())
    assert [(one.state, one.milli) for one in found] == [
        ("stable", 742), ("moving", 0), ("empty", 0), ("stable", 14_995),
    ]  # fmt: skip
    assert all(later - earlier > BETWEEN_S * 0.9 for earlier, later in zip(far.asked, far.asked[1:], strict=False))


def test_a_scale_that_is_unplugged_or_silent_is_told_and_asked_again_when_it_is_back(
    scale: Scale, cable: Pty, told: list[tuple[str, str, str]], far: SimulatedScale
) -> None:
    assert scale.weigh().milli == 742
    far.off = True
    with pytest.raises(Unreachable, match="no answer"):
        scale.weigh()
    far.off = False
    assert scale.weigh().milli == 742
    far.end()
    cable.unplug()
    with pytest.raises(Unreachable, match="scale: not at"):
        scale.weigh()
    cable.plug()
    again = SimulatedScale(cable)
    assert scale.weigh().milli == 742
    again.end()
    assert [state for _, state, _ in told] == ["ok", "gone", "ok", "gone", "ok"]


@pytest.mark.parametrize("model", models(firmware_configs(), "scales"))
def test_every_scale_that_we_ship_can_be_read(model: str) -> None:
    assert scale_profile(firmware_configs(), model).unit == "kg"


def test_no_scale_by_default_and_one_that_is_named_wrongly_is_told(
    tmp_path: Path, told: list[tuple[str, str, str]]
) -> None:
    assert fit_scale(Settings().scale, lambda *said: told.append(said)) is None
    assert fit_scale(ScaleSettings("toledo", "/dev/null"), lambda *said: told.append(said)) is None
    assert told[0][:2] == ("scale", "fault")
    (tmp_path / "scales").mkdir()
    (tmp_path / "scales" / "ours.toml").write_text('protocol = "toledo"')
    with pytest.raises(BadInput, match="'protocol' is toledo-8217"):
        scale_profile(tmp_path, "ours")


def test_what_lies_on_the_scale_is_sold_as_soon_as_it_stands_still_and_may_be_typed(
    tmp_path: Path, cable: Pty, far: SimulatedScale
) -> None:
    settings = SETTINGS + f'\n[scale]\nmodel = "toledo-8217"\nport = "{cable.path}"\n'
    far.says = MOVING
    bananas = item("4011", "Bananas", 189).model_copy(update={"unit": "kg"})
    journal = open_journal(tmp_path, (SHOP, *ITEMS, bananas))
    journal.close()
    (tmp_path / "data" / "settings.toml").write_text(settings)
    with till(tmp_path) as terminal:
        terminal.keys(*"4011", ENTER)
        terminal.wait("Bananas, by the kg.", "The scale moves still.", "TOTAL           0.00")
        terminal.scan("04000000000013")
        far.says = NOUGHT
        terminal.wait("Nothing lies on the scale.", "1 scan waiting")
        far.says = LIGHT
        terminal.wait("1  0.742 kg Bananas", "1.40", "Oat milk", "TOTAL           3.25", without=["by the kg"])
        far.off = True
        terminal.keys(*"4011", ENTER)
        terminal.wait("scale: no answer")
        terminal.keys(*"500", ENTER)
        terminal.wait("0.500 kg", "TOTAL           4.20")

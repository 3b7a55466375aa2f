"""The status line: quiet when all is well, one word for what is not, and a number for what waits."""

from dataclasses import dataclass, field

from textual.strip import Strip

from edge_agent.till.paint import BOLD, DIM, LOUD, PLAIN, WARN, Piece, fit, row, rule, sides
from edge_agent.till.speech import say, told
from edge_agent.till.words import age, clock_time, count

SAID_CELLS = 34
"""The most that one device may say."""


@dataclass
class Status:
    """What stands at the top: who sells where, what is wrong, the time. `devices` holds (state, words) of each."""

    shop: str = ""
    till: str = ""
    staff: str = ""
    zone: str = "UTC"
    devices: dict[str, tuple[str, str]] = field(default_factory=dict)
    waiting: int = 0
    oldest_at: int | None = None
    online: bool = True
    clock_sure: bool = True
    held: int = 0
    training: bool = False

    def troubles(self, now: int) -> list[str]:
        """One short phrase for each thing that is not well."""
        said = [
            fit(f"{say(device)}: {told(words or state)}", SAID_CELLS).rstrip()
            for device, (state, words) in sorted(self.devices.items())
            if state in ("fault", "gone")
        ]
        if self.waiting and self.oldest_at is not None and not self.online:
            said.append(
                say("cloud: {waiting} to send, oldest {age}", waiting=self.waiting, age=age(now - self.oldest_at))
            )
        elif not self.online:
            said.append(say("cloud: away"))
        if not self.clock_sure:
            said.append(say("clock: unsure"))
        return said

    def rows(self, width: int, now: int) -> list[Strip]:
        """Two rows: the line and the rule under it. What does not fit is counted."""
        said, room = self.troubles(now), max(width - 44, 20)
        shown = "  ".join(said)
        if len(shown) > room and said:
            first = said[0][: room - 8]
            shown = f"{first}  +{count(len(said) - 1, 'more', 'more')}" if len(said) > 1 else first
        names: list[Piece] = [(f" {fit(self.shop, 18).rstrip()}", BOLD)]
        names += [(f"   {fit(word, 10).rstrip()}", PLAIN) for word in (self.till, self.staff) if word]
        names += [(say("   {held} held", held=self.held), BOLD)] if self.held else []
        time = clock_time(now, self.zone)
        return [sides(width, names, [(f"  {shown}", WARN), (f"   {time} ", DIM)]), self._under(width)]

    def _under(self, width: int) -> Strip:
        """The rule, or the mark of practice in its place: every screen has it."""
        if not self.training:
            return rule(width)
        return row(width, (fit(f" {say('TRAINING: nothing is sold, nothing is kept.  Ctrl+T ends it')}", width), LOUD))

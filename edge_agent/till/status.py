"""The status line: one quiet word for each thing that is well, more for what is not, and a number for what waits."""

from dataclasses import dataclass, field

from textual.strip import Strip

from edge_agent.till.paint import BOLD, DIM, LOUD, PLAIN, WARN, Piece, fit, row, rule, sides
from edge_agent.till.speech import say, told
from edge_agent.till.words import age, clock_time, count

SAID_CELLS = 34
"""The most that one device may say."""
SHORTEST_SHOP = 8
"""A shop's name gives way to what there is to say, down to so many cells."""


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
    paired: bool = False
    unprinted: int = 0
    """So many papers wait for the printer."""
    prints: bool = False
    """Whether a printer is fitted."""
    clock_sure: bool = True
    held: int = 0
    training: bool = False

    @property
    def printer_away(self) -> bool:
        """Whether paper waits for the printer."""
        return self.devices.get("printer", ("", ""))[0] in ("fault", "gone")

    def troubles(self, now: int, cells: int = SAID_CELLS) -> list[str]:
        """One short phrase for each thing that is not well."""
        said = [
            fit(f"{self._named(device)}: {told(words or state)}", cells).rstrip()
            for device, (state, words) in sorted(self.devices.items())
            if state in ("fault", "gone") or (state == "ok" and words)
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

    def _named(self, device: str) -> str:
        if device == "printer" and self.unprinted:
            return say("printer ({number} wait)", number=self.unprinted)
        return say(device)

    def well(self) -> list[str]:
        """One word for each thing that is well or not there, what matters least last."""
        said = self._device("printer") if self.prints or "printer" in self.devices else [say("no printer")]
        said += self._device("drawer") if self.prints else []
        said += [say("cloud") if self.paired else say("no cloud")] if self.online else []
        # A keyboard scanner is never heard of by itself.
        said += self._device("scanner") if "scanner" in self.devices else []
        return [*said, say("clock")] if self.clock_sure else said

    def _device(self, device: str) -> list[str]:
        """Its name where all is well, with a question mark where it cannot be asked; what is wrong is said before."""
        state, words = self.devices.get(device, ("unknown", ""))
        if state in ("fault", "gone") or (state == "ok" and words):
            return []
        return [say(device) + ("?" if state == "unknown" else "")]

    def rows(self, width: int, now: int) -> list[Strip]:
        """Two rows: the line and the rule under it. What is wrong comes first; what does not fit is counted."""
        said, room = self.troubles(now, max(SAID_CELLS, width - 80)), max(width - 44, 20)
        shown = "  ".join(said)
        if len(shown) > room and said:
            first = said[0][: room - 8]
            shown = f"{first}  +{count(len(said) - 1, 'more', 'more')}" if len(said) > 1 else first
        names: list[Piece] = [(f"   {fit(word, 10).rstrip()}", PLAIN) for word in (self.till, self.staff) if word]
        names += [(say("   {held} held", held=self.held), BOLD)] if self.held else []
        time = f"   {clock_time(now, self.zone)} "
        shop = fit(self.shop, 18).rstrip()
        used = sum(len(text) for text, _ in names) + len(time) + len(shown) + 3
        quiet, shop = self._quiet(width - used, shop)
        pieces: list[Piece] = [(f" {shop}", BOLD), *names]
        return [sides(width, pieces, [(f"  {shown}", WARN), (quiet, DIM), (time, DIM)]), self._under(width)]

    def _quiet(self, room: int, shop: str) -> tuple[str, str]:
        """The words of what is well in the cells that are left, for which the shop's name gives way; and that name."""
        least, words = min(len(shop), SHORTEST_SHOP), self.well()
        while words and len("  ".join(words)) + 2 > room - least:
            words.pop()
        quiet = "  " + "  ".join(words) if words else ""
        return quiet, fit(shop, max(min(len(shop), room - len(quiet)), least)).rstrip()

    def _under(self, width: int) -> Strip:
        """The rule, or the mark of practice in its place: every screen has it."""
        if not self.training:
            return rule(width)
        return row(width, (fit(f" {say('PRACTICE: nothing is sold, nothing is kept.  Ctrl+T ends it')}", width), LOUD))

"""How the till says amounts, quantities, times and waits: short words, the same on every screen."""

from edge_agent.errors import DropshelfError
from edge_agent.rules.day import local
from edge_agent.till.speech import say, told

HOUR_MS = 3_600_000
LONGEST_SAID = 120
WEEKDAYS = "Mon Tue Wed Thu Fri Sat Sun"


def clock_time(at: int, zone: str) -> str:
    """ "14:02" in the shop's zone."""
    return local(at, zone).strftime("%H:%M")


def moment(at: int, now: int, zone: str) -> str:
    """ "15:00 today", "Tue 15:00", or with the date when it is a week away or more."""
    when, today = local(at, zone), local(now, zone)
    days = when.toordinal() - today.toordinal()
    if days == 0:
        return say("{when:%H:%M} today", when=when)
    word = say(WEEKDAYS).split()[when.weekday()]
    return f"{word} {when:%H:%M}" if 0 < days < 7 else f"{word} {when:%d.%m. %H:%M}"


def age(ms: int) -> str:
    """ "3 h", "12 min", "2 d": how long something has been waiting."""
    minutes = max(ms, 0) // 60_000
    if minutes < 120:
        return say("{minutes} min", minutes=minutes)
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"


def count(number: int, one: str, many: str = "") -> str:
    """ "1 line", "5 lines"."""
    return f"{number} {say(one if number == 1 else many or one + 's')}"


def said(error: BaseException) -> str:
    """What an error says to a cashier."""
    if isinstance(error, DropshelfError):
        return told(error.message)
    first = str(error).partition("\n")[0][:LONGEST_SAID]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__

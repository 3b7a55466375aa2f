"""Opening hours as people write them: 07:00-22:00, closed, and single days that differ."""

from datetime import date

from edge_agent.errors import BadInput

DAY_MINUTES = 1440


def minutes(text: str, where: str) -> int:
    """ "07:30" -> 450; BadInput names `where`."""
    hour, colon, minute = text.strip().partition(":")
    if not (colon and hour.isdigit() and minute.isdigit() and int(hour) <= 24 and int(minute) < 60):
        raise BadInput(f"{where}: {text!r} is not a time like 07:30")
    return int(hour) * 60 + int(minute)


def span(text: str, day: str) -> tuple[int, int] | None:
    """ "07:00-22:00" as (opens, closes), None for "closed"; BadInput names the day."""
    if text.strip() == "closed":
        return None
    opens, dash, closes = text.partition("-")
    if not dash:
        raise BadInput(f"{day}: {text!r} is neither closed nor like 07:00-22:00")
    return minutes(opens, day), minutes(closes, day)


def other_day(line: str) -> tuple[int, int, int]:
    """ "2026-12-24 09:00-14:00" or "2026-12-25 closed" as (ordinal day, opens, closes), both 0 where closed."""
    said, _, rest = line.strip().partition(" ")
    try:
        day = date.fromisoformat(said).toordinal()
    except ValueError:
        raise BadInput(f"{line[:60]!r} does not begin with a date like 2026-12-24") from None
    found = span(rest.strip(), said)
    if found is None:
        return day, 0, 0
    if not found[0] < found[1] <= DAY_MINUTES:
        raise BadInput(f"{said}: {rest.strip()!r} does not close after it opens")
    return day, *found

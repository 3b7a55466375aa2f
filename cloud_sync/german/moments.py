"""Moments and money that were written in English, as `Tue 10 Mar 15:00`, `5 min ago` and `£1.20` are, in German."""

import re

DAYS = {"Mon": "Mo", "Tue": "Di", "Wed": "Mi", "Thu": "Do", "Fri": "Fr", "Sat": "Sa", "Sun": "So"}
MONTHS = {
    "Jan": "Jan.",
    "Feb": "Feb.",
    "Mar": "März",
    "Apr": "Apr.",
    "May": "Mai",
    "Jun": "Juni",
    "Jul": "Juli",
    "Aug": "Aug.",
    "Sep": "Sept.",
    "Oct": "Okt.",
    "Nov": "Nov.",
    "Dec": "Dez.",
}
SOON = {"now": "jetzt", "today": "heute", "tonight": "heute Abend", "tomorrow": "morgen", "just now": "gerade eben"}
UNITS = {"min": "Min.", "h": "Std.", "days": "Tagen"}
DATED = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?: (\d+) ([A-Z][a-z]{2}))?((?: \d{4})?(?: \d\d:\d\d)?)")
TODAY = re.compile(r"(\d\d:\d\d) today")
MONEY = re.compile(r"(−?)([^\w\s.,−]|[A-Z]{3} )(\d{1,3}(?:,\d{3})+|\d+)\.(\d{2,3})")
AGO = re.compile(r"(\d+) (min|h|days) ago")


def moment(words: str) -> str:
    """The moment or amount in German; anything else as it is."""
    if words in SOON:
        return SOON[words]
    if found := TODAY.fullmatch(words):
        return f"heute {found[1]}"
    if found := MONEY.fullmatch(words):
        return f"{found[1]}{int(found[3].replace(',', '')):,}".replace(",", ".") + f",{found[4]} {found[2].strip()}"
    if found := AGO.fullmatch(words):
        return ago(int(found[1]), found[2])
    found = DATED.fullmatch(words)
    if found is None or (found[3] and found[3] not in MONTHS):
        return words
    date = f" {found[2]}. {MONTHS[found[3]]}" if found[2] else ""
    return f"{DAYS[found[1]]}{date}{found[4]}"


def ago(number: int, of: str) -> str:
    """`vor 5 Min.`, `vor 3 Std.`, `vor 2 Tagen`."""
    return f"vor {number} {UNITS[of]}"

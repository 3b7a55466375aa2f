"""The sentences of an order's reasons as templates, one table a language; `say` fills one in, `named` joins names.

Both tables have the same keys with the same fields (a test says so); English is used for what is not there.
"""

import re
from collections.abc import Mapping, Sequence

from edge_agent.rules.tongue import COMMAS, pointed_in

DECIMAL = re.compile(r"[-−+]?\d+\.\d+( %)?")
Table = Mapping[str, str]

ENGLISH: Table = {
    "days": "Mon Tue Wed Thu Fri Sat Sun",
    "months": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "date": "{day} {number} {month}",
    "odds": "4:four 5:five 10:ten 20:twenty 40:forty 50:fifty 100:a_hundred",
    "pack": "{packs} pack of {pack}",
    "packs": "{packs} packs of {pack}",
    "what": "Order {qty} from {supplier} before {by}, {cost}.",
    "what_packs": "Order {qty} ({sized}) from {supplier} before {by}, {cost}.",
    "sells": "By {until} you'll sell about {mean}; one time in {odds} more than {level}.",
    "have": "You have {qty}",
    "late": "{qty} are late (due {day})",
    "late_for": "{qty} are late (due {day}, looked for {now})",
    "come": "{qty} come {day}",
    "kept": "{qty} are kept",
    "expire": "{qty} will expire unsold",
    "rounded": "{level} - {position} = {raw}, rounded to {qty}.",
    "exact": "{level} - {position} = {raw}.",
    "given": "{level} - {position} = {raw}; {wanted} would be right for it alone.",
    "skipped": "If you skip this delivery: {chance} chance to run out before {day}.",
    "less_than_one": "less than 1 %",
    "short": "reorder: {qty} {item} before {by} ({left} left, about {mean} sell by {until})",
    "note_lost": "{qty} of order {order} were due {day} and are no longer counted on.",
    "note_overdue": "{qty} of order {order} were due {day} and may come too late to count.",
    "note_after": "{qty} of order {order} come only {day}, too late to count.",
    "note_negative": "The stock is below zero: count it.",
    "note_uncounted": "It was never counted.",
    "note_no_margin": "It sells below its cost.",
    "note_least": "The supplier takes no less than {packs} packs.",
    "note_most": "The most that may be ordered; {qty} would have been right.",
    "note_waste": "Of {qty} more than {cap} would spoil.",
    "note_spoils": "Of {qty} the last would cost more in waste than they earn.",
    "note_rush": "{qty} from {other} would come {day} already and earn about {net} more than waiting: worth a call.",
    "spoken_guess": "It has not sold yet: you expect {likely} a week, {low} to {high}, and this goes by that.",
    "spoken_both": "You expect {likely} a week, {low} to {high}; the {sold} sold in {days} days count for {own} of it.",
    "spoken_both_once": "You expect {likely} a week, {low} to {high}; the {sold} of its first day count for {own}.",
    "spoken_kin": "It is new, {sold} sold in {days} days: what similar goods sell counts beside that.",
    "spoken_kin_once": "It is new, {sold} sold on its first day: what similar goods sell counts beside that.",
    "moved_closed": "Closed {when}: {name}{source}.",
    "moved_signal": "{name} stands at {value}, usually {usual} ({age}{source}): {factor}.",
    "moved_event": "{name} {when} ({learnt}{source}): {factor}.",
    "moved_source": ", says {source}",
    "moved_on": "on {day}",
    "moved_from": "from {day} to {last}",
    "moved_today": "today",
    "moved_yesterday": "yesterday",
    "moved_days": "{days} days ago",
    "moved_once": "a {kind} was seen once before",
    "moved_often": "a {kind} was seen {seen} times before",
    "moved_fading": "{factor}, fading to {less} on {day}",
    "moved_clip": "On {day} all of this together would be {factor}, more than is believed: look at it.",
    "plan": "Until {until} about {mean} sell, nine times of ten no more than {most}.",
    "plan_columns": "sells at_most comes left at_least",
    "and_more": "{names} and {count} more",
    "and": "{names} and {last}",
    "hold_clock": "Held: this till's clock can't be trusted, so the cut-off may be another one. Set the clock.",
    "hold_minimum": "Held: below the supplier's minimum order. It is decided again whenever more is needed.",
    "hold_length": "Held: more lines than one order carries. The rest is decided again in the next cycle.",
    "guard_most_order": "Needs you: it is worth {now}, more than the {was} that may go by itself.",
    "guard_most_day": "Needs you: with what went the same day it is worth {now}, more than {was} a day.",
    "guard_most_week": "Needs you: with what went within a week it is worth {now}, more than {was} a week.",
    "guard_negative": "Needs you: the stock of {items} is below zero.",
    "guard_uncounted": "Needs you: the stock of {items} was never counted.",
    "guard_count_old": "Needs you: the stock of {items} was last counted {now} days ago.",
    "guard_stand_in": "Needs you: the forecast of {items} was made without the model.",
    "guard_signal_clip": "Needs you: signals move the demand of {items} by more than is believed.",
    "guard_float": "Needs you: paid for, it would leave too little in the account: {was} fits, it takes {now}.",
    "guard_old_balance": "Needs you: the bank balance is too old to say what the account bears: enter a newer one.",
    "guard_behind": "Needs you: the till's clock is {now} minutes behind what it has recorded.",
    "guard_unheard": "Needs you: for {now} hours nothing was heard of the shop's other tills.",
    "guard_young": "Needs you: there was stock of {items} on {now} days since the first sale, fewer than {was}.",
    "guard_unusual": "Needs you: {now} of {items} is far above the usual {was}.",
    "guard_cost": "Needs you: a piece of {items} costs {now}; it was {was} when it was last ordered.",
    "auto": "It goes by itself shortly before {by}, unless you decide otherwise.",
    "minimum": "{wanted} is below the supplier's minimum of {least}. {figures}: {way}.",
    "top_up_loses": "Topping up loses about {loss}",
    "top_up_never": "Topping up is not possible",
    "fee_loses": "the small-order fee is {loss}",
    "fee_never": "there is no small-order fee",
    "wait_loses": "waiting loses about {loss}",
    "way_top_up": "it is topped up",
    "way_fee": "the fee is paid",
    "way_wait": "it waits",
    "budget": "The budget of {budget} pays for {value} of the {wanted} that would be right.",
    "week": "Of the {week} that all orders of a week may cost {spent} is taken: this one has {value} of the {wanted} "
    "that would be right.",
    "left": "The budget leaves nothing for {items}.",
    "anothers": "Decided at another till of this shop, which has the reasons.",
    "owners": "The owner put it on the order.",
}

GERMAN: Table = {
    "days": "Mo Di Mi Do Fr Sa So",
    "months": "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
    "date": "{day} {number}. {month}",
    "odds": "4:vier 5:fünf 10:zehn 20:zwanzig 40:vierzig 50:fünfzig 100:hundert",
    "pack": "{packs} Packung zu {pack}",
    "packs": "{packs} Packungen zu {pack}",
    "what": "{qty} bei {supplier} bestellen vor {by}, {cost}.",
    "what_packs": "{qty} ({sized}) bei {supplier} bestellen vor {by}, {cost}.",
    "sells": "Bis {until} verkaufen Sie etwa {mean}; in einem von {odds} Fällen mehr als {level}.",
    "have": "Sie haben {qty}",
    "late": "{qty} sind verspätet (fällig {day})",
    "late_for": "{qty} sind verspätet (fällig {day}, erwartet {now})",
    "come": "{qty} kommen {day}",
    "kept": "{qty} sind zurückgelegt",
    "expire": "{qty} laufen unverkauft ab",
    "rounded": "{level} - {position} = {raw}, gerundet auf {qty}.",
    "exact": "{level} - {position} = {raw}.",
    "given": "{level} - {position} = {raw}; für sich allein wären {wanted} richtig.",
    "skipped": "Ohne diese Lieferung: {chance} Risiko, vor {day} ausverkauft zu sein.",
    "less_than_one": "weniger als 1 %",
    "short": "bestellen: {qty} {item} vor {by} ({left} da, etwa {mean} bis {until})",
    "note_lost": "{qty} der Bestellung {order} waren {day} fällig; damit wird nicht mehr gerechnet.",
    "note_overdue": "{qty} der Bestellung {order} waren {day} fällig und kommen vielleicht zu spät.",
    "note_after": "{qty} der Bestellung {order} kommen erst {day}, zu spät, um zu zählen.",
    "note_negative": "Der Bestand ist unter null: bitte zählen.",
    "note_uncounted": "Der Bestand wurde nie gezählt.",
    "note_no_margin": "Es wird unter Einkaufspreis verkauft.",
    "note_least": "Der Lieferant nimmt nicht weniger als {packs} Packungen an.",
    "note_most": "Mehr darf nicht bestellt werden; {qty} wären richtig gewesen.",
    "note_waste": "Von {qty} würde mehr als {cap} verderben.",
    "note_spoils": "Von {qty} würden die letzten als Abfall mehr kosten, als sie einbringen.",
    "note_rush": "{qty} von {other} kämen schon {day} und brächten etwa {net} mehr als zu warten: ein Anruf lohnt.",
    "spoken_guess": "Noch nichts verkauft: Sie erwarten {likely} pro Woche, {low} bis {high}, und danach geht dies.",
    "spoken_both": "Sie erwarten {likely} pro Woche, {low} bis {high}; die {sold} aus {days} Tagen zählen dabei {own}.",
    "spoken_both_once": "Sie erwarten {likely} pro Woche, {low} bis {high}; die {sold} vom ersten Tag zählen {own}.",
    "spoken_kin": "Es ist neu, {sold} in {days} Tagen verkauft: daneben zählt, was ähnliche Waren verkaufen.",
    "spoken_kin_once": "Es ist neu, {sold} am ersten Tag verkauft: daneben zählt, was ähnliche Waren verkaufen.",
    "moved_closed": "Geschlossen {when}: {name}{source}.",
    "moved_signal": "{name} steht bei {value}, sonst {usual} ({age}{source}): {factor}.",
    "moved_event": "{name} {when} ({learnt}{source}): {factor}.",
    "moved_source": ", laut {source}",
    "moved_on": "am {day}",
    "moved_from": "von {day} bis {last}",
    "moved_today": "heute",
    "moved_yesterday": "gestern",
    "moved_days": "vor {days} Tagen",
    "moved_once": "{kind}: einmal erlebt",
    "moved_often": "{kind}: {seen}-mal erlebt",
    "moved_fading": "{factor}, nachlassend bis {less} am {day}",
    "moved_clip": "Am {day} ergäbe das alles zusammen {factor}, mehr als glaubhaft ist: bitte ansehen.",
    "plan": "Bis {until} verkaufen sich etwa {mean}, in neun von zehn Fällen höchstens {most}.",
    "plan_columns": "Absatz höchstens kommt da mindestens",
    "and_more": "{names} und {count} weitere",
    "and": "{names} und {last}",
    "hold_clock": "Angehalten: der Uhr dieser Kasse ist nicht zu trauen, der Bestellschluss kann ein anderer sein. "
    "Bitte die Uhr stellen.",
    "hold_minimum": "Angehalten: unter dem Mindestbestellwert. Es wird neu entschieden, sobald mehr gebraucht wird.",
    "hold_length": "Angehalten: mehr Zeilen, als eine Bestellung fasst. Der Rest wird im nächsten Zyklus entschieden.",
    "guard_most_order": "Braucht Sie: sie kostet {now}, mehr als die {was}, die von selbst gehen dürfen.",
    "guard_most_day": "Braucht Sie: mit dem, was am selben Tag ging, sind es {now}, mehr als {was} am Tag.",
    "guard_most_week": "Braucht Sie: mit dem, was in einer Woche ging, sind es {now}, mehr als {was} in der Woche.",
    "guard_negative": "Braucht Sie: der Bestand von {items} ist unter null.",
    "guard_uncounted": "Braucht Sie: der Bestand von {items} wurde nie gezählt.",
    "guard_count_old": "Braucht Sie: der Bestand von {items} wurde zuletzt vor {now} Tagen gezählt.",
    "guard_stand_in": "Braucht Sie: die Vorhersage für {items} entstand ohne das Modell.",
    "guard_signal_clip": "Braucht Sie: Signale bewegen die Nachfrage nach {items} stärker, als glaubhaft ist.",
    "guard_float": "Braucht Sie: bezahlt, ließe sie zu wenig auf dem Konto: {was} passen, sie nimmt {now}.",
    "guard_old_balance": "Braucht Sie: der Kontostand ist zu alt, um zu sagen, was das Konto trägt: ein neuerer hilft.",
    "guard_behind": "Braucht Sie: Die Uhr der Kasse geht {now} Minuten hinter dem nach, was sie aufgezeichnet hat.",
    "guard_unheard": "Braucht Sie: seit {now} Stunden war von den anderen Kassen nichts zu hören.",
    "guard_young": "Braucht Sie: von {items} war seit dem ersten Verkauf an {now} Tagen etwas da, weniger als {was}.",
    "guard_unusual": "Braucht Sie: {now} von {items} liegt weit über den üblichen {was}.",
    "guard_cost": "Braucht Sie: ein Stück {items} kostet {now}; bei der letzten Bestellung waren es {was}.",
    "auto": "Sie geht kurz vor {by} von selbst hinaus, wenn Sie nichts anderes entscheiden.",
    "minimum": "{wanted} liegt unter dem Mindestbestellwert von {least}. {figures}: {way}.",
    "top_up_loses": "Auffüllen verliert etwa {loss}",
    "top_up_never": "Auffüllen ist nicht möglich",
    "fee_loses": "der Mindermengenzuschlag ist {loss}",
    "fee_never": "einen Mindermengenzuschlag gibt es nicht",
    "wait_loses": "Warten verliert etwa {loss}",
    "way_top_up": "es wird aufgefüllt",
    "way_fee": "der Zuschlag wird bezahlt",
    "way_wait": "es wird gewartet",
    "budget": "Das Budget von {budget} reicht für {value} der {wanted}, die richtig wären.",
    "week": "Von den {week}, die alle Bestellungen einer Woche kosten dürfen, sind {spent} vergeben: diese hat {value} "
    "der {wanted}, die richtig wären.",
    "left": "Das Budget lässt nichts übrig für {items}.",
    "anothers": "An einer anderen Kasse dieses Ladens entschieden; dort stehen die Gründe.",
    "owners": "Vom Inhaber auf die Bestellung gesetzt.",
}

TABLES: Mapping[str, Table] = {"en": ENGLISH, "de": GERMAN}


def say(language: str, key: str, **fields: object) -> str:
    """One phrase, filled in; a figure among the fields has the language's mark before its decimals."""
    if language in COMMAS:
        fields = {
            name: pointed_in(language, str(one)) if DECIMAL.fullmatch(str(one)) else one for name, one in fields.items()
        }
    return phrase(language, key).format(**fields)


def phrase(language: str, key: str) -> str:
    """One phrase as it is written; empty for a key that no table has."""
    return TABLES.get(language, ENGLISH).get(key) or ENGLISH.get(key, "")


def words(language: str, key: str) -> list[str]:
    """A phrase that is a list."""
    return phrase(language, key).split()


def odds(language: str, once_in: int) -> str:
    """`twenty` of 20, where people say it so."""
    spelt = dict(pair.split(":") for pair in words(language, "odds"))
    return spelt.get(str(once_in), str(once_in)).replace("_", " ")


def named(language: str, names: Sequence[str], most: int = 2) -> str:
    """`Milk, Bread and 3 more`, or `Milk and Bread`."""
    if len(names) > most:
        return say(language, "and_more", names=", ".join(names[:most]), count=len(names) - most)
    *first, last = names or ("",)
    return say(language, "and", names=", ".join(first), last=last) if first else last

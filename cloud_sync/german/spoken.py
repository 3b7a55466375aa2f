"""The German words of what code fills in as it says it, by the English ones; nobody finds these by their fields."""

from collections.abc import Mapping

SPOKEN: Mapping[str, str] = {
    "{tries}, the last {when}": "{tries}, zuletzt {when}",
    "Sent by {by} to {where}, {when}.": "Gesendet per {by} an {where}, {when}.",
    "Sent by {by}, as {who} says, {when}.": "Gesendet per {by}, wie {who} sagt, {when}.",
    "Being sent by {by}.": "Wird per {by} gesendet.",
    "Not sent: nothing has left. {problem} ({tried})": "Nicht gesendet: nichts ging hinaus. {problem} ({tried})",
    "Nobody knows whether it was sent. {problem} Ask the supplier for order {number}.": "Niemand weiß, ob sie hinausging. {problem} Den Lieferanten nach Bestellung {number} fragen.",
    "Not sent yet. {problem} ({tried}; next {when})": "Noch nicht gesendet. {problem} ({tried}; das nächste Mal {when})",
    "The supplier {said}, {when}": "Der Lieferant {said}, {when}",
    "it comes {when}": "sie kommt {when}",
    "only {some}": "nur {some}",
    "{come} of {packs} packs of {name}": "{come} von {packs} Packungen {name}",
    "{state}. The till hears of it when it next asks.": "{state}. Die Kasse erfährt es, wenn sie das nächste Mal fragt.",
    "{shop}: {number} open": "{shop}: {number} offen",
    "{first} And {number} more.": "{first} Und {number} weitere.",
    "And {number} more.": "Und {number} weitere.",
    "What you hear by e-mail: {link}": "Was per E-Mail kommt: {link}",
    "{before} sales before, {after} after": "{before} Verkäufe vorher, {after} nachher",
    "{before} before, {after} after": "{before} vorher, {after} nachher",
    "{value} ({low} to {high})": "{value} ({low} bis {high})",
    "{value} points ({low} to {high})": "{value} Punkte ({low} bis {high})",
    "{value} % ({low} to {high} %)": "{value} % ({low} bis {high} %)",
    "{part} of {whole}": "{part} von {whole}",
    "{name}, {amount} on {day}": "{name}, {amount} am {day}",
    "Not planned: with {pieces} pieces the account would be {under} under the float of {floor} on {day}. What binds is {bill}. {most}": "Nicht geplant: mit {pieces} Stück wäre das Konto am {day} {under} unter dem Polster von {floor}. Es bindet: {bill}. {most}",
    "Up to {most} pieces fit.": "Bis zu {most} Stück passen.",
    "on {day}": "am {day}",
    "{left} left now": "jetzt noch {left}",
    "Expected on the shelf without this order: {days}.": "Im Regal erwartet ohne diese Bestellung: {days}.",
}

"""The German words of what the pages count, one and many."""

from collections.abc import Mapping

COUNTED: Mapping[str, tuple[str, str]] = {
    "alert": ("Meldung", "Meldungen"),
    "day": ("Tag", "Tage"),
    "drop": ("Drop", "Drops"),
    "event": ("Ereignis", "Ereignisse"),
    "invoice": ("Rechnung", "Rechnungen"),
    "item": ("Artikel", "Artikel"),
    "line": ("Zeile", "Zeilen"),
    "more order": ("weitere Bestellung", "weitere Bestellungen"),
    "no-sale": ("Öffnen ohne Verkauf", "Öffnen ohne Verkauf"),
    "number": ("Nummer", "Nummern"),
    "order": ("Bestellung", "Bestellungen"),
    "pack": ("Packung", "Packungen"),
    "person is": ("Person", "Personen"),
    "person waits": ("Person wartet", "Personen warten"),
    "piece": ("Stück", "Stück"),
    "pop-up": ("Stand", "Stände"),
    "receipt": ("Bon", "Bons"),
    "recovery code": ("Ersatzcode", "Ersatzcodes"),
    "refund": ("Rückgabe", "Rückgaben"),
    "reservation waits": ("Reservierung wartet", "Reservierungen warten"),
    "row": ("Zeile", "Zeilen"),
    "sale": ("Verkauf", "Verkäufe"),
    "sample": ("Probe", "Proben"),
    "scan": ("Scan", "Scans"),
    "signal": ("Signal", "Signale"),
    "text": ("Nachricht", "Nachrichten"),
    "try": ("Versuch", "Versuche"),
    "visitor": ("Besucher", "Besucher"),
}

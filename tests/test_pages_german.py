"""The owners' side in German: every text has its words, and each reader gets the language that was chosen."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from jinja2 import Environment

from cloud_sync.accounts.deeds import WORDS
from cloud_sync.accounts.rights import NAMES
from cloud_sync.alerts.letter import alert_mail
from cloud_sync.german import COUNTS, FILLED, GERMAN, PAGES
from cloud_sync.pages.leaving import SHORT
from cloud_sync.pages.look import _environment, _german
from cloud_sync.pages.order_view import STATES
from cloud_sync.pages.tables import TABLES
from cloud_sync.pages.translated import counted, translated
from cloud_sync.post.letter import Letter, LetterLine
from cloud_sync.post.mail import mail_of
from cloud_sync.post.server import MailServer
from cloud_sync.speech import Reader, asked_for, reads, told_in
from cloud_sync.tables.alerts import AlertRow
from edge_agent.rules.german import GERMAN as TILL
from tests.cloud import serving
from tests.cloud_texts import of_fields, refusals, said
from tests.owner_shop import Scene, at_work, opened
from tests.page_text import hidden, words
from tests.shop import SHOP, TUESDAY_14

FOR_OPERATORS = {"webhook_networks: {a}; an example is 10.0.0.0/8, 127.0.0.0/8"}
SERVER = MailServer("mail.example", 25, "none", "", None, None, "orders@shop.example")
NOW = TUESDAY_14
TEMPLATES = Path("cloud_sync/pages/templates")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("german")) as scene:
        yield scene


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The scene of a shop that speaks German."""
    with serving(tmp_path_factory.mktemp("laden")) as cloud:
        scene = opened(cloud, shop=SHOP.model_copy(update={"language": "de", "symbol": "€"}))
        yield scene
        scene.till.close()


@pytest.fixture
def english() -> Environment:
    return _environment("en")


def texts(environment: Environment) -> Iterator[tuple[str, str]]:
    """(template, text) of everything that a template says."""
    for file in sorted(TEMPLATES.glob("*.html")):
        found: list[str] = []
        translated(environment, file.read_text(), lambda text, found=found: found.append(text))  # type: ignore[misc]
        yield from ((file.name, text) for text in found)


def test_every_text_of_every_page_has_its_german_words(english: Environment) -> None:
    missing = [f"{page}: {text}" for page, text in texts(english) if text[0] != "=" and _german(page, text) is None]
    assert missing == [], "their German words belong into cloud_sync/german"


def test_what_is_filled_in_stands_in_both_languages(english: Environment) -> None:
    def fields(text: str) -> list[str]:
        return sorted(re.findall(r"\{\d\}", text))

    assert [text for page, text in texts(english) if fields(_german(page, text) or text) != fields(text)] == []


def test_what_a_page_counts_has_one_and_many(english: Environment) -> None:
    found = {word for file in TEMPLATES.glob("*.html") for word in counted(english, file.read_text())}
    assert found - set(COUNTS) == set()


def test_a_text_is_found_with_what_is_filled_in_and_code_is_left_alone(english: Environment) -> None:
    page = (
        '{% block kind %}today{% endblock %}<p class="row" title="To {{ who }}">Hello {{ who }}, {% if n == "two" %}'
        "{{ 'one' if n else 'many' }}{% endif %}</p><code>Hello</code>{{ field(a, 'note', 'A word', hint='b c') }}"
        "{{ '%.1f' % n }}"
    )
    german = {"To {1}": "An {1}", "Hello {1},": "Hallo {1},", "many": "viele", "A word": "Ein Wort", "b c": "b d"}
    assert translated(english, page, german.get) == (
        '{% block kind %}today{% endblock %}<p class="row" title="An {{ who }}">Hallo {{ who }}, {% if n == "two" %}'
        "{{ 'one' if n else 'viele' }}{% endif %}</p><code>Hello</code>{{ field(a, 'note', 'Ein Wort', hint='b d') }}"
        "{{ ( '%.1f' % n ) | pointed }}"
    )


def test_a_browser_asks_for_the_language_that_it_likes_best() -> None:
    assert asked_for("de-AT,de;q=0.9,en;q=0.8") == "de"
    assert asked_for("fr, en;q=0.3, de;q=0.2") == "en"
    assert asked_for("") == asked_for("fr-FR") == asked_for("de;q=x") == ""


def test_who_chooses_german_reads_german_and_may_choose_again(scene: Scene) -> None:
    with scene.owner() as browser:
        assert '<html lang="en">' in browser.get("/").text
        speak(browser, "de")
        page = browser.get("/")
        assert '<html lang="de">' in page.text
        assert "freizugeben, die erste vor heute 15:00" in words(page)
        assert "Stock" not in words(page)
        assert "£" in words(page)
        speak(browser, "")
        assert '<html lang="en">' in browser.get("/").text


def test_before_the_sign_in_the_browser_decides(scene: Scene) -> None:
    german = {"Accept-Language": "de-DE,de;q=0.9"}
    with scene.browser() as browser:
        assert '<html lang="en">' in browser.get("/sign-in").text
        assert "Anmelden" in words(browser.get("/sign-in", headers=german))
        wrong = browser.post("/sign-in", data={"email": "a@b.example"}, headers=german)
        assert "E-Mail und Passwort gehören nicht zusammen." in words(wrong)


def test_a_german_shop_is_german_for_all_who_did_not_choose(german: Scene) -> None:
    with german.owner() as browser:
        for path in ("/", "/orders", "/takings", "/stock", "/alerts", "/devices", "/audit", "/cash", "/suppliers"):
            page = browser.get(path)
            assert page.status_code == 200
            assert '<html lang="de">' in page.text
            english = [text for text in PAGES if len(text) > 14 and text in words(page) and PAGES[text] != text]
            assert english == []


def test_an_order_and_what_is_refused_are_german_with_figures_as_germans_write_them(german: Scene) -> None:
    with german.owner() as browser:
        order = browser.get(f"/orders/{german.order('north').order}")
        assert "Freigeben vor heute 15:00" in words(order)
        assert "bei Northside bestellen vor Di 15:00, 89,04." in words(order)
        assert re.search(r"Freigeben [\d.]+,\d\d €", words(order))
        form = {"csrf": hidden(order, "csrf"), "name": "x", "value": "1.2.3", "kind": "trend"}
        refused = browser.post("/signals/value", data=form)
        assert "Wert '1.2.3' ist keine einfache Zahl wie 12,50" in words(refused)
        assert "Passwort ändern" in words(browser.get("/account"))
        unnamed = browser.post("/people/invite", data={"csrf": hidden(order, "csrf"), "role": "reader"})
        assert "So geht das nicht Sagen, wen Sie einladen" in words(unnamed)
        assert "Diese Seite gibt es nicht" in words(browser.get("/nowhere", headers={"Accept-Language": "de"}))


def test_an_alert_is_written_to_each_in_the_language_that_he_reads() -> None:
    found = {"tenant": "t", "shop": "s", "rule": "runs out", "link": "/orders/1", "urgent": True, "raised_at": 0}
    words = [f"Tea {number} runs out tonight, before more comes." for number in range(2)]
    rows = [AlertRow.model_validate({**found, "alert": one[:8], "words": one}) for one in words]
    with reads(Reader(chosen="de", shop="en")):
        mail = alert_mail(rows, shop="Eck", to="a@b.example", server=SERVER, base="https://x", at=0, digest=False)
    assert mail["Subject"] == "Eck: Tea 0 geht heute Abend aus, vor dem Nachschub. Und 1 weitere."
    assert "Tea 1 geht heute Abend aus, vor dem Nachschub.\nhttps://x/orders/1" in mail.get_content()
    assert "Einmal gemeldet. Was per E-Mail kommt: https://x/alerts" in mail.get_content()
    english = alert_mail(rows, shop="Eck", to="a@b.example", server=SERVER, base="https://x", at=0, digest=True)
    assert english["Subject"] == "Eck: 2 open"


def test_an_order_is_written_to_its_supplier_in_the_shops_language() -> None:
    line = LetterLine("milk", "Milch", "", 3, 6000, 18000, 1998)
    order = Letter("0" * 64, "0001", "Eck", (), "Hof", "h@b.example", "", "EUR", 2, "Europe/Berlin", NOW, NOW, (line,))
    with reads(Reader(shop="de")):
        mail = mail_of(replace(order, language="de"), SERVER, NOW)
    text = next(part for part in mail.walk() if part.get_content_type() == "text/plain").get_content()
    assert mail["Subject"] == "Bestellung 0001 von Eck"
    assert "3 Packungen zu 6  Milch (milk)" in text
    assert "Bestellschluss Di 3. März 2026, 15:00; bitte liefern bis" in text
    assert "Zusammen 19,98 EUR nach der Liste des Ladens." in text


def speak(browser: httpx.Client, language: str) -> None:
    csrf = hidden(browser.get("/account"), "csrf")
    answer = browser.post("/account/language", data={"csrf": csrf, "language": language})
    assert answer.status_code == 303, answer.text


def test_what_code_says_has_its_german_words() -> None:
    missing = sorted(text for text in said() if text not in FILLED and text not in GERMAN)
    assert missing == [], "their German words belong into cloud_sync/german/spoken.py"
    assert [text for text, german in FILLED.items() if names(text) != names(german)] == []


def test_every_refusal_has_its_german_words() -> None:
    known = {shape(text) for text in [*GERMAN, *TILL]}
    missing = sorted(text for text in refusals() - FOR_OPERATORS if shape(text) not in known)
    missing += sorted(text for text in of_fields() if shape(f"the form: {{field}} {text}") not in known)
    assert missing == [], "their German words belong into cloud_sync/german/errors.py or fields.py"
    assert [text for text, german in GERMAN.items() if names(text) != names(german)] == []


@pytest.mark.parametrize(
    "words",
    sorted(
        {*WORDS.values(), *NAMES.values(), *STATES.values(), *SHORT.values(), *(one.words for one in TABLES.values())}
    ),
)
def test_what_stands_in_a_table_of_words_has_its_german_ones(words: str) -> None:
    assert words in GERMAN or words in PAGES


def test_what_was_kept_in_english_is_told_in_german() -> None:
    assert told_in("de", "Order 7 to Northgate waits for you; its cut-off is 15:00 today.") == (
        "Bestellung 7 an Northgate wartet auf Sie; Bestellschluss ist heute 15:00."
    )
    assert told_in("de", "Tea runs out Tue 10 Mar, before more comes.") == (
        "Tea geht Di 10. März aus, vor dem Nachschub."
    )
    assert told_in("de", "the form: terms days is empty; a number belongs here") == (
        "Zahlungsziel ist leer; eine Zahl gehört hierher"
    )
    assert told_in("de", "On the way to Quay: Mug: 2 missing, Tea: 1 too many. The stock says so already.") == (
        "Auf dem Weg nach Quay: Mug: 2 fehlen, Tea: 1 zu viel. Der Bestand sagt es schon."
    )
    assert told_in("de", "Till 1: the drawer was £12.05 short at the close.") == (
        "Till 1: beim Abschluss fehlten 12,05 £ in der Lade."
    )
    low = "If sales are low, the account is £12.05 under zero on Tue 10 Mar 2026."
    assert told_in("de", low) == "Bei schwachen Verkäufen ist das Konto am Di 10. März 2026 12,05 £ unter null."
    assert told_in("de", f"{low} Behind it: £1200.00 on Mon 9 Mar 2026 for VAT.").endswith(
        "12,05 £ unter null. Dahinter: 1.200,00 £ am Mo 9. März 2026 für MwSt."
    )
    assert told_in("de", "disk full") == "disk full"
    assert told_in("en", "Tea runs out now, before more comes.") == "Tea runs out now, before more comes."


def shape(text: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", text)


def names(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)", text))

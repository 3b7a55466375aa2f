"""The owners' side in German: every text has its words, and each reader gets the language that was chosen."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from jinja2 import Environment

from cloud_sync.german import COUNTS, PAGES
from cloud_sync.pages.look import _environment, _german
from cloud_sync.pages.translated import counted, translated
from cloud_sync.speech import asked_for
from tests.owner_shop import Scene, at_work
from tests.page_text import hidden, words

TEMPLATES = Path("cloud_sync/pages/templates")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with at_work(tmp_path_factory.mktemp("german")) as scene:
        yield scene


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


def test_no_german_words_are_left_over(english: Environment) -> None:
    said = {key for page, text in texts(english) for key in (text, f"{page}|{text}")}
    assert [text for text in PAGES if text not in said] == []


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
    assert asked_for("") == asked_for("fr-FR") == asked_for("de;q=x") == "en"


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


def speak(browser: httpx.Client, language: str) -> None:
    csrf = hidden(browser.get("/account"), "csrf")
    answer = browser.post("/account/language", data={"csrf": csrf, "language": language})
    assert answer.status_code == 303, answer.text

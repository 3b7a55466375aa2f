"""An old version of the API lives on: what `/v1` once promised is held by today's schema, and a break is found."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cloud_sync.app import create_app
from cloud_sync.clock import FileClock
from cloud_sync.openapi import document
from cloud_sync.settings import Settings
from tests.promise import broken

KEPT: dict[str, Any] = json.loads((Path(__file__).parent / "wire" / "v1_openapi.json").read_text(encoding="utf-8"))
"""What programs were written for; it is never edited: what breaks it is another version, beside this one."""
Change = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("schema")
    told: dict[str, Any] = json.loads(json.dumps(document(create_app(Settings(data=folder), FileClock(folder)))))
    return told


def test_what_v1_promised_is_held(today: dict[str, Any]) -> None:
    assert broken(KEPT, today) == []


def schema(told: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = told["components"]["schemas"][name]
    return found


def needs(told: dict[str, Any], name: str, field: str) -> None:
    schema(told, name)["properties"][field] = {"type": "string"}
    schema(told, name).setdefault("required", []).append(field)


BREAKS: dict[str, tuple[Change, str]] = {
    "a route is taken away": (lambda told: told["paths"].pop("/v1/feed"), "GET /v1/feed is gone"),
    "a question is needed": (
        lambda told: told["paths"]["/v1/feed"]["get"]["parameters"].append(
            {"in": "query", "name": "why", "required": True, "schema": {"type": "string"}}
        ),
        "parameter query why is needed now",
    ),
    "a field is needed": (lambda told: needs(told, "Approval", "colour"), ".colour is needed now"),
    "a field is no longer answered": (
        lambda told: schema(told, "OrderSaid")["properties"].pop("value"),
        "[].value is gone",
    ),
    "a field is no longer sure": (
        lambda told: schema(told, "OrderSaid")["required"].remove("value"),
        "[].value is not sure any more",
    ),
    "a till is told something new": (lambda told: needs(told, "Session", "mood"), ".mood is new"),
    "a number is a word": (
        lambda told: schema(told, "OrderSaid")["properties"].update(value={"type": "string"}),
        "[].value is string, not integer",
    ),
    "less is taken": (
        lambda told: schema(told, "Credentials")["properties"]["password"].update(maxLength=3),
        "maxLength",
    ),
    "an answer has another number": (
        lambda told: told["paths"]["/v1/push"]["post"]["responses"].pop("200"),
        "200 is no answer any more",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_found(name: str) -> None:
    change, words = BREAKS[name]
    later = copy.deepcopy(KEPT)
    change(later)
    found = broken(KEPT, later)
    assert any(words in one for one in found), found


def test_what_is_added_breaks_nothing() -> None:
    later = copy.deepcopy(KEPT)
    later["paths"]["/v1/owner/weather"] = {"get": {"responses": {"200": {}}}}
    schema(later, "Approval")["properties"]["note"] = {"type": "string"}
    for name in ("OrderSaid", "OrdersSaid"):
        if schema(later, name).get("additionalProperties") is not False:
            schema(later, name)["properties"]["mood"] = {"type": "string"}
    assert broken(KEPT, later) == []

"""The API for programs as OpenAPI: every route below /v1 with what it takes, what it answers, and an example of both.

Paths, parameters and the owners' commands are read off the routes; what a route answers stands in the table here. The
written copy is `docs/openapi.json`; the service itself shows none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from cloud_sync import market_door
from cloud_sync import openapi_examples as examples
from cloud_sync import owners_said as said
from edge_agent.wire import messages

PREFIX = "/v1/"
REFS = "#/components/schemas/{model}"
JSON = "application/json"
Document = dict[str, Any]
Models = tuple[type[BaseModel], ...]

WORDS = {
    200: "Done.",
    400: "The message itself can't be read.",
    401: "Nobody is signed in, or the credential is none.",
    403: "Not with this role, token or proof.",
    404: "There is no such thing, or it is another's.",
    408: "The body did not arrive in time.",
    409: "It does not stand as the asker believed; the answer says how it stands.",
    410: "The feed is of another generation.",
    413: "The body is too long.",
    415: "The body is packed in a way that is not taken.",
    422: "The words are understood and can't be done so.",
    429: "Too often; Retry-After says when again.",
    503: "Too many at once; Retry-After says when again.",
}


@dataclass(frozen=True)
class Told:
    """What a route answers by status, and what it takes where the route does not read it by itself."""

    answers: Mapping[int, Models]
    takes: type[BaseModel] | None = None
    packed: bool = False
    example: object = None
    shown: object = None
    security: tuple[Mapping[str, list[str]], ...] = field(default=())


BODY: Mapping[int, Models] = {408: (messages.Refusal,), 413: (messages.Refusal,)}
REFUSED = (messages.Refusal,)
NOT_VALID = (said.NotValid,)
TILL: tuple[Mapping[str, list[str]], ...] = ({"till": []},)
OWNER: tuple[Mapping[str, list[str]], ...] = ({"owner": []},)
MARKET: tuple[Mapping[str, list[str]], ...] = ({"market": []},)
COMMAND: tuple[Mapping[str, list[str]], ...] = ({"owner": [], "csrf": []},)
LOCKED: Mapping[int, Models] = {401: (said.Detail,), 403: (said.Detail,)}
DECIDED: Mapping[int, Models] = {
    200: (said.OrderSaid,),
    **LOCKED,
    404: (said.Wrong,),
    409: (said.OrderChanged,),
    422: (said.NotValid, said.Wrong),
}


def _till(*statuses: int, ok: type[BaseModel], **more: Any) -> Told:
    answers: dict[int, Models] = {200: (ok,), **dict.fromkeys(statuses, REFUSED)}
    return Told(answers | ({422: NOT_VALID} if more.pop("asks", False) else {}), security=TILL, **more)


TABLE: Mapping[tuple[str, str], Told] = {
    ("post", "/v1/pair"): Told(
        {200: (messages.Paired,), **dict.fromkeys((400, 403, 429), REFUSED)},
        takes=messages.PairRequest,
        example=examples.PAIR,
        shown=examples.PAIRED,
    ),
    ("post", "/v1/session"): _till(
        400,
        401,
        409,
        503,
        ok=messages.Session,
        takes=messages.SessionRequest,
        example=examples.SESSION,
        shown=examples.OPENED,
    ),
    ("post", "/v1/push"): _till(
        400, 401, 403, 409, 415, 503, ok=messages.Ack, packed=True, example=examples.BATCH, shown=examples.ACK
    ),
    ("get", "/v1/feed"): _till(401, 410, ok=messages.FeedPage, asks=True, shown=examples.FEED),
    ("get", "/v1/journal"): _till(401, ok=messages.JournalPage, asks=True, shown=examples.LINES),
    ("get", "/v1/model"): _till(401, ok=messages.ModelPart, asks=True, shown=examples.PART),
    ("post", "/v1/owner/sign-in"): Told(
        {200: (said.OwnerIn,), 401: (said.CodeAsked,), 403: (said.Detail,), 422: NOT_VALID, 429: (said.Wrong,)},
        example=examples.SIGN_IN,
        shown=examples.OWNER,
    ),
    ("post", "/v1/owner/prove"): Told(
        {200: (said.OwnerIn,), 401: (said.Detail, said.Wrong), 403: (said.Detail,), 422: NOT_VALID},
        example=examples.PROOF,
        shown=examples.OWNER,
        security=COMMAND,
    ),
    ("post", "/v1/owner/sign-out"): Told({200: (said.Nothing,), **LOCKED}, shown={}, security=COMMAND),
    ("get", "/v1/owner/orders"): Told(
        {200: (said.OrdersSaid,), **LOCKED, 422: NOT_VALID}, shown=examples.ORDERS, security=OWNER
    ),
    ("post", "/v1/owner/orders/{order}/approve"): Told(
        DECIDED, example=examples.APPROVAL, shown=examples.ORDER, security=COMMAND
    ),
    ("post", "/v1/owner/orders/{order}/reject"): Told(
        DECIDED, example=examples.REJECTION, shown=examples.ORDER, security=COMMAND
    ),
    ("post", "/v1/market/orders"): Told(
        {
            200: (market_door.OrderKept,),
            401: (said.Detail,),
            409: (market_door.OrderRefused,),
            422: (said.NotValid, market_door.OrderRefused),
        },
        example=examples.MARKET_ORDER,
        shown=examples.MARKET_KEPT,
        security=MARKET,
    ),
    ("delete", "/v1/market/orders/{reference}"): Told(
        {
            200: (market_door.OrderKept,),
            401: (said.Detail,),
            404: (market_door.OrderRefused,),
            409: (market_door.OrderRefused,),
            422: NOT_VALID,
        },
        shown={**examples.MARKET_KEPT, "state": "released", "new": False},
        security=MARKET,
    ),
    ("get", "/v1/market/stock"): Told(
        {200: (market_door.StockSaid,), 401: (said.Detail,)}, shown={"stock": {"mug-s": 4}}, security=MARKET
    ),
    ("get", "/v1/owner/signals"): Told(
        {200: (said.SignalsSaid,), **LOCKED, 404: (said.Detail,), 422: NOT_VALID},
        shown=examples.SIGNALS,
        security=OWNER,
    ),
    ("post", "/v1/owner/signals"): Told(
        {200: (said.Entered,), **LOCKED, 404: (said.Detail,), 422: (said.NotValid, said.Wrong)},
        example=examples.GIVEN,
        shown=examples.ENTERED,
        security=COMMAND,
    ),
}


def document(app: FastAPI) -> Document:
    """The whole document; KeyError for a route below /v1 that is not in the table."""
    told = app.openapi()
    paths = {path: ways for path, ways in told["paths"].items() if path.startswith(PREFIX)}
    for path, ways in paths.items():
        for method, operation in ways.items():
            _complete(operation, TABLE[method, path])
    return {
        "openapi": told["openapi"],
        "info": {
            "title": "Dropshelf",
            "version": "1",
            "description": "What tills and owners' programs say to the cloud; docs/protocol.md says what it means.",
        },
        "paths": paths,
        "components": {"schemas": _schemas(told["components"]["schemas"]), "securitySchemes": SECURITY},
    }


SECURITY: Document = {
    "till": {"type": "http", "scheme": "bearer", "description": "The credential from pairing."},
    "owner": {"type": "apiKey", "in": "cookie", "name": "dropshelf", "description": "`__Host-dropshelf` by https."},
    "market": {
        "type": "http",
        "scheme": "bearer",
        "description": "A marketplace's key, as the owner's page showed it.",
    },
    "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token", "description": "As sign-in answered it."},
}


def _complete(operation: Document, told: Told) -> None:
    answers = dict(told.answers)
    if "requestBody" in operation:
        answers[400] = (said.Detail,)
    if "requestBody" in operation or told.takes or told.packed:
        answers |= BODY
    operation["responses"] = {str(status): _answer(status, answers[status]) for status in sorted(answers)}
    operation["responses"]["200"]["content"][JSON]["example"] = told.shown
    operation["security"] = list(told.security)
    if told.takes:
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": _ref(told.takes)}}}
    if told.packed:
        bytes_ = {"type": "string", "format": "binary"}
        operation["requestBody"] = {"required": True, "content": {PACKED: {"schema": bytes_}}}
        operation.setdefault("parameters", []).append(ENCODING)
    if told.example is not None:
        (content,) = operation["requestBody"]["content"].values()
        content["example"] = told.example


PACKED = "application/octet-stream"
ENCODING: Document = {
    "name": "Content-Encoding",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "enum": ["zstd", "gzip"]},
}


def _answer(status: int, models: Models) -> Document:
    schema = _ref(models[0]) if len(models) == 1 else {"anyOf": [_ref(model) for model in models]}
    return {"description": WORDS[status], "content": {JSON: {"schema": schema}}}


def _ref(model: type[BaseModel]) -> Document:
    return {"$ref": REFS.format(model=model.__name__)}


def _schemas(of_routes: Document) -> Document:
    """What is answered and taken, and what the routes read by themselves; nothing else."""
    every = {
        model for told in TABLE.values() for models in (*told.answers.values(), *BODY.values()) for model in models
    }
    every |= {told.takes for told in TABLE.values() if told.takes}
    named = sorted(every, key=lambda model: model.__name__)
    _, made = models_json_schema([(model, "serialization") for model in named], ref_template=REFS)
    read = ("Credentials", "Proof", "Approval", "Rejection", "Given", "Value", "Happening", "Asked", "Line")
    return {
        name: one
        for name, one in sorted({**of_routes, **made["$defs"]}.items())
        if name in read or name in made["$defs"]
    }

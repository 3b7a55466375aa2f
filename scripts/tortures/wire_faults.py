"""The kinds of fault that a wire can do to a request, each as what happens instead of "it goes through"."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from scripts.tortures.exchange import Asked, Exchange, HangUp, with_length

Fault = Callable[[Exchange, list[Asked]], Awaitable[None]]
"""Plays a fault; the list holds requests that are delivered later."""

LONG_S = 0.7
"""Longer than the rig's till waits for a whole request."""
SHORT_S = 0.15
SIXTEENTHS = 16
REFUSALS = (429, 500, 502, 503)
OTHERS = (
    b'{"hello": "world"}', b"[]", b"null", b"17", b'"ok"', b'{"error": "FULL"}', b'{"received": 99}', b"{", b"\xff\xfe",
)  # fmt: skip
PORTAL = b"<!DOCTYPE html><title>Welcome</title><p>Please sign in to use this network.</p>"


async def request_dropped(exchange: Exchange, _: list[Asked]) -> None:
    """Nothing of it reaches the cloud."""
    raise HangUp


async def answer_dropped(exchange: Exchange, _: list[Asked]) -> None:
    """The cloud has done it; the till does not hear so."""
    await exchange.forward()
    raise HangUp


async def delayed(exchange: Exchange, _: list[Asked]) -> None:
    """On the way there or on the way back; half of them longer than the till waits, so that they arrive alone."""
    pause = exchange.chance.choice((SHORT_S, LONG_S))
    if exchange.chance.random() < 0.5:
        await asyncio.sleep(pause)
        exchange.say(await exchange.forward())
    else:
        answer = await exchange.forward()
        await asyncio.sleep(pause)
        exchange.say(answer)


async def doubled(exchange: Exchange, _: list[Asked]) -> None:
    """It arrives twice, one after the other or at the same time; either answer comes back."""
    if exchange.chance.random() < 0.5:
        answers = [await exchange.forward(), await exchange.forward()]
    else:
        answers = list(await asyncio.gather(exchange.forward(), exchange.forward()))
    exchange.say(exchange.chance.choice(answers))


async def reordered(exchange: Exchange, late: list[Asked]) -> None:
    """It arrives (again) behind a newer one."""
    late.append(exchange.asked)
    if exchange.chance.random() < 0.5:
        raise HangUp
    exchange.say(await exchange.forward())


async def request_cut(exchange: Exchange, _: list[Asked]) -> None:
    """It ends at a sixteenth of its body (of its head, if it has none); its length as it was, or as it became."""
    asked, part = exchange.asked, exchange.chance.randrange(SIXTEENTHS)
    if not asked.body:
        await exchange.forward(asked.head[: len(asked.head) * part // SIXTEENTHS], ends=True)
        raise HangUp
    body = asked.body[: len(asked.body) * part // SIXTEENTHS]
    honest = exchange.chance.random() < 0.5
    head = with_length(asked.head, len(body)) if honest else asked.head
    exchange.say(await exchange.forward(head + body, ends=not honest))


async def answer_cut(exchange: Exchange, _: list[Asked]) -> None:
    """The answer ends at a sixteenth of its body; its length as it was, or as it became."""
    head, body = _parts(await exchange.forward())
    kept = body[: len(body) * exchange.chance.randrange(SIXTEENTHS) // SIXTEENTHS]
    exchange.say((with_length(head, len(kept)) if exchange.chance.random() < 0.5 else head) + kept)
    raise HangUp


async def reset(exchange: Exchange, _: list[Asked]) -> None:
    """A RST before the cloud, behind it, or in the middle of its answer."""
    when = exchange.chance.randrange(3)
    if when:
        answer = await exchange.forward()
        if when == 2:
            exchange.say(answer[: len(answer) // 2])
            await asyncio.sleep(0)
    exchange.reset()


async def half_open(exchange: Exchange, _: list[Asked]) -> None:
    """Taken, done by the cloud or not, and never answered."""
    if exchange.chance.random() < 0.5:
        await exchange.forward()
    await asyncio.sleep(LONG_S)
    raise HangUp


async def refused(exchange: Exchange, _: list[Asked]) -> None:
    """A gateway or the cloud says 429, 500, 502 or 503, with or without the time to come again."""
    status = exchange.chance.choice(REFUSALS)
    wait = exchange.chance.choice((b"", b"", b"retry-after: 0\r\n", b"retry-after: 1\r\n", b"retry-after: soon\r\n"))
    busy = json.dumps({"error": "BUSY", "ack": 0, "hash": "", "words": "too many"}).encode()
    kind, body = exchange.chance.choice(((b"text/html", PORTAL), (b"application/json", busy)))
    exchange.say(answer_of(status, kind, body, wait))


async def portal(exchange: Exchange, _: list[Asked]) -> None:
    """A network's sign-in page answers 200."""
    exchange.say(answer_of(200, b"text/html; charset=utf-8", PORTAL))


async def other_json(exchange: Exchange, _: list[Asked]) -> None:
    """Somebody else's JSON, or our own of another moment, with status 200."""
    exchange.say(answer_of(200, b"application/json", exchange.chance.choice(OTHERS)))


async def redirected(exchange: Exchange, _: list[Asked]) -> None:
    """302 to elsewhere, or to the very same cloud."""
    elsewhere = exchange.chance.choice((b"https://portal.example/", b"http://127.0.0.1:%d/v1/push" % exchange.cloud[1]))
    exchange.say(answer_of(302, b"text/html", b"", b"location: %b\r\n" % elsewhere))


async def dripping(exchange: Exchange, _: list[Asked]) -> None:
    """Slow-loris: the request drips into the cloud, or the answer out of it, longer than the till waits in all."""
    if exchange.chance.random() < 0.5:
        exchange.say(await exchange.forward(slices=SIXTEENTHS + 2))
    else:
        await exchange.say_slowly(await exchange.forward(), SIXTEENTHS + 2)


async def wrong_ack(exchange: Exchange, _: list[Asked]) -> None:
    """An acknowledgement of another journal, seq, hash or session; or one that says more than was ever written."""
    head, body = _parts(await exchange.forward())
    said: dict[str, Any] = json.loads(body)
    if "to" not in said:
        raise HangUp
    lies = (
        {"journal": "f" * 32}, {"to": said["to"] + 1}, {"to": max(0, said["to"] - 1)}, {"head_hash": "0" * 64},
        {"session": said["session"] + 1}, {"received": said["received"] + 1_000_000}, {"received": 0},
    )  # fmt: skip
    lie = json.dumps({**said, **exchange.chance.choice(lies)}).encode()
    exchange.say(with_length(head, len(lie)) + lie)


async def garbage(exchange: Exchange, _: list[Asked]) -> None:
    """Random bytes instead of an answer, behind a good head, packed as gzip that is none, or into the cloud."""
    noise = exchange.chance.randbytes(exchange.chance.randrange(1, 2000))
    match exchange.chance.randrange(4):
        case 0:
            exchange.say(noise)
        case 1:
            exchange.say(answer_of(200, b"application/json", noise))
        case 2:
            exchange.say(answer_of(200, b"application/json", noise, b"content-encoding: gzip\r\n"))
        case _:
            await exchange.forward(with_length(exchange.asked.head, len(noise)) + noise)
    raise HangUp


FAULTS: dict[str, Fault] = {
    "request dropped": request_dropped,
    "answer dropped": answer_dropped,
    "delayed": delayed,
    "doubled": doubled,
    "reordered": reordered,
    "request cut": request_cut,
    "answer cut": answer_cut,
    "reset": reset,
    "half-open": half_open,
    "429/500/502/503": refused,
    "200 with HTML": portal,
    "200 with other JSON": other_json,
    "302": redirected,
    "slow-loris": dripping,
    "wrong ack": wrong_ack,
    "garbage": garbage,
}
KINDS = tuple(FAULTS)


def fits(kind: str, door: str) -> bool:
    """Only a push has an acknowledgement."""
    return kind != "wrong ack" or door == "push"


def answer_of(status: int, kind: bytes, body: bytes, more: bytes = b"") -> bytes:
    """An answer as bytes."""
    head = b"HTTP/1.1 %d X\r\ncontent-type: %b\r\ncontent-length: %d\r\n" % (status, kind, len(body))
    return head + more + b"\r\n" + body


def _parts(answer: bytes) -> tuple[bytes, bytes]:
    """Head and body; HangUp when the cloud gave no answer."""
    head, empty, body = answer.partition(b"\r\n\r\n")
    if not empty:
        raise HangUp
    return head + empty, body

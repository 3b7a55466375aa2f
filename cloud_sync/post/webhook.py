"""An order as a signed POST to the supplier's own program: one try, no redirect, TLS that is verified."""

import http.client
import json
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from cloud_sync.keys import secret_of
from cloud_sync.post.letter import Letter, LetterLine
from cloud_sync.post.network import Network, Place, connected, networks_of, place_of
from cloud_sync.post.talk import HandOver, NotHeard, NotOurs, Refused, ended_in_time
from cloud_sync.settings import Settings
from edge_agent.rules.day import local
from edge_agent.rules.money import quantity

AGAIN = (408, 425, 429, 500, 503)
"""Answers by which the receiver says that it took nothing now."""
NOBODY_KNOWS = (502, 504)
"""Answers of a gateway that does not know what the program behind it did."""
T = TypeVar("T")


@dataclass(frozen=True)
class Web:
    """How webhooks are sent: where to besides the public internet, whom to trust, and the key of all secrets."""

    allowed: tuple[Network, ...]
    ca_file: Path | None
    key_file: Path

    def secret(self, *, tenant: str, shop: str, supplier: str, turn: int) -> str:
        """The secret that a supplier checks signatures with. It is made of the cloud's own key, so that neither the
        database nor a backup holds it; a new `turn` makes another one."""
        return self.seal(tenant, shop, supplier, turn)

    def seal(self, *words: str | int) -> str:
        """64 letters that nobody makes of these words without the cloud's own key."""
        return secret_of(self.key_file, *words).hex()


def web_of(settings: Settings) -> Web:
    """From the settings; BadInput for networks that are none."""
    ca_file = Path(settings.webhook_ca_file) if settings.webhook_ca_file else None
    return Web(networks_of(settings.webhook_networks), ca_file, settings.data / "keys" / "webhook.key")


def body_of(letter: Letter) -> bytes:
    """The order as JSON; money in minor units of the currency, quantities as decimal text."""
    said = {
        "order": letter.order,
        "number": letter.number,
        "shop": {"name": letter.shop, "address": letter.address},
        "supplier": letter.supplier,
        "currency": letter.currency,
        "decimals": letter.decimals,
        "order_before": local(letter.cutoff_at, letter.zone).isoformat(),
        "deliver_by": local(letter.arrives_at, letter.zone).isoformat(),
        "total": letter.total,
        "lines": [_line(line) for line in letter.lines],
    }
    if letter.answer:
        said["answer"] = letter.answer
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _line(line: LetterLine) -> dict[str, str | int]:
    said: dict[str, str | int] = {"sku": line.sku, "code": line.code, "item": line.name, "packs": line.packs}
    return {**said, "pack_size": quantity(line.pack), "quantity": quantity(line.qty), "cost": line.cost}


def post(web: Web, url: str, body: bytes, headers: dict[str, str], hand_over: HandOver) -> None:
    """Hand the order over; returns when the receiver has taken it. Ends otherwise as an e-mail does (see `mail.send`);
    what goes last, right after the row says so, is the body's last byte."""
    place = place_of(url)
    raw = connected(place, web.allowed)
    try:
        with ended_in_time(raw):
            _exchange(encrypted(web, place, raw), place, body, headers, hand_over)
    finally:
        raw.close()


def encrypted(web: Web, place: Place, raw: socket.socket) -> socket.socket:
    """The connection with TLS about it, verified, where the place asks for it; Refused when it is not good."""
    if not place.encrypted:
        return raw
    try:
        return ssl.create_default_context(cafile=web.ca_file).wrap_socket(raw, server_hostname=place.host)
    except ssl.SSLCertVerificationError as error:
        raise Refused(f"The webhook's certificate is not good: {error.verify_message}.", again=True) from error
    except OSError as error:
        raise Refused(f"The webhook could not be reached: {type(error).__name__}.", again=True) from error


def _exchange(wire: socket.socket, place: Place, body: bytes, headers: dict[str, str], hand_over: HandOver) -> None:
    connection = http.client.HTTPConnection(place.host, place.port)
    connection.sock = wire
    try:
        _surely_not(lambda: _ask(connection, place, body, headers))
        if not hand_over():
            raise NotOurs("another worker has it")
        try:
            connection.send(body[-1:])
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise NotHeard("The webhook had the whole order and did not say whether it takes it.") from error
        _judge(status)
    finally:
        with suppress(OSError):
            connection.close()


def _ask(connection: http.client.HTTPConnection, place: Place, body: bytes, headers: dict[str, str]) -> None:
    connection.putrequest("POST", place.path, skip_accept_encoding=True)
    for name, value in {**headers, "Content-Length": str(len(body)), "Connection": "close"}.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(body[:-1])


def _surely_not(act: Callable[[], T]) -> T:
    try:
        return act()
    except (OSError, http.client.HTTPException) as error:
        raise Refused(f"The webhook hung up: {type(error).__name__}.", again=True) from error


def _judge(status: int) -> None:
    if 200 <= status < 300:
        return
    if status in NOBODY_KNOWS:
        raise NotHeard(f"A gateway before the webhook answered {status} and does not know whether it was taken.")
    if 300 <= status < 400:
        raise Refused(f"The webhook answered {status} and points elsewhere, where no order is sent.", again=False)
    raise Refused(f"The webhook answered {status}.", again=status in AGAIN)

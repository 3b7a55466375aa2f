"""Where webhooks may go: addresses of the public internet, and those that whoever runs the cloud has allowed.

A name is looked up once, every address of it is judged, and the connection is made to the address that was judged: a
name that changes its mind in between gains nothing.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from cloud_sync.post.talk import STEP_S, Refused
from edge_agent.errors import BadInput

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
NAT64 = ipaddress.ip_network("64:ff9b::/96")
MOST = 400


@dataclass(frozen=True)
class Place:
    """An address on the web, taken apart; `path` is what is asked for there."""

    host: str
    port: int
    path: str
    encrypted: bool


def place_of(url: str) -> Place:
    """BadInput, in words for the owner, for an address that no order is sent to."""
    if len(url) > MOST or not url.isascii() or not url.isprintable() or " " in url:
        raise BadInput("The webhook's address is plain letters without spaces, at most 400.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadInput("The webhook's address can't be read.") from error
    host = parts.hostname or ""
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise BadInput("The webhook's address is https://name/path, without a user, a secret or a # in it.")
    encrypted = parts.scheme == "https"
    if not encrypted and not (parts.scheme == "http" and _is_loopback(host)):
        raise BadInput("A webhook's address begins with https://.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(host, port or (443 if encrypted else 80), path, encrypted)


def networks_of(words: str) -> tuple[Network, ...]:
    """The networks that the setting `webhook_networks` names, by commas."""
    try:
        return tuple(ipaddress.ip_network(word.strip()) for word in words.split(",") if word.strip())
    except ValueError as error:
        raise BadInput(f"webhook_networks: {error}; an example is 10.0.0.0/8, 127.0.0.0/8") from error


def connected(place: Place, allowed: tuple[Network, ...]) -> socket.socket:
    """A connection to an address of the name that may be gone to; Refused says why there is none."""
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Refused("The webhook's name can't be looked up.", again=True) from error
    addresses = [str(one[4][0]).partition("%")[0] for one in found]
    if not all(may_be_gone_to(ipaddress.ip_address(one), allowed) for one in addresses):
        raise Refused("The webhook's address is inside a private network; webhook_networks allows such.", again=False)
    try:
        return socket.create_connection((addresses[0], place.port), timeout=STEP_S)
    except OSError as error:
        raise Refused(f"The webhook could not be reached: {type(error).__name__}.", again=True) from error


def may_be_gone_to(address: Address, allowed: tuple[Network, ...] = ()) -> bool:
    """True for the public internet, and for what was allowed. An address that carries another one is judged by it."""
    inner = _carried(address)
    if any(inner in network for network in allowed if network.version == inner.version):
        return True
    return inner.is_global and not inner.is_multicast and not inner.is_reserved


def _carried(address: Address) -> Address:
    if not isinstance(address, ipaddress.IPv6Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

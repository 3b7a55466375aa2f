"""The tills of the storm, in a process of their own: the real protocol, over as many connections as there are tills.

`python -m scripts.tortures.storm_tills URL SEED EVENTS` reads one JSON line a till on stdin (an `Enrolled`) up to an
empty one, and lets all open a session. Each then signs and packs what it will push, as a till does, for the session
that it expects (in another it packs anew): the storm asks for the cloud's time, and each real till has a processor of
its own. It prints `ready`, waits for a line, loses the cloud for all of them at once, and prints what became of it.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge_agent.sync import session as protocol
from edge_agent.sync.batch import Packed, pack
from edge_agent.sync.session import Open, Own, Push, Talk, Wait
from edge_agent.wire.envelope import canonical, link
from edge_agent.wire.messages import Ack, BatchHeader, Refusal, Session, SessionRequest, signed_bytes
from scripts.benches.journal import five_lines

AT = 1_772_546_400_000
BEFORE = 8
"""So many open their first session at once, before the storm."""


@dataclass
class Told:
    """What the tills saw: seconds of each admitted request, refusals, seconds of the whole and of their own processor,
    the longest spread."""

    took: list[float] = field(default_factory=list)
    refused: int = 0
    failed: int = 0
    seconds: float = 0.0
    processor_s: float = 0.0
    spread_s: int = 0


@dataclass(frozen=True)
class Enrolled:
    """A till of the storm."""

    journal: str
    credential: str
    tenant: str
    audience: str
    private: str


def journal_of(events: int) -> tuple[list[bytes], list[bytes]]:
    """The lines that every till has recorded, and the chain over them from 32 zero bytes on."""
    chance, lines, hashes = random.Random(5), [], [bytes(32)]
    for seq in range(1, events + 1):
        body = five_lines(chance).model_copy(update={"receipt": seq}).model_dump()
        common = {"at": AT, "clock": "ntp", "feed": 0, "because": None, "by": ""}
        event = {"seq": seq, "id": f"{seq:016x}", "kind": "sale_completed", "v": 1, **common, "body": body}
        lines.append(canonical(event))
        hashes.append(link(hashes[-1], lines[-1]))
    return lines, hashes


class StormTill:
    """One till: its talk with the cloud, and a connection while it talks."""

    def __init__(self, enrolled: Enrolled, url: str, told: Told, chance: random.Random) -> None:
        self._me, self._told, self._chance = enrolled, told, chance
        self._host, self._port = urlsplit(url).hostname, urlsplit(url).port
        self._key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(enrolled.private))
        self._wires: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.talk = Talk()
        self._ready: tuple[int, int, Packed] | None = None

    async def opens(self, own: Own, hashes: Sequence[bytes]) -> None:
        """Talk until a session is open."""
        while self.talk.session is None:
            await self._step(own, (), hashes)
        self._hang_up()

    def prepares(self, own: Own, lines: Sequence[bytes], hashes: Sequence[bytes]) -> None:
        """Pack the whole journal for the session that comes next."""
        assert self.talk.session is not None, "a session was opened"
        session = self.talk.session.session + 1
        self._ready = (session, 1, self._packed(own, lines, hashes, session, 1))

    async def returns(self, own: Own, lines: Sequence[bytes], hashes: Sequence[bytes]) -> None:
        """The cloud was lost, and there is something to say: until all is acknowledged."""
        self.talk = protocol.failed(self.talk, "the cloud was lost")
        while self.talk.ack < own.head or self.talk.session is None:
            await self._step(own, lines, hashes)
        self._hang_up()

    async def _step(self, own: Own, lines: Sequence[bytes], hashes: Sequence[bytes]) -> None:
        step = protocol.next_step(self.talk, own, self._chance.random())
        try:
            match step:
                case Wait(seconds=seconds):
                    await asyncio.sleep(seconds)
                    self.talk = protocol.waited(self.talk)
                case Open():
                    await self._open(own, hashes)
                case Push(first=first, last=last):
                    await self._push(own, lines, hashes, first, last)
                case _:
                    raise AssertionError(f"a till that returns has no reason to {step}")
        except (OSError, EOFError, ValueError) as error:
            self._told.failed += 1
            self._hang_up()
            self.talk = protocol.failed(self.talk, str(error))

    async def _open(self, own: Own, hashes: Sequence[bytes]) -> None:
        asked = SessionRequest(
            journal=own.journal, head_seq=own.head, head_hash=hashes[own.head].hex(), boot="b", version="1", accept=1
        )
        answer = await self._asked("/v1/session", asked.model_dump_json().encode())
        if answer is not None:
            said = Session.model_validate_json(answer)
            self._told.spread_s = max(self._told.spread_s, said.limits.spread_s)
            self.talk = protocol.opened(self.talk, own, said, hashes[said.ack].hex())

    async def _push(self, own: Own, lines: Sequence[bytes], hashes: Sequence[bytes], first: int, last: int) -> None:
        assert self.talk.session is not None, "only a session pushes"
        session = self.talk.session.session
        if self._ready and self._ready[:2] == (session, first) and self._ready[2].last == last:
            packed = self._ready[2]
        else:
            packed = self._packed(own, lines[:last], hashes, session, first)
        answer = await self._asked("/v1/push", packed.body, "Content-Encoding: zstd\r\n")
        if answer is not None:
            said = Ack.model_validate_json(answer)
            self.talk = protocol.pushed(self.talk, own, (packed.last, packed.head_hash), said)

    def _packed(self, own: Own, lines: Sequence[bytes], hashes: Sequence[bytes], session: int, first: int) -> Packed:
        def sign(head: BatchHeader) -> BatchHeader:
            covered = signed_bytes(self._me.audience, self._me.tenant, head)
            return head.model_copy(update={"signature": self._key.sign(covered).hex()})

        behind = hashes[first - 1].hex()
        return pack(lines[first - 1 :], journal=own.journal, session=session, first=first, behind=behind, sign=sign)

    async def _asked(self, door: str, body: bytes, more: str = "") -> bytes | None:
        """The answer of an admitted request; None for a refusal, which the talk has then heard."""
        if self._wires is None:
            self._wires = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._wires
        head = f"POST {door} HTTP/1.1\r\nHost: cloud\r\nAuthorization: Bearer {self._me.credential}\r\n{more}"
        began = time.perf_counter()
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        said = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        fields = dict(line.split(": ", 1) for line in said.split("\r\n")[1:] if ": " in line)
        answer = await reader.readexactly(int(fields["content-length"]))
        status = int(said.split(" ", 2)[1])
        if status == 200:
            self._told.took.append(time.perf_counter() - began)
            return answer
        self._told.refused += 1
        self._hang_up()
        refusal = Refusal.model_validate_json(answer)
        self.talk = protocol.refused(self.talk, refusal, None, wait_s=float(fields.get("retry-after", 0)))
        return None

    def _hang_up(self) -> None:
        if self._wires is not None:
            self._wires[1].close()
            self._wires = None


async def storm(url: str, seed: int, events: int, enrolled: Sequence[Enrolled]) -> Told:
    """All open a session, one after the other, and pack; when told to, all come back at once with `events` to push."""
    (lines, hashes), told = journal_of(events), Told()
    tills = [StormTill(one, url, told, random.Random(f"{seed}.{one.journal}")) for one in enrolled]
    waiting = iter(zip(tills, enrolled, strict=True))

    async def one_after_the_other() -> None:
        for till, one in waiting:
            await till.opens(Own(one.journal, 0, "", 0), hashes)

    await asyncio.gather(*[one_after_the_other() for _ in range(BEFORE)])
    told.took.clear()
    told.refused = told.failed = 0
    owns = [Own(one.journal, events, "", 0) for one in enrolled]
    for till, own in zip(tills, owns, strict=True):
        till.prepares(own, lines, hashes)
    print("ready", flush=True)
    sys.stdin.readline()
    began, spent = time.perf_counter(), time.process_time()
    await asyncio.gather(*[till.returns(own, lines, hashes) for till, own in zip(tills, owns, strict=True)])
    told.seconds, told.processor_s = time.perf_counter() - began, time.process_time() - spent
    return told


def main() -> None:
    """Print what was seen as JSON."""
    url, seed, events = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    enrolled = [Enrolled(**json.loads(line)) for line in iter(sys.stdin.readline, "\n")]
    told = asyncio.run(storm(url, seed, events, enrolled))
    print(json.dumps(told.__dict__))


if __name__ == "__main__":
    main()

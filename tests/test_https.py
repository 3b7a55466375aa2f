"""A cloud on a name of its own over https, by itself and behind the reverse proxy: a till pairs, an owner signs in."""

import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from sqlmodel import select

from cloud_sync.accounts.owners import add_owner, set_password
from cloud_sync.accounts.pairing import make_code
from cloud_sync.clock import SystemClock
from cloud_sync.database import open_database
from cloud_sync.founding import NewShop, found
from cloud_sync.settings import Settings
from cloud_sync.tables.accounts import Owner
from cloud_sync.tables.house import Shop
from edge_agent.clock import SystemClock as TillClock
from edge_agent.commands import main as agent
from edge_agent.journal.ids import random_id
from edge_agent.journal.log import Journal
from edge_agent.rules.day import business_day
from edge_agent.sync.loop import SyncLoop
from scripts.browser_ import Browser, browser, chromium
from scripts.house_ import free_port
from tests.certificates import own_authority
from tests.house import ROOT
from tests.owner_shop import OWN
from tests.paired import until
from tests.shop import CAST, SHOP, record, sold

NAME, EMAIL = "shop.test", "ann@shop.example"
NGINX, CERTUTIL = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin"), shutil.which("certutil")
pytestmark = [
    pytest.mark.skipif(chromium() is None, reason="needs chromium: apt-get install chromium"),
    pytest.mark.skipif(CERTUTIL is None, reason="needs certutil: apt-get install libnss3-tools"),
]
BEHIND = [
    pytest.mark.long,
    pytest.mark.skipif(NGINX is None, reason="needs nginx: apt-get install nginx-light"),
]


@dataclass
class Cloud:
    """A cloud behind its name, its settings, and the authority that a till and a browser are told to trust."""

    url: str
    settings: Settings
    ca: Path


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority, a server's certificate for the name, and a browser's home that trusts the first."""
    folder = tmp_path_factory.mktemp("secrets")
    own_authority(folder, host=NAME)
    known = folder / ".pki" / "nssdb"
    known.mkdir(parents=True)
    assert CERTUTIL is not None
    for words in (("-N", "--empty-password"), ("-A", "-n", "Own", "-t", "C,,", "-i", str(folder / "ca.pem"))):
        subprocess.run([CERTUTIL, "-d", f"sql:{known}", *words], check=True)
    return folder


@pytest.fixture(scope="module")
def tab(secrets: Path) -> Iterator[Browser]:
    with browser("--host-resolver-rules=MAP *.test 127.0.0.1", home=secrets) as tab:
        tab.screen(390, 844)
        yield tab


@pytest.fixture(params=["itself", pytest.param("nginx", marks=BEHIND)])
def cloud(request: pytest.FixtureRequest, secrets: Path, tmp_path: Path) -> Iterator[Cloud]:
    """One cloud speaks TLS itself, the other one stands behind the proxy of `firmware_configs`."""
    port, inside = free_port(), free_port()
    url, settings = f"https://{NAME}:{port}", Settings(data=tmp_path / "cloud")
    found(settings, NewShop("Corner Shop", "Europe/London", "GBP"), now=SystemClock().now())
    pem = str(secrets / "server.pem")
    with ExitStack() as stack:
        if request.param == "itself":
            stack.enter_context(_serving(settings, url, "--port", str(port), "--cert", pem, "--key", pem))
        else:
            stack.enter_context(_serving(settings, url, "--port", str(inside)))
            stack.enter_context(_proxy(tmp_path, port, inside, pem))
        _listens(port)
        yield Cloud(url, settings, secrets / "ca.pem")


@contextmanager
def _serving(settings: Settings, url: str, *words: str) -> Iterator[None]:
    told = {"DROPSHELF_CLOUD_PUBLIC_ADDRESS": url, "DROPSHELF_CLOUD_IDLE_S": "1", "ORT_DISABLE_TELEMETRY": "1"}
    line = [sys.executable, "-m", "cloud_sync", "serve", *words, "--data", str(settings.data)]
    with _running(line, settings.data / "server.log", told):
        _listens(int(words[1]))
        yield


@contextmanager
def _proxy(folder: Path, port: int, inside: int, pem: str) -> Iterator[None]:
    """The file as it is shipped, with this test's name, ports, certificate and places put in."""
    site = (ROOT / "firmware_configs" / "network" / "nginx.conf").read_text()
    for theirs, ours in (
        ("listen 443 ", f"listen 127.0.0.1:{port} "),
        ("cloud.example.org;", f"{NAME};"),
        ("/etc/ssl/dropshelf/cert.pem", pem),
        ("/etc/ssl/dropshelf/key.pem", pem),
        ("127.0.0.1:8000", f"127.0.0.1:{inside}"),
    ):
        assert theirs in site
        site = site.replace(theirs, ours)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    user = "user root;\n" if os.geteuid() == 0 else ""
    whole = f"{user}daemon off;\npid {folder}/nginx.pid;\nevents {{}}\nhttp {{\naccess_log off;\n{places}{site}}}\n"
    (folder / "nginx.conf").write_text(whole)
    assert NGINX is not None
    with _running([NGINX, "-e", "stderr", "-c", str(folder / "nginx.conf")], folder / "nginx.log", {}):
        yield


@contextmanager
def _running(line: list[str], log: Path, told: dict[str, str]) -> Iterator[None]:
    with log.open("wb") as words:
        process = subprocess.Popen(line, cwd=ROOT, env={**os.environ, **told}, stdout=words, stderr=words)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def _listens(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "nothing listens"
            time.sleep(0.05)


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process finds the name on loopback, as a name server would tell it."""
    asks = socket.getaddrinfo
    found = lambda host, *rest, **more: asks("127.0.0.1" if host == NAME else host, *rest, **more)  # noqa: E731
    monkeypatch.setattr(socket, "getaddrinfo", found)


def code_of(cloud: Cloud) -> str:
    """A pairing code; and the owner, with a password of her own."""
    database = open_database(cloud.settings.database_url).service()
    with database.writing() as session:
        shop, now = session.exec(select(Shop)).one(), SystemClock().now()
        add_owner(session, tenant=shop.tenant, email=EMAIL, name="Ann", now=now)
        owner = session.exec(select(Owner)).one()
        set_password(session, tenant=owner.tenant, owner=owner.owner, password=OWN)
        code = make_code(session, tenant=shop.tenant, shop=shop.shop, now=now)
    database.close()
    return code


@pytest.mark.usefixtures("named")
def test_a_till_pairs_and_an_owner_signs_in_over_https_on_the_clouds_name(
    cloud: Cloud, tab: Browser, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, code = tmp_path / "till", code_of(cloud)
    assert agent(["pair", cloud.url, code, "--data", str(data)]) == 1
    assert "certificate" in capsys.readouterr().err.lower()
    assert agent(["pair", cloud.url, code, "--ca", str(cloud.ca), "--data", str(data)]) == 0
    journal = Journal.open(data, TillClock(), random_id)
    record(journal, *CAST)
    loop = SyncLoop(journal, data, version="1", chance=lambda: 0.01)
    loop.start()
    with journal.reading() as memory:
        until(lambda: memory.mark().received == memory.head().seq, "the till sends over https")
    _signs_in(tab, cloud)
    _follows(tab, journal)
    loop.stop()
    journal.close()
    _speaks_no_old_tls(cloud)


def _follows(tab: Browser, journal: Journal) -> None:
    """The open page shows a sale by itself; each look is after one sale more, for it may listen only since now."""
    look, today = (
        "document.querySelector('main').innerText",
        business_day(SystemClock().now(), SHOP.zone, SHOP.day_closes),
    )
    before, receipts = tab.says(look), count(1)

    def sells_and_looks() -> bool:
        record(journal, sold(next(receipts), "milk", "bread", day=today))
        time.sleep(0.3)
        return bool(tab.says(look) != before)

    until(sells_and_looks, "the open page shows a sale")


def _signs_in(tab: Browser, cloud: Cloud) -> None:
    with pytest.raises(RuntimeError, match="ERR_CERT_COMMON_NAME_INVALID"):
        tab.go(cloud.url.replace(NAME, f"other.{NAME}"))
    tab.forget()
    tab.go(cloud.url + "/")
    tab.says(f"document.getElementById('email').value = {EMAIL!r}")
    tab.says(f"document.getElementById('password').value = {OWN!r}")
    tab.tap(".go")
    tab.comes("#tills")
    assert tab.says("[location.origin, isSecureContext]") == [cloud.url, True]
    kept = {cookie["name"]: cookie for cookie in tab.cookies()}
    assert "__Host-dropshelf" in kept
    assert all(name.startswith("__Host-") and one["secure"] and one["httpOnly"] for name, one in kept.items()), kept


def _speaks_no_old_tls(cloud: Cloud) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.load_verify_locations(cloud.ca)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    port = int(cloud.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), 5) as line, pytest.raises(ssl.SSLError):
        old.wrap_socket(line, server_hostname=NAME)

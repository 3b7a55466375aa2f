"""A real Chromium without a window, spoken to over its debugging pipe: pages, pictures, no script, no network."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--mute-audio",
    "--proxy-server=direct://", "--remote-debugging-pipe",
)  # fmt: skip
PATIENCE_S = 60.0
"""So long the browser may be silent while something is waited for: what is waited for in vain ends, and is named."""


def chromium() -> str | None:
    """The browser's program, or None when the machine has none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Browser:
    """One tab. Lengths are CSS pixels."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers = os.fdopen(commands, "wb"), os.fdopen(answers, "rb")
        self._number, self._left = 0, b""
        self._loads, self._loaded = 0, set[str]()
        self.asked: list[str] = []
        """Every address that a page asked for, in order."""
        self.crossed = 0
        """Bytes of all answers as they crossed the wire, heads with them."""
        self._session = ""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network"):
            self._call(f"{domain}.enable")
        self._call("Page.setLifecycleEventsEnabled", enabled=True)

    def screen(self, width: int, height: int, *, dark: bool = False, scale: int = 2) -> None:
        """A phone or a desk, light or dark."""
        phone = width < 600
        self._call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=phone
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme])

    def script(self, *, on: bool) -> None:
        """Let pages run JavaScript, or not."""
        self._call("Emulation.setScriptExecutionDisabled", value=not on)

    def offline(self, *, on: bool) -> None:
        """Cut the network."""
        self._call(
            "Network.emulateNetworkConditions", offline=on, latency=0, downloadThroughput=-1, uploadThroughput=-1
        )

    def cookie(self, url: str, name: str, value: str) -> None:
        """Give the browser a cookie."""
        self._call("Network.setCookie", url=url, name=name, value=value)

    def cookies(self) -> list[dict[str, Any]]:
        """Every cookie with what it is kept for, also those that no page can read."""
        held: list[dict[str, Any]] = self._call("Network.getAllCookies")["cookies"]
        return held

    def forget(self) -> None:
        """Throw every cookie away, as a new phone has none."""
        self._call("Network.clearBrowserCookies")

    def go(self, url: str) -> None:
        """Open an address and wait for the page; what another page still loads is not taken for it."""
        went = self._call("Page.navigate", url=url)
        if "errorText" in went:
            raise RuntimeError(f"{url}: {went['errorText']}")
        loader = went.get("loaderId")
        self._until(lambda _: loader is None or loader in self._loaded, f"{url} did not come")

    def settled(self) -> None:
        """Wait until the page has loaded that the last touch, or `go`, leads to."""
        self._until(lambda _: self._loads > 0, "no page came")
        self._loads = 0

    def comes(self, selector: str) -> None:
        """Wait until the page has such an element, put there by the script or by a new page."""
        look, ends = f"document.querySelector({json.dumps(selector)}) !== null", time.monotonic() + PATIENCE_S
        while not self._holds(look):
            if time.monotonic() > ends:
                raise RuntimeError(f"{selector} did not come: {self.says('document.body.innerText')[:300]}")
            time.sleep(0.02)

    def _holds(self, look: str) -> bool:
        """What the page says; False while one page makes room for the next."""
        try:
            return bool(self.says(look))
        except RuntimeError:
            return False

    def says(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page (promises are waited for)."""
        given = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in given:
            raise RuntimeError(f"{expression}: {given['exceptionDetails']['exception'].get('description')}")
        return given["result"].get("value")

    def tap(self, selector: str) -> None:
        """Touch the middle of the first element that fits, as a finger would."""
        where = f"document.querySelector({json.dumps(selector)})"
        box = self.says(
            f"(() => {{ const e = {where}; e.scrollIntoView({{block: 'center'}}); const b = e.getBoundingClientRect();"
            " return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        self._loads = 0
        for kind in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def picture(self, file: Path, *, whole: bool = False) -> None:
        """A PNG of what is seen, or of the whole page."""
        taken = self._call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(taken["data"]))

    def close(self) -> None:
        self._session = ""
        self._call("Browser.close")
        self._commands.close()
        self._answers.close()

    def _call(self, method: str, **params: object) -> dict[str, Any]:
        self._number += 1
        message: dict[str, object] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._commands.write(json.dumps(message).encode() + b"\0")
        self._commands.flush()
        number = self._number
        heard = self._until(lambda heard: heard.get("id") == number, f"no answer to {method}")
        if "error" in heard:
            raise RuntimeError(f"{method}: {heard['error']['message']}")
        result: dict[str, Any] = heard["result"]
        return result

    def _until(self, fits: Callable[[dict[str, Any]], bool], words: str) -> dict[str, Any]:
        """The first message that fits. A page that has loaded is remembered, whatever was waited for meanwhile."""
        heard: dict[str, Any] = {}
        while not fits(heard):
            heard = self._hear(words)
            self._note(heard)
        return heard

    def _note(self, heard: dict[str, Any]) -> None:
        self._loads += heard.get("method") == "Page.loadEventFired"
        if heard.get("method") == "Page.lifecycleEvent" and heard["params"]["name"] == "load":
            self._loaded.add(heard["params"]["loaderId"])

    def _hear(self, words: str) -> dict[str, Any]:
        while b"\0" not in self._left:
            if not select.select([self._answers], [], [], PATIENCE_S)[0]:
                raise RuntimeError(f"the browser is silent: {words}")
            got = os.read(self._answers.fileno(), 1 << 20)
            if not got:
                raise RuntimeError("the browser has gone")
            self._left += got
        one, self._left = self._left.split(b"\0", 1)
        heard: dict[str, Any] = json.loads(one)
        match heard.get("method"):
            case "Network.requestWillBeSent":
                self.asked.append(heard["params"]["request"]["url"])
            case "Network.loadingFinished":
                self.crossed += int(heard["params"]["encodedDataLength"])
        return heard

    def before_every_page(self, script: str) -> None:
        """Run this before a page's own scripts, on every page from now on."""
        self._call("Page.addScriptToEvaluateOnNewDocument", source=script)


@contextmanager
def browser(*flags: str, home: Path | None = None) -> Iterator[Browser]:
    """A fresh browser with an empty profile; RuntimeError when the machine has none. In `home` lie the certificates
    that it trusts beside its own."""
    program = chromium()
    if program is None:
        raise RuntimeError("there is no chromium: apt-get install chromium")
    to_read, to_write = os.pipe()
    from_read, from_write = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [program, *FLAGS, *flags, f"--user-data-dir={profile}"]
        wired = ["bash", "-c", f'exec "$@" 3<&{to_read} 4>&{from_write}', "bash", *command]
        quiet = subprocess.DEVNULL
        at_home = {**os.environ, "HOME": str(home)} if home else None
        running = subprocess.Popen(
            wired, pass_fds=(to_read, from_write), stdin=quiet, stdout=quiet, stderr=quiet, env=at_home
        )
        os.close(to_read)
        os.close(from_write)
        try:
            tab = Browser(to_write, from_read)
            yield tab
            tab.close()
            running.wait(10)
        finally:
            if running.poll() is None:
                running.kill()
                running.wait()

"""The receipt printer: a thread that prints the spool's jobs in order, says how the printer is, and outlives it."""

import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from edge_agent.devices.spool import Job, Spool
from edge_agent.devices.state import BackOff, OnState, State, Teller
from edge_agent.devices.status import DRAWER, ERROR, OFFLINE, PAPER, PRINTER, answer_in, judged, well
from edge_agent.devices.wires import Wire
from edge_agent.errors import Unreachable
from edge_agent.rules.escpos import ask_status, drawer_kick, drawer_kick_now
from edge_agent.rules.paper import PrinterProfile

NOT_OPENED = "did not open: no printer"
_LOOK_EVERY_S = 0.4
_ANSWER_S = 0.8
_ANSWER_AFTER_JOB_S = 5.0
_KICK_WITHIN_S = 5.0
OnJob = Callable[[str], None]


def _nobody(job_id: str) -> None:
    """Nobody asked to be told."""


class Printer:
    """One printer on one wire. Every public call returns at once; all waiting is the thread's.

    `confirmed(id)` is told when a job's bytes are written and the printer (if it answers at all) is well after them;
    `unsure(id)` when they were written but the printer fell silent or went away: such a job waits to be asked for with
    `again`. A job that could not be written whole is sent again, from its start, as soon as the printer is back.
    """

    def __init__(
        self, wire: Wire, profile: PrinterProfile, folder: Path, told: OnState,
        confirmed: OnJob = _nobody, unsure: OnJob = _nobody,
    ) -> None:  # fmt: skip
        self.profile = profile
        self._wire, self._spool = wire, Spool(folder)
        self._teller, self._drawer, self._back_off = Teller("printer", told), Teller("drawer", told), BackOff()
        self._confirmed, self._told_unsure = confirmed, unsure
        self._kicks: deque[float] = deque()
        self._wake, self._ended = threading.Event(), threading.Event()
        self._open = self._answered = False
        self._open_since: float | None = None
        self._thread = threading.Thread(target=self._run, name="printer", daemon=True)

    def start(self) -> None:
        """Begin: jobs left over from before are printed first."""
        self._thread.start()

    def print_job(self, job_id: str, data: bytes) -> None:
        """Queue a job; the same id waiting already is the same job. BadInput for an id that is no file name."""
        self._spool.put(job_id, data)
        self._wake.set()

    def kick_drawer(self) -> None:
        """Open the drawer before the next job, even without paper; after five seconds it is too late and not done."""
        if self.profile.drawer is not None:
            self._kicks.append(time.monotonic() + _KICK_WITHIN_S)
            self._wake.set()

    def again(self, job_id: str) -> bool:
        """Print an unsure job once more; False when there is none of this id."""
        data = self._spool.take_unsure(job_id)
        if data is None:
            return False
        self.print_job(job_id, data)
        return True

    def forget(self, job_id: str) -> bool:
        """An unsure job was seen on paper after all."""
        return self._spool.take_unsure(job_id) is not None

    def waiting(self) -> tuple[str, ...]:
        """Ids of the jobs not yet sent, in order."""
        return self._spool.waiting()

    def unsure(self) -> tuple[str, ...]:
        """Ids of the jobs sent and never confirmed."""
        return self._spool.unsure()

    def state(self) -> tuple[State, str]:
        """The last state told."""
        return self._teller.last or ("unknown", "")

    def close(self) -> None:
        """End the thread; jobs that wait stay in the folder."""
        self._ended.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2 * _ANSWER_S)

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                pause = self._turn()
            except Unreachable as lost:
                self._lose(lost)
                pause = self._back_off.wait()
            # A printer that is away is not tried more often because more wants printing.
            (self._wake if self._open else self._ended).wait(pause)
            self._wake.clear()
        self._wire.close()

    def _lose(self, lost: Unreachable) -> None:
        self._open = False
        self._wire.close()
        self._teller.tell("gone", lost.message)
        self._drop_late_kicks()

    def _turn(self) -> float:
        """One round: open, look, print what can be printed; seconds until the next round unless woken."""
        if not self._open:
            self._wire.open()
            self._open = True
        state, words = self._look(_ANSWER_S)
        self._teller.tell(state, words)
        if state == "unknown" and self._answered:
            self._open = False
            self._wire.close()
            self._drop_late_kicks()
            return self._back_off.wait()
        self._back_off.reset()
        if state == "ok" and self._drawer.last == ("fault", NOT_OPENED):
            self._drawer.tell("unknown")
        self._kick(held_up=state == "fault")
        job = self._spool.first()
        if state == "fault" or job is None:
            return _LOOK_EVERY_S
        self._print(job)
        return 0.0

    def _print(self, job: Job) -> None:
        self._wire.write(job.data)
        try:
            printed = self._came_out()
        except Unreachable:
            self._put_aside(job)
            raise
        if not printed:
            self._put_aside(job)
            return
        self._spool.printed(job)
        self._confirmed(job.id)

    def _put_aside(self, job: Job) -> None:
        self._spool.set_aside(job)
        self._told_unsure(job.id)

    def _came_out(self) -> bool:
        """Whether the printer is well after a job; one that ran out of paper holds the rest and is waited for."""
        while not self._ended.is_set():
            state, words = self._look(_ANSWER_AFTER_JOB_S)
            self._teller.tell(state, words)
            if state != "fault":
                return state == "ok"
            self._kick(held_up=True)
            self._ended.wait(_LOOK_EVERY_S)
        return False

    def _kick(self, *, held_up: bool) -> None:
        self._drop_late_kicks()
        while self._kicks and self.profile.drawer:
            kick = drawer_kick_now if held_up else drawer_kick
            self._wire.write(kick(self.profile.drawer))
            self._kicks.popleft()
            self._drawer.tell("ok")

    def _drop_late_kicks(self) -> None:
        while self._kicks and self._kicks[0] < time.monotonic():
            self._kicks.popleft()
            self._drawer.tell("fault", NOT_OPENED)

    def _look(self, seconds: float) -> tuple[State, str]:
        if not (self.profile.answers and self._wire.answers):
            self._wire.read(0)  # notices a printer that hung up
            return "ok", ""
        answers = self._asked((PRINTER, PAPER), seconds)
        if len(answers) == 2:
            self._answered = True
            self._sense(answers[PRINTER])
            if not well(answers):
                answers |= self._asked((OFFLINE, ERROR), seconds)
        return judged(answers)

    def _sense(self, answer: int) -> None:
        """What the drawer's sensor says, where it has one: a drawer that stands open is told."""
        drawer = self.profile.drawer
        if drawer is None or drawer.opens_high is None:
            return
        if bool(answer & DRAWER) != drawer.opens_high:
            if self._open_since is not None:
                self._drawer.tell("ok")
            self._open_since = None
            return
        now = time.monotonic()
        self._open_since = now if self._open_since is None else self._open_since
        if now - self._open_since >= drawer.open_s:
            self._drawer.tell("fault", "open for too long")

    def _asked(self, parts: tuple[int, ...], seconds: float) -> dict[int, int]:
        answers: dict[int, int] = {}
        self._hear_out()
        for part in parts:
            self._wire.write(ask_status(part))
            answer = self._answer(seconds)
            if answer is None:
                break
            answers[part] = answer
        return answers

    def _hear_out(self) -> None:
        """Late answers must not pass for new ones."""
        while self._wire.read(0):
            pass

    def _answer(self, seconds: float) -> int | None:
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            if (answer := answer_in(self._wire.read(left))) is not None:
                return answer
        return None

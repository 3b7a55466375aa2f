"""Paper jobs that wait: one file a job in the spool folder, in order, until they are printed."""

import re
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from edge_agent.errors import BadInput

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FILE = re.compile(r"(\d{10})-([A-Za-z0-9_-]{1,64})\.(job|unsure)")


@dataclass(frozen=True)
class Job:
    """A job as it waits: `number` gives the order, `id` is the caller's key."""

    number: int
    id: str
    data: bytes


class Spool:
    """The folder's jobs; safe for several threads. A job is either waiting or unsure (sent, but never confirmed).

    Files are renamed into place but not forced to the disk: a receipt can always be made again from the journal.
    When the disk refuses a file, the job still waits in memory.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._waiting: dict[str, Job] = {}
        self._unsure: dict[str, Job] = {}
        self._next = 1
        with suppress(OSError):
            self._load()

    def _load(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(self._folder.iterdir()):
            if parts := _FILE.fullmatch(path.name):
                job = Job(int(parts[1]), parts[2], path.read_bytes())
                (self._waiting if parts[3] == "job" else self._unsure)[job.id] = job
                self._next = max(self._next, job.number + 1)
            elif path.suffix == ".tmp":
                path.unlink()

    def put(self, job_id: str, data: bytes) -> bool:
        """Add a job at the end; False when a job of this id waits already. BadInput for an id that is no file name."""
        if not _ID.fullmatch(job_id):
            raise BadInput(f"job {job_id!r}: 1 to 64 letters, digits, - or _")
        with self._lock:
            if job_id in self._waiting:
                return False
            job = Job(self._next, job_id, data)
            self._next += 1
            self._waiting[job_id] = job
            self._keep(job)
            return True

    def first(self) -> Job | None:
        """The job that is next."""
        with self._lock:
            return min(self._waiting.values(), key=lambda job: job.number, default=None)

    def printed(self, job: Job) -> None:
        """The job is on paper and forgotten."""
        with self._lock:
            self._waiting.pop(job.id, None)
            with suppress(OSError):
                self._file(job, "job").unlink(missing_ok=True)

    def set_aside(self, job: Job) -> None:
        """The job was sent, and nobody knows whether it was printed: it is not sent again by itself."""
        with self._lock:
            self._waiting.pop(job.id, None)
            self._unsure[job.id] = job
            with suppress(OSError):
                self._file(job, "job").replace(self._file(job, "unsure"))

    def take_unsure(self, job_id: str) -> bytes | None:
        """The bytes of an unsure job, which is then settled; None when there is none of this id."""
        with self._lock:
            job = self._unsure.pop(job_id, None)
            if job is None:
                return None
            with suppress(OSError):
                self._file(job, "unsure").unlink(missing_ok=True)
            return job.data

    def waiting(self) -> tuple[str, ...]:
        """Ids of the jobs that wait, in order."""
        with self._lock:
            return tuple(job.id for job in sorted(self._waiting.values(), key=lambda job: job.number))

    def unsure(self) -> tuple[str, ...]:
        """Ids of the jobs that were sent and never confirmed, in order."""
        with self._lock:
            return tuple(job.id for job in sorted(self._unsure.values(), key=lambda job: job.number))

    def _keep(self, job: Job) -> None:
        fresh = self._folder / f"{job.number:010d}.tmp"
        with suppress(OSError):
            fresh.write_bytes(job.data)
            fresh.replace(self._file(job, "job"))

    def _file(self, job: Job, kind: str) -> Path:
        return self._folder / f"{job.number:010d}-{job.id}.{kind}"

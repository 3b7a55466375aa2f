"""What holds for every test: fixed seeds, no telemetry, one thread for numerics, no settings of this machine."""

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from scripts.postgres_ import Postgres
    from tests.cloud import Cloud
    from tests.owner_shop import Scene

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
# The size of whoever runs the tests is not that of the terminals in them.
for name in ("COLUMNS", "DROPSHELF_CLOCK", "DROPSHELF_DATA", "LINES", "NO_COLOR"):
    os.environ.pop(name, None)

settings.register_profile(
    "house", derandomize=True, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On PostgreSQL, only what is marked `both` runs every time; the other tests of the cloud take too long twice."""
    for item in items:
        given = getattr(item, "callspec", None)
        if given and given.params.get("new_database") == "postgres" and not item.get_closest_marker("both"):
            item.add_marker("long")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a test wrote goes to another process as UTF-8; hostile words have half characters in them."""
    report = yield
    report.sections = [(name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections]
    return report


@pytest.fixture(scope="session")
def cluster() -> "Iterator[Postgres]":
    """A PostgreSQL server of our own, without fsync."""
    from scripts.postgres_ import UNSAFE, postgres

    with postgres(UNSAFE) as server:
        yield server


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def new_database(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Gives the URL of a new database at each call; empty for the file in the cloud's folder."""
    if request.param == "sqlite":
        return str
    cluster: Postgres = request.getfixturevalue("cluster")
    return lambda: cluster.url(cluster.new_database())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[], str]) -> "Iterator[Cloud]":
    """One running cloud for a file of tests."""
    # Here: whoever tests the till alone does not load the service.
    from tests.cloud import serving

    with serving(tmp_path_factory.mktemp("cloud"), database=new_database()) as cloud:
        yield cloud


@pytest.fixture
def cloud(server: "Cloud") -> "Cloud":
    """That cloud with a tenant of its own for each test."""
    return server.another()


@pytest.fixture
def fresh(scene: "Scene", tmp_path: Path) -> "Iterator[Scene]":
    """A copy of the file's scene to change."""
    from tests.owner_shop import copied

    with copied(scene, tmp_path) as fresh:
        yield fresh

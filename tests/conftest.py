"""What holds for every test: fixed seeds, no telemetry, one thread for numerics, no settings of this machine."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.cloud import Cloud

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
for name in ("DROPSHELF_CLOCK", "DROPSHELF_DATA", "NO_COLOR"):
    os.environ.pop(name, None)

settings.register_profile(
    "house", derandomize=True, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Cloud]":
    """One running cloud for a file of tests."""
    # Here: whoever tests the till alone does not load the service.
    from tests.cloud import serving

    with serving(tmp_path_factory.mktemp("cloud")) as cloud:
        yield cloud


@pytest.fixture
def cloud(server: "Cloud") -> "Cloud":
    """That cloud with a tenant of its own for each test."""
    return server.another()

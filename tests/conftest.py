"""What holds for every test: fixed seeds, no telemetry, one thread for numerics, no settings of this machine."""

import os

from hypothesis import HealthCheck, settings

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
for name in ("DROPSHELF_CLOCK", "DROPSHELF_DATA", "NO_COLOR"):
    os.environ.pop(name, None)

settings.register_profile(
    "house", derandomize=True, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")

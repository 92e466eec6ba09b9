"""How long to fuzz: a few seconds in the ordinary suite, `make fuzz` for as many examples as it is told."""

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

#: A reader that needs longer than this for a few kilobytes hangs.
HANGS_AFTER = 20

settings.register_profile(
    "suite", max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
settings.register_profile(
    "fuzz",
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "5000")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
PROFILE = settings.get_profile(os.environ.get("FUZZ_PROFILE", "suite"))


class HangError(AssertionError):
    """A reader did not come back."""


@pytest.fixture(autouse=True)
def watchdog():
    """Give what ends a reader that hangs, also inside a regular expression; to be called before each example."""

    def hang(signum, frame):
        raise HangError(f"no answer within {HANGS_AFTER} s")

    before = signal.signal(signal.SIGALRM, hang)
    yield lambda: signal.alarm(HANGS_AFTER)
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)

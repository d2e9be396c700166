from __future__ import annotations

import pytest

from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def sim(clock: FakeClock) -> Simulator:
    return Simulator(clock)

from __future__ import annotations

from pathlib import Path

import pytest

from tufkeep.testing.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def vectors() -> Path:
    return Path(__file__).resolve().parents[1] / "vectors"

"""The portal as a newcomer starts it: a process tree of its own in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.demo import Demo

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo provider, running."""
    with Demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture(scope="session")
def shots() -> Path:
    """Where screenshots are kept."""
    folder = ROOT / "var" / "shots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder

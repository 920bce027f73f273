import pytest

from makini_desktop.sandbox.sandbox import Options
from tests.sandbox.harness import Harness


@pytest.fixture
async def make():
    made: list[Harness] = []

    def _make(*, count: int = 24, seed: int = 1, **options: object) -> Harness:
        made.append(Harness(Options(**options), count, seed))
        return made[-1]

    yield _make
    for harness in made:
        await harness.client.aclose()


@pytest.fixture
def box(make) -> Harness:
    return make()

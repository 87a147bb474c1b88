"""The contract of the fake gateway (tests/support/fake_openclaw.py), kept by the real ones."""

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from clawmend.core.era import Installation, era_of
from clawmend.system.machine import RealClock
from e2e.install import Cache
from e2e.lab import Lab
from e2e.transcript import Transcript
from support.build import version
from support.gateway_contract import CONTRACT, Subject

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module", params=["2026.3.2", "2026.9.6"])
def subject(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    text: str = request.param
    with closing(Lab(tmp_path_factory.mktemp("c"), Cache.of_user(), Transcript(f"contract {text}"))) as lab:
        gateway = lab.openclaw(text)
        gateway.start()
        home, found = gateway.home, version(text)
        installation = Installation(found, "package", era_of(found), str(home.programs[0].command))
        yield Subject(installation, home.config, home.state / "logs" / "gateway.log", home.port, RealClock())


@pytest.mark.parametrize("clause", CONTRACT, ids=lambda clause: clause.__name__)
def test_the_real_gateway_keeps_the_contract(clause: Callable[[Subject], object], subject: Subject) -> None:
    clause(subject)

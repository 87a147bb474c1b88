from pathlib import Path

import pytest

from bench.sandbox import call, refusal, scratch

pytestmark = pytest.mark.e2e


@pytest.fixture(autouse=True)
def _possible() -> None:
    if said := refusal():
        pytest.skip(said)


def run(folder: Path, script: str) -> str:
    """Run a shell script in a sandbox; what it said."""
    arguments = {
        "command": ["sh", "-c", script], "environment": {"PATH": "/usr/bin:/bin"}, "folder": str(folder),
        "seconds": 20.0, "output": str(folder / "said"),
    }  # fmt: skip
    call(folder, "bench.within", "timed", arguments, seconds=60)
    return (folder / "said").read_text()


def test_nothing_but_its_folder_can_be_changed_and_what_is_written_to_tmp_is_gone() -> None:
    with scratch() as folder:
        said = run(folder, f"touch /of-a-sandbox {Path.home()}/of-a-sandbox; touch /tmp/of-a-sandbox mine && ls")
        assert said.count("Read-only file system") == 2
        assert (folder / "mine").exists()
    assert not Path("/tmp/of-a-sandbox").exists()  # noqa: S108 - this is the point


def test_it_sees_its_own_processes_only_and_no_network_but_loopback() -> None:
    with scratch() as folder:
        said = run(folder, "ls -d /proc/[0-9]* | wc -l; cat /proc/net/dev")
    count, *devices = said.splitlines()
    assert int(count) < 6
    assert [line.split(":")[0].strip() for line in devices if ":" in line] == ["lo"]


def test_what_it_started_ends_with_it() -> None:
    with scratch() as folder:
        run(folder, f"(while sleep 0.1; do date >> {folder}/beats; done) & sleep 0.5")
        beats = (folder / "beats").read_text()
        run(folder, "sleep 0.5")
        assert (folder / "beats").read_text() == beats

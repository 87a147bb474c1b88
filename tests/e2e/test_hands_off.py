"""While the real `openclaw doctor` works on a home, clawmend looks and touches nothing, and catches up afterwards."""

import json
import subprocess

import psutil
import pytest

from e2e.home import write_private
from e2e.lab import Lab
from e2e.processes import wait_until

pytestmark = pytest.mark.e2e


def _line(process: psutil.Process) -> str:
    return " ".join(word for word in process.cmdline() if word)


@pytest.mark.parametrize("version", ["2026.3.2", "2026.9.6"])
def test_a_repair_waits_for_openclaws_own_doctor(lab: Lab, version: str) -> None:
    gateway = lab.openclaw(version)
    home = gateway.home
    claude = home.user / ".claude.json"
    write_private(claude, '{\n  "numStartups": 7\n}\n')
    installed = {program.command.name: str(program.command) for program in home.programs}
    doctor = subprocess.Popen(
        [installed["openclaw"], "doctor", "--non-interactive"],
        env=home.env(),
        cwd=home.user,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        family = psutil.Process(doctor.pid)
        if version == "2026.3.2":  # its words are hidden at once, and its name comes seconds later
            wait_until(lambda: _line(family) == "openclaw", 30, "openclaw hides its words")
        held = home.clawmend("repair", "--skip", "OC401")
        assert doctor.poll() is None, "doctor ended before clawmend looked: nothing was tried here"
        assert (held.code, held.verdict) == (1, "needs-you"), held
        assert "openclaw doctor runs (process " in held.said["note"]
        assert held.said["look_again_at"] is not None
        assert json.loads(claude.read_text()) == {"numStartups": 7}
        assert not (home.folder / "state" / "clawmend" / "checkpoints").exists()
    finally:
        for one in (*psutil.Process(doctor.pid).children(recursive=True), psutil.Process(doctor.pid)):
            one.terminate()
        doctor.wait(30)

    after = home.clawmend("repair", "--only", "CC101")
    assert [change["rules"] for change in after.said["changes"]] == [["CC101"]]
    assert json.loads(claude.read_text())["hasCompletedOnboarding"] is True

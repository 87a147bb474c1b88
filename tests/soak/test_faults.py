"""Every fault of a soak is one: clawmend finds it, and it is seen to be there until all is as it was."""

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from clawmend.cli.main import main
from e2e.transcript import Transcript
from soak.catalogue import FAULTS
from soak.fault import Fault, Where, comments_of, says_the_same
from soak.homes import VERSIONS, SoakHome
from soak.noise import NOISE, Noise
from support.machine import forget_the_real_machine

# What a gateway has to do, or Claude Code.
REAL = {"turn", "claude-server", "claude-starts"}
EACH = [pytest.param(one, home, id=f"{one.name}-{home}") for one in FAULTS for home in one.homes]
QUIET = [
    pytest.param(one, home, id=f"{one.name}-{home}") for one in NOISE if one.name not in REAL for home in one.homes
]


class Nobody:
    url = "http://127.0.0.1:9"


def where(home: SoakHome, number: int) -> Where:
    return Where(home, number, random.Random(number))  # noqa: S311 - to be repeated, not to be secret


def laid_down(folder: Path, name: str) -> SoakHome:
    made = SoakHome(folder / name, (), Nobody(), Transcript("soak"), 9)  # type: ignore[arg-type]
    made.set_up()
    return made


def found(home: SoakHome, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The rules of what clawmend finds and does not only mention."""
    forget_the_real_machine(monkeypatch)
    version = VERSIONS[home.name]
    words = ["--json", "--home", str(home.user), "--state-dir", str(home.ours), "--openclaw-version", version, "check"]
    ended = CliRunner().invoke(main, words, catch_exceptions=False)
    said: dict[str, Any] = json.loads(ended.stdout)
    assert said["could_not_look"] == []
    return {one["rule"] for one in said["findings"] if one["severity"] != "info"}


@pytest.mark.parametrize(("fault", "name"), EACH)
def test_a_fault_is_found_and_is_repaired_when_all_is_as_it_was(
    fault: Fault, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = laid_down(tmp_path, name)
    if name == "old":  # a gateway has written it
        home.models.parent.mkdir(parents=True)
        home.models.write_text('{"providers": {}}')
    assert found(home, monkeypatch) == set()
    shutil.copytree(home.user, tmp_path / "good")
    injected = fault.inject(where(home, 77))
    assert not injected.is_repaired()
    assert injected.path.read_bytes() == injected.made
    assert fault.rule in found(home, monkeypatch)
    for extra in injected.extra:
        shutil.rmtree(extra)
    injected.path.unlink(missing_ok=True)
    good = tmp_path / "good" / injected.path.relative_to(home.user)
    if good.exists():
        shutil.copy2(good, injected.path)
    elif injected.tidy is not None:
        injected.tidy()
    if fault.name not in {"key-misnamed", "thinking"}:  # what is right after them is not what was before
        assert injected.is_repaired()
    assert found(home, monkeypatch) == set()


@pytest.mark.parametrize(("noise", "name"), QUIET)
def test_noise_is_no_fault_however_often(
    noise: Noise, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = laid_down(tmp_path, name)
    for number in range(3):
        noise.make(where(home, number), None)
        assert found(home, monkeypatch) == set()
        assert len(comments_of(home.config.read_bytes())) >= 6


def test_a_comment_that_is_gone_is_seen(tmp_path: Path) -> None:
    home = laid_down(tmp_path, "old")
    good = home.config.read_bytes()
    assert says_the_same(home.config, good)
    home.config.write_bytes(good.replace(b"// no polls", b""))
    assert not says_the_same(home.config, good)
    home.config.write_bytes(good.replace(b"18", b"19").replace(b"1000000", b"1000001"))
    assert not says_the_same(home.config, good)

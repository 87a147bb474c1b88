import builtins
import hashlib
import io
import json
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil
import pytest

from clawmend.core.snapshot import GatewayAbsent, GatewayRunning, GatewayState, GatewayUnknown
from clawmend.system import gateway
from clawmend.system.files import RealFiles
from clawmend.system.gateway import find_gateway, folder_environment
from clawmend.system.homes import StateFolder
from clawmend.system.services import Service
from system.fakes import Child, as_another_user, listening

FILES = RealFiles()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StateFolder:
    """A home with a state folder, and a folder for temporary files of its own."""
    (tmp_path / "home" / ".openclaw").mkdir(parents=True)
    (tmp_path / "home" / ".openclaw" / "openclaw.json").write_text("{}")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    directory = str(tmp_path / "home" / ".openclaw")
    return StateFolder(directory, f"{directory}/openclaw.json")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path / "home"), "MARK": "ours"}


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port on which nobody listens, and which nobody else gets meanwhile."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield int(holder.getsockname()[1])


def _lock(folder: StateFolder, root: Path, content: object) -> Path:
    """The lock file as OpenClaw 2026.3.2 writes it."""
    name = hashlib.sha256(folder.config.encode()).hexdigest()[:8]
    path = root / f"openclaw-{os.getuid()}" / f"gateway.{name}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def _running(state: GatewayState) -> GatewayRunning:
    assert isinstance(state, GatewayRunning), state
    return state


def _runs(state: GatewayState) -> bool:
    return isinstance(state, GatewayRunning)


def _profile(folder: StateFolder) -> StateFolder:
    directory = f"{folder.directory}-work"
    os.mkdir(directory)
    Path(directory, "openclaw.json").write_text("{}")
    return StateFolder(directory, f"{directory}/openclaw.json", "work")


def _service(child: Child | None = None, environment: Mapping[str, str] | None = None) -> Service:
    words = ("node", "index.js", "gateway", "--port", str(child.port)) if child else ("node", "index.js", "gateway")
    return Service("systemd", "openclaw-gateway.service", "", words, environment or {})


class TestByItsPort:
    def test_a_gateway_that_listens_is_found_with_its_environment(
        self, folder: StateFolder, environment: dict[str, str], tmp_path: Path
    ) -> None:
        with listening(tmp_path, environment) as child:
            found = _running(find_gateway(folder, child.port, None, FILES))
            assert (found.pid, found.port, found.manager, found.service) == (child.pid, child.port, None, None)
            assert found.started == child.started
            assert found.environment is not None
            assert found.environment["MARK"] == "ours"
            assert found.folder is not None
            assert os.path.samefile(found.folder, os.getcwd())

    def test_the_port_of_the_service_counts_before_that_of_the_config(
        self, folder: StateFolder, environment: dict[str, str], tmp_path: Path, closed_port: int
    ) -> None:
        with listening(tmp_path, environment) as child:
            assert _running(find_gateway(folder, closed_port, _service(child), FILES)).pid == child.pid
            by_variable = _service(None, {"OPENCLAW_GATEWAY_PORT": str(child.port)})
            assert _running(find_gateway(folder, closed_port, by_variable, FILES)).pid == child.pid
            joined = Service("systemd", "a.service", "", ("node", f"--port={child.port}"))
            assert _running(find_gateway(folder, closed_port, joined, FILES)).pid == child.pid
            nothing_said = _service(None, {"OPENCLAW_GATEWAY_PORT": "x"})
            assert _running(find_gateway(folder, child.port, nothing_said, FILES)).pid == child.pid

    def test_nobody_on_the_port_is_no_gateway_and_the_service_could_start_one(
        self, folder: StateFolder, closed_port: int
    ) -> None:
        assert find_gateway(folder, closed_port, None, FILES) == GatewayAbsent()
        assert find_gateway(folder, closed_port, _service(), FILES) == GatewayAbsent(
            "openclaw-gateway.service", "systemd"
        )

    def test_the_gateway_of_another_home_is_not_ours(self, folder: StateFolder, tmp_path: Path) -> None:
        (tmp_path / "other" / ".openclaw").mkdir(parents=True)
        with listening(tmp_path, {"HOME": str(tmp_path / "other")}) as child:
            assert find_gateway(folder, child.port, None, FILES) == GatewayAbsent()

    def test_the_gateway_of_another_state_folder_of_this_home_is_not_ours(
        self, folder: StateFolder, environment: dict[str, str], tmp_path: Path
    ) -> None:
        elsewhere = {**environment, "OPENCLAW_STATE_DIR": str(tmp_path / "elsewhere")}
        with listening(tmp_path, elsewhere) as child:
            assert find_gateway(folder, child.port, None, FILES) == GatewayAbsent()

    @pytest.mark.parametrize(
        ("words", "variables", "owner"),
        [
            ((), {}, None),
            ((), {"OPENCLAW_PROFILE": "default"}, None),
            ((), {"OPENCLAW_PROFILE": "gone"}, None),
            ((), {"OPENCLAW_PROFILE": "work"}, "work"),
            (("--profile", "work"), {}, "work"),
            (("--profile=work",), {}, "work"),
        ],
    )
    def test_a_gateway_that_names_no_folder_is_that_of_one_folder(
        self,
        folder: StateFolder,
        environment: dict[str, str],
        tmp_path: Path,
        words: tuple[str, ...],
        variables: dict[str, str],
        owner: str | None,
    ) -> None:
        folders = [folder, _profile(folder)]
        with listening(tmp_path, environment | variables, "openclaw-gateway", *words) as child:
            found = [each.profile for each in folders if _runs(find_gateway(each, child.port, None, FILES))]
        assert found == [owner]

    def test_a_state_folder_reached_by_another_way_is_ours(
        self, folder: StateFolder, environment: dict[str, str], tmp_path: Path
    ) -> None:
        (tmp_path / "link").symlink_to(folder.directory)
        with listening(tmp_path, {**environment, "OPENCLAW_STATE_DIR": str(tmp_path / "link")}) as child:
            assert _running(find_gateway(folder, child.port, None, FILES)).pid == child.pid

    def test_another_program_on_the_port_is_no_gateway(
        self, folder: StateFolder, environment: dict[str, str], tmp_path: Path
    ) -> None:
        with listening(tmp_path, environment, "webserver") as child:
            assert find_gateway(folder, child.port, None, FILES) == GatewayAbsent()

    def test_a_listener_that_this_user_may_not_see_is_unknown(
        self, folder: StateFolder, environment: dict[str, str], tmp_path: Path
    ) -> None:
        if os.geteuid() != 0:
            pytest.skip("needs a second user")
        with listening(tmp_path, environment) as child:
            found = as_another_user(lambda: find_gateway(folder, child.port, None, FILES))
            assert found == GatewayUnknown(
                f"something listens on port {child.port} and this user may not see which process it is"
            )

    def test_a_gateway_whose_environment_may_not_be_read_is_unknown(
        self, folder: StateFolder, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(_self: psutil.Process) -> dict[str, str]:
            raise psutil.AccessDenied

        with listening(tmp_path, environment) as child:
            monkeypatch.setattr(psutil.Process, "environ", refuse)
            found = find_gateway(folder, child.port, None, FILES)
            assert found == GatewayUnknown(f"the gateway process {child.pid} belongs to another user")

    def test_a_table_of_connections_that_may_not_be_read_is_unknown(
        self, folder: StateFolder, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(_kind: str) -> list[object]:
            raise psutil.AccessDenied

        with listening(tmp_path, environment) as child:
            monkeypatch.setattr(psutil, "net_connections", refuse)
            assert isinstance(find_gateway(folder, child.port, None, FILES), GatewayUnknown)

    @pytest.mark.parametrize("port", [-1, 70000])
    def test_a_port_that_is_none_is_no_gateway(self, folder: StateFolder, port: int) -> None:
        service = Service("systemd", "a.service", "", ("a", "--port", str(port)), {"OPENCLAW_GATEWAY_PORT": str(port)})
        assert find_gateway(folder, port, service, FILES) == GatewayAbsent("a.service", "systemd")


class TestByItsLock:
    def test_the_lock_of_2026_3_2_leads_to_it(
        self, folder: StateFolder, environment: dict[str, str], tmp_path: Path, closed_port: int
    ) -> None:
        with listening(tmp_path, environment) as child:
            _lock(folder, tmp_path / "temporary", {"pid": child.pid, "configPath": folder.config})
            assert _running(find_gateway(folder, closed_port, None, FILES)).pid == child.pid

    def test_the_lock_of_2026_9_6_leads_to_it(
        self, folder: StateFolder, environment: dict[str, str], tmp_path: Path, closed_port: int
    ) -> None:
        with listening(tmp_path, environment) as child:
            _lock(folder, Path(folder.directory) / "tmp", {"pid": child.pid})
            assert _running(find_gateway(folder, closed_port, None, FILES)).pid == child.pid

    def test_the_service_says_where_its_temporary_files_are(
        self, folder: StateFolder, environment: dict[str, str], tmp_path: Path, closed_port: int
    ) -> None:
        with listening(tmp_path, environment) as child:
            _lock(folder, tmp_path / "private", {"pid": child.pid})
            service = _service(None, {"TMPDIR": str(tmp_path / "private")})
            assert _running(find_gateway(folder, closed_port, service, FILES)).pid == child.pid

    @pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "1"}', '{"pid": 0}', '{"pid": 999999999}', "[" * 9999])
    def test_a_lock_that_makes_no_sense_is_passed_over(
        self, folder: StateFolder, environment: dict[str, str], tmp_path: Path, content: str
    ) -> None:
        _lock(folder, tmp_path / "temporary", content)
        with listening(tmp_path, environment) as child:
            assert _running(find_gateway(folder, child.port, None, FILES)).pid == child.pid

    def test_a_stale_lock_whose_number_another_program_has_now_is_passed_over(
        self, folder: StateFolder, environment: dict[str, str], tmp_path: Path, closed_port: int
    ) -> None:
        with listening(tmp_path, environment, "editor") as child:
            _lock(folder, tmp_path / "temporary", {"pid": child.pid})
            assert find_gateway(folder, closed_port, None, FILES) == GatewayAbsent()

    def test_a_lock_older_than_the_process_is_not_its_own(
        self, folder: StateFolder, environment: dict[str, str], tmp_path: Path, closed_port: int
    ) -> None:
        """In a container the same small numbers come again after every start: here it is `openclaw logs`."""
        with listening(tmp_path, environment, "openclaw-logs") as child:
            lock = _lock(folder, tmp_path / "temporary", {"pid": child.pid})
            os.utime(lock, (child.started - 60, child.started - 60))
            assert find_gateway(folder, closed_port, None, FILES) == GatewayAbsent()

    def test_the_lock_of_a_profile_says_whose_gateway_it_is(
        self, folder: StateFolder, environment: dict[str, str], tmp_path: Path
    ) -> None:
        """`openclaw --profile work gateway` shows nothing of its profile from outside."""
        work = _profile(folder)
        with listening(tmp_path, environment) as child:
            _lock(work, tmp_path / "temporary", {"pid": child.pid})
            assert _running(find_gateway(work, child.port, None, FILES)).pid == child.pid
            assert find_gateway(folder, child.port, None, FILES) == GatewayAbsent()

    def test_two_gateways_are_told_apart(
        self, folder: StateFolder, environment: dict[str, str], tmp_path: Path
    ) -> None:
        """The lock leads to the gateway of another folder, our own one listens."""
        (tmp_path / "a").mkdir()
        (tmp_path / "other" / ".openclaw").mkdir(parents=True)
        with (
            listening(tmp_path, environment) as ours,
            listening(tmp_path / "a", {"HOME": str(tmp_path / "other")}) as theirs,
        ):
            _lock(folder, tmp_path / "temporary", {"pid": theirs.pid})
            assert _running(find_gateway(folder, ours.port, None, FILES)).pid == ours.pid


class TestWhoManagesIt:
    @pytest.mark.parametrize(
        ("groups", "managed"),
        [
            ("0::/user.slice/user-0.slice/user@0.service/app.slice/openclaw-gateway.service\n", True),
            ("1:name=systemd:/user.slice/openclaw-gateway.service/a\n", True),
            ("0::/user.slice/user-0.slice/session-3.scope\n", False),
            ("0::/user.slice/my-openclaw-gateway.service\n", False),
            ("0::/app.slice/openclaw-gateway.service.d\n", False),
        ],
    )
    def test_the_control_group_says_whether_systemd_runs_this_process(
        self,
        folder: StateFolder,
        environment: dict[str, str],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        groups: str,
        managed: bool,
    ) -> None:
        with listening(tmp_path, environment) as child:
            _pretend(monkeypatch, f"/proc/{child.pid}/cgroup", groups)
            found = _running(find_gateway(folder, child.port, _service(child), FILES))
        expected = ("systemd", "openclaw-gateway.service") if managed else (None, None)
        assert (found.manager, found.service) == expected

    def test_a_control_group_that_cannot_be_read_is_not_systemds(
        self,
        folder: StateFolder,
        environment: dict[str, str],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        with listening(tmp_path, environment) as child:
            _pretend(monkeypatch, f"/proc/{child.pid}/cgroup", None)
            assert _running(find_gateway(folder, child.port, _service(child), FILES)).manager is None

    def test_launchd_is_believed(self, folder: StateFolder, environment: dict[str, str], tmp_path: Path) -> None:
        with listening(tmp_path, environment) as child:
            service = Service("launchd", "ai.openclaw.gateway", "", ())
            found = _running(find_gateway(folder, child.port, service, FILES))
            assert (found.manager, found.service) == ("launchd", "ai.openclaw.gateway")


def test_variables_come_from_the_running_gateway_or_else_from_its_service() -> None:
    service = _service(None, {"A": "service"})
    running = GatewayRunning(1, 1.0, 1, environment={"A": "gateway"})
    assert folder_environment(service, running) == {"A": "gateway"}
    assert folder_environment(service, GatewayAbsent()) == {"A": "service"}
    assert folder_environment(service, GatewayRunning(1, 1.0, 1)) == {"A": "service"}
    assert folder_environment(None, GatewayUnknown("")) == {}


def _pretend(monkeypatch: pytest.MonkeyPatch, path: str, content: str | None) -> None:
    def fake_open(name: str, *arguments: object, **options: object) -> object:
        if name != path:
            return builtins.open(name, *arguments, **options)  # type: ignore[call-overload]
        if content is None:
            raise PermissionError
        return io.StringIO(content)

    monkeypatch.setattr(gateway, "open", fake_open, raising=False)

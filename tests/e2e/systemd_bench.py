"""A real `systemd --user` of a made-up home, in namespaces and a cgroup: the machine itself need not run systemd.

The file system is the machine's own, apart from /run, so that the tests, the programs and the home are where they
are. The network is the machine's as well: the provider of the test listens on its loopback.
"""

import contextlib
import dataclasses
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from e2e.gateway import Gateway
from e2e.home import Home
from e2e.lab import Lab
from e2e.processes import MARK, LabError, run, wait_until

UNIT = "openclaw-gateway.service"
_MANAGERS = ("/usr/lib/systemd/systemd", "/lib/systemd/systemd")
_UP = {"running", "degraded"}
_RUNTIME = f"/run/user/{os.getuid()}"
# The first process of the namespaces. Without /run/systemd/system a user manager says that the machine has not been
# booted with systemd; the units that the machine has for its own users are none of a made-up home's business. Without
# a journal, a user manager logs to the kernel's log or to the console of the machine, so it gets a pipe in its place.
# The process reads to the end of its input, which the test holds open: when either ends, the kernel ends everything.
_INIT = f"""
set -eu
mount --make-rprivate /
umount --recursive --lazy /sys/fs/cgroup 2>/dev/null || true
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs /run
if [ -d /etc/systemd/user ]; then mount -t tmpfs -o mode=755 tmpfs /etc/systemd/user; fi
mkdir -p /run/systemd/system /run/lock {_RUNTIME}/systemd/user/service.d
chmod 700 {_RUNTIME}
if [ -z "$JOURNALD" ]; then
  printf '[Service]\\nStandardOutput=append:%s\\nStandardError=inherit\\n' "$OUTPUT" \
    > {_RUNTIME}/systemd/user/service.d/output.conf
fi
[ -e /dev/kmsg ] || touch /dev/kmsg
mkfifo /run/log-of-manager
mount --bind /run/log-of-manager /dev/kmsg
cat <> /run/log-of-manager &
if [ -n "$JOURNALD" ]; then
  mkdir -p /run/systemd/journald.conf.d /run/systemd/journal /run/log/journal
  printf '[Journal]\\nStorage=volatile\\nReadKMsg=no\\nAudit=no\\n' > /run/systemd/journald.conf.d/bench.conf
  "$JOURNALD" < /dev/null > /dev/null 2>&1 &
  until [ -S /run/systemd/journal/stdout ]; do sleep 0.02; done
fi
own=/sys/fs/cgroup/user.slice/user-{os.getuid()}.slice/user@{os.getuid()}.service
mkdir -p "$own" /sys/fs/cgroup/init.scope
echo $$ > /sys/fs/cgroup/init.scope/cgroup.procs
(
  sh -c 'echo $PPID' > "$own/cgroup.procs"
  manager=$MANAGER
  unset MANAGER OUTPUT JOURNALD PWD OLDPWD
  exec "$manager" --user --log-target=kmsg --show-status=no < /dev/null
) &
read -r _ || true
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Unit:
    """What systemd says about the gateway's unit."""

    state: str
    main_pid: int
    entered: int
    restarts_by_itself: int
    invocation: str
    starts: int


class Bench:
    """The user manager of one home. With `journal` it has a journald beside it, to which what the units say goes."""

    def __init__(self, home: Home, *, journal: bool = False) -> None:
        self.home = home
        self._journald = str(Path(_manager()).with_name("systemd-journald")) if journal else ""
        self._manager = _manager()
        self._group = _parent_group() / f"clawmend-e2e-{os.getpid()}-{home.folder.name}"
        self._log = home.folder / "systemd.out"
        self._outer: subprocess.Popen[bytes] | None = None
        self._init = 0

    def open(self) -> None:
        """Boot it and wait until the user's default target is reached."""
        began = time.monotonic()
        try:
            self._group.mkdir()
        except OSError as error:
            raise LabError(f"systemd needs a cgroup of its own: {error}") from error
        group = shlex.quote(str(self._group))
        enter = (
            f"echo $$ > {group}/cgroup.procs && exec unshare --mount --mount-proc --pid --fork --kill-child "
            '--cgroup --uts --ipc sh -c "$0"'
        )
        # What a unit does not set, it has from its manager: the mark, and the way to nothing but loopback.
        env = {name: value for name, value in self.home.env().items() if name not in {"TMPDIR", "XDG_STATE_HOME"}}
        env |= {"XDG_RUNTIME_DIR": _RUNTIME, "MANAGER": self._manager, "OUTPUT": str(self.home.folder / "gateway.out")}
        env["JOURNALD"] = self._journald
        with self._log.open("ab") as log:
            self._outer = subprocess.Popen(
                ["sh", "-c", enter, _INIT],
                env=env | {"PATH": f"{env['PATH']}:/usr/sbin:/sbin"},
                cwd=self.home.user,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self._is_up, 30, "the user manager of systemd is up")
        version = self.systemctl("--version").stdout.split()[1]
        self.home.transcript.say(f"a real systemd {version} --user is up after {time.monotonic() - began:.1f} s")

    def close(self) -> None:
        """End everything in it, and leave no cgroup behind."""
        if self._outer is not None and self._outer.stdin is not None:
            self._outer.stdin.close()
            try:
                self._outer.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._outer.kill()
                self._outer.wait(timeout=10)
        if self._group.exists():
            events = self._group / "cgroup.events"
            wait_until(lambda: "populated 0" in events.read_text(), 10, f"nothing runs in {self._group} any more")
            for folder, _, _ in os.walk(self._group, topdown=False):
                Path(folder).rmdir()

    def inside(self, *command: str) -> list[str]:
        """Return the command that runs this command in the namespaces, in the home."""
        words = f"nsenter --target {self._init} --mount --pid --cgroup --uts --ipc".split()
        return [*words, "sh", "-c", 'cd "$0" && exec "$@"', str(self.home.user), *command]

    def systemctl(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `systemctl --user` as the user of the home."""
        env = self.home.env() | {"XDG_RUNTIME_DIR": _RUNTIME}
        command = self.inside("systemctl", "--user", *words)
        return run(command, seconds=60, env=env, folder=self.home.user)

    def managed_home(self) -> "ManagedHome":
        """Return the home as one whose commands run beside its user manager."""
        fields = {field.name: getattr(self.home, field.name) for field in dataclasses.fields(Home)}
        return ManagedHome(**fields, inside=self.inside)

    def shown(self, unit: str, *names: str) -> dict[str, str]:
        """Ask systemd for properties of a unit."""
        return _properties(self.systemctl("show", f"--property={','.join(names)}", unit).stdout)

    def unit(self) -> Unit:
        """Ask systemd about the gateway's unit, and count in what it logged how often it started that."""
        names = ("ActiveState", "MainPID", "ActiveEnterTimestampMonotonic", "NRestarts", "InvocationID")
        told = _properties(self.systemctl("show", f"--property={','.join(names)}", UNIT).stdout)
        state, pid, entered, restarts, invocation = (told[name] for name in names)
        starts = self._log.read_text(errors="replace").count(f"Started {UNIT}")
        unit = Unit(state, int(pid), int(entered), int(restarts), invocation, starts)
        self.home.transcript.say(f"  systemd says {UNIT} is {state}, main process {pid}, started {starts} times")
        return unit

    def _is_up(self) -> bool:
        if self._outer is None or self._outer.poll() is not None:
            raise LabError(f"the user manager of systemd ended: {self._log.read_text(errors='replace')[-1500:]}")
        # `unshare` is what the shell became; its one child is the first process of the namespaces.
        children = psutil.Process(self._outer.pid).children()
        if not children:
            return False
        self._init = children[0].pid
        told = _properties(self.systemctl("show", "--property=SystemState,Environment").stdout)
        # The mark tells it from a user manager that the machine itself may have.
        return f"{MARK}={self.home.mark}" in told.get("Environment", "") and told["SystemState"] in _UP


@dataclasses.dataclass(frozen=True, slots=True)
class ManagedHome(Home):
    """A home whose commands run beside its user manager, without a login session: as from cron, su or sudo."""

    inside: Callable[..., list[str]] = dataclasses.field(kw_only=True)

    def command(self, *command: str, seconds: float = 120, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """See Home.command."""
        self.transcript.say("$ " + " ".join(command).replace(f"{sys.executable} -m ", ""))
        env = self.env() | {"NO_COLOR": "1"}
        ended = run(self.inside(*command), seconds=seconds, env=env, folder=self.user, stdin=stdin)
        self.transcript.say(f"  exit {ended.returncode}")
        return ended


class ManagedGateway(Gateway):
    """A gateway that systemd runs: OpenClaw itself wrote, enabled and started its unit."""

    def __init__(self, home: Home, bench: Bench) -> None:
        super().__init__(home)
        self.bench = bench

    def write_unit(self) -> None:
        """Write the unit that OpenClaw itself would, on versions that install none for a HOME that is made up."""
        temporary = self._temporary()
        program = self.home.programs[0]
        node = shutil.which("node", path=os.pathsep.join(str(folder) for folder in program.path))
        unit = self.home.user / ".config" / "systemd" / "user" / UNIT
        unit.parent.mkdir(parents=True, exist_ok=True)
        unit.write_text(
            "[Unit]\nDescription=OpenClaw Gateway\nStartLimitBurst=10\nStartLimitIntervalSec=300\n"
            f"[Service]\nExecStart={node} {program.command.resolve()} gateway --port {self.home.port}\n"
            "Restart=always\nRestartSec=5\nRestartPreventExitStatus=78\nTimeoutStopSec=330\nTimeoutStartSec=30\n"
            f"SuccessExitStatus=0 143\nKillMode=mixed\nEnvironment=TMPDIR={temporary}\n"
            f"Environment=OPENCLAW_GATEWAY_PORT={self.home.port}\nEnvironment=OPENCLAW_SYSTEMD_UNIT={UNIT}\n"
            "Environment=OPENCLAW_SERVICE_MARKER=openclaw\nEnvironment=OPENCLAW_SERVICE_KIND=gateway\n"
            "[Install]\nWantedBy=default.target\n"
        )
        self.bench.systemctl("daemon-reload")

    def _temporary(self) -> Path:
        """Make the folder for temporary files of the service, with what earlier gateways have compiled."""
        temporary = self.home.folder / "tmp-of-service"
        temporary.mkdir(mode=0o700)
        temporary.joinpath("jiti").symlink_to(self.home.programs[0].compiled)
        return temporary

    def start(self, seconds: float = 300) -> None:
        """Install it as its user would, from a session with another TMPDIR than later ones."""
        temporary = self._temporary()
        env = self.home.env() | {"XDG_RUNTIME_DIR": _RUNTIME, "TMPDIR": str(temporary)}
        command = ["openclaw", "gateway", "install", "--port", str(self.home.port)]
        self.home.transcript.say(f"$ {' '.join(command)}")
        ended = run(self.bench.inside(*command), seconds=120, env=env, folder=self.home.user)
        if ended.returncode != 0:
            raise LabError(f"openclaw did not install its service: {ended.stdout[-800:]} {ended.stderr[-800:]}")
        wait_until(self.ready, seconds, f"the gateway is ready: {self.tail()}")
        self.unit()

    def unit(self) -> Unit:
        """Return what systemd says about its unit."""
        return self.bench.unit()

    def drop_in(self, name: str, lines: str) -> None:
        """Add lines to the [Service] part of its unit, as a person would."""
        path = self.home.user / ".config" / "systemd" / "user" / f"{UNIT}.d" / f"{name}.conf"
        path.parent.mkdir(parents=True)
        path.write_text(f"[Service]\n{lines}\n")
        self.systemctl("daemon-reload")

    def systemctl(self, *words: str) -> None:
        """Do what a person would type."""
        self.home.transcript.say(f"$ systemctl --user {' '.join(words)}")
        self.bench.systemctl(*words)


@contextlib.contextmanager
def under_systemd(lab: Lab, version: str) -> Iterator[ManagedGateway]:
    """Make a home of this OpenClaw with a user manager of its own; its gateway is not started yet."""
    plain = lab.openclaw(version).home
    bench = Bench(plain)
    with contextlib.closing(bench):
        bench.open()
        yield ManagedGateway(bench.managed_home(), bench)


def _properties(shown: str) -> dict[str, str]:
    """Read what `systemctl show` printed."""
    return dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)


def _manager() -> str:
    """Return the path of systemd, or say what this machine lacks for a test under a real one."""
    if os.getuid() != 0:
        raise LabError("a test under a real systemd has to be run by root: it makes namespaces and a cgroup")
    for command, package in (("systemctl", "systemd"), ("unshare", "util-linux"), ("nsenter", "util-linux")):
        if shutil.which(command) is None:
            raise LabError(f"{command} is missing: apt-get install {package}")
    for manager in _MANAGERS:
        if Path(manager).exists():
            return manager
    raise LabError(f"systemd is not at {' or '.join(_MANAGERS)}: apt-get install systemd")


def _parent_group() -> Path:
    """Return where the machine has its cgroup2 file system."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, folder, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(folder)
    raise LabError("this machine has no cgroup2 file system, and systemd wants one")

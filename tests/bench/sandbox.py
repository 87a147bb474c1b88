"""A place for other people's programs: they see one folder that they may change, no process but their own, no network.

Everything runs in namespaces of its own (util-linux's unshare): the file system is read-only but for the given
folders, /tmp takes writes that nobody else sees, processes outside cannot be seen and so not be ended, and loopback is
the only network. A function of the benchmark is called in there, and answers with JSON.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from e2e.install import Cache

CACHE = Path(os.environ.get("CLAWMEND_BENCH_CACHE") or "~/.cache/clawmend-bench").expanduser().absolute()
TESTS = Path(__file__).parents[1]
_MOUNTS = """\
over=$1; shift
while [ "$1" != -- ]; do mount --bind "$1" "$1"; shift; done
shift
mount -t tmpfs none "$over"
mkdir "$over/upper" "$over/work"
mount -t overlay none -o "lowerdir=/tmp,upperdir=$over/upper,workdir=$over/work" /tmp
mount -o remount,bind,ro /
exec "$@"
"""


class NoSandboxError(RuntimeError):
    """This machine makes no namespaces for us; the message says what it said."""


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder for one run, on the disk of the user's home and not below /tmp, which a sandbox sees another way."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="run-", dir=CACHE, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def call(folder: Path, module: str, function: str, arguments: dict[str, Any], *writable: Path, seconds: float) -> Any:
    """Call a function of the benchmark in a sandbox in which only these folders can be changed; its answer."""
    inside = Path(tempfile.mkdtemp(prefix="inside-", dir=folder))
    (inside / "over").mkdir()
    (inside / "request.json").write_text(json.dumps([module, function, arguments]))
    command = [
        *("unshare", "--mount", "--pid", "--net", "--ipc", "--fork", "--kill-child", "--mount-proc"),
        *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]),
        *("sh", "-ec", _MOUNTS, "sh", str(inside / "over"), str(folder), *map(str, writable), "--"),
        *(sys.executable, "-m", "bench.within", str(inside)),
    ]
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8"}
    environment["PYTHONPATH"] = os.pathsep.join([str(TESTS.parent / "daemon"), str(TESTS)])
    environment |= {"HOME": str(inside), "CLAWMEND_BENCH_CACHE": str(CACHE)}
    environment["CLAWMEND_E2E_CACHE"] = str(Cache.of_user().folder)
    ended = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
        timeout=seconds, check=False,
    )  # fmt: skip
    try:
        return json.loads((inside / "answer.json").read_text())
    except FileNotFoundError:
        raise NoSandboxError(f"{module}.{function} gave no answer: {ended.stderr.strip()[-600:]}") from None


def refusal() -> str | None:
    """Why there can be no sandbox on this machine, or None when there can be one."""
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return "other people's programs are run in Linux namespaces only, and this machine has no unshare"
    with scratch() as folder:
        try:
            call(folder, "bench.within", "alone", {}, seconds=60)
        except (NoSandboxError, subprocess.TimeoutExpired) as error:
            return str(error)
    return None

"""config.toml, the settings of clawmend itself: where it lies, reading it, and making a new one."""

import os
import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress

from clawmend.core.configuration import Configuration, Problem
from clawmend.core.errors import ClawmendError
from clawmend.core.notify_options import DESKTOP
from clawmend.core.state import Absent, Unreadable
from clawmend.system.durable import adopt, flush, private_folder, write_all
from clawmend.system.files import RealFiles
from clawmend.system.machine import own_home
from clawmend.system.misfits import Misfit
from clawmend.system.sentences import as_sentence
from clawmend.system.toml_lines import line_of
from clawmend.system.validating import policy_of
from clawmend.system.validating_metrics import metrics_of
from clawmend.system.validating_notify import NAME, notify_of
from clawmend.system.validating_operation import operation_of

_LIMIT = 2**20
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_POSITION = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)")
_ANYBODY_WRITES = 0o002
_ANYBODY_READS = 0o044


def find_configuration(option: str | None, environment: Mapping[str, str]) -> str:
    """Tell the path of config.toml. It is the operator's, so it does not depend on whose home is looked at."""
    if option:
        return os.path.abspath(os.path.expanduser(option))
    base = environment.get("XDG_CONFIG_HOME", "")
    folder = base if os.path.isabs(base) else os.path.join(own_home(environment), ".config")
    return os.path.join(folder, "clawmend", "config.toml")


def read_configuration(path: str, rules: Mapping[str, str], *, required: bool) -> Configuration:
    """Read a config.toml; `rules` are the known rules, name by id; `required`: somebody named this very file.

    ClawmendError when it is there and cannot be read, or may be changed by anybody: what it forbids would be done.
    """
    contents = RealFiles().read(path, _LIMIT)
    if isinstance(contents, Absent):
        if required:
            raise ClawmendError(f"there is no file {path}", f"make one with: clawmend config init --config {path}")
        return Configuration(path, found=False)
    if isinstance(contents, Unreadable):
        raise ClawmendError(f"{path} {contents.problem}", contents.remedy)
    if contents.identity.mode & _ANYBODY_WRITES:
        raise ClawmendError(f"{path} may be changed by anybody, so it is not obeyed", f"run: chmod o-w {path}")
    try:
        text = contents.data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = contents.data.count(b"\n", 0, error.start) + 1
        return _broken(path, line, "this is no UTF-8 text")
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        found = _POSITION.search(str(error))
        return _broken(path, _line(found, text), _syntax_problem(error, found))
    policy, misfits = policy_of(tables, rules)
    operation, of_operation = operation_of(tables)
    notify, of_notify = notify_of(tables)
    if any(target.mark != DESKTOP for target in notify.targets) and contents.identity.mode & _ANYBODY_READS:
        readable = f"holds addresses with tokens and may be read by others; run: chmod 600 {path}"
        of_notify = (*of_notify, Misfit((NAME, "targets"), readable))
    metrics, of_metrics = metrics_of(tables)
    everything = (*misfits, *of_operation, *of_notify, *of_metrics)
    problems = (Problem(path, line_of(text, one.keys), dotted(one.keys), one.text) for one in everything)
    ordered = tuple(sorted(problems, key=lambda one: one.line or 0))
    return Configuration(path, True, policy, ordered, operation, notify, metrics)


def write_new(path: str, text: str) -> None:
    """Write a new config.toml, for its owner only; ClawmendError when there is one already."""
    with as_sentence("write", path):
        private_folder(os.path.dirname(path))
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            descriptor = os.open(path, flags, 0o600)
        except FileExistsError as error:
            raise ClawmendError(f"there already is a file {path}; it was left as it is") from error
        try:
            adopt(descriptor, os.path.dirname(path))
            write_all(descriptor, text.encode())
            flush(descriptor)
        except BaseException:
            with suppress(OSError):
                os.unlink(path)
            raise
        finally:
            os.close(descriptor)


def dotted(keys: tuple[str, ...]) -> str:
    """A key path as TOML writes it: `plan.models."qwen3.5-plus"`."""
    return ".".join(key if _BARE.fullmatch(key) else f'"{key}"' for key in keys)


def _line(position: re.Match[str] | None, text: str) -> int | None:
    if position is None:
        return None
    return int(position["line"]) if position["line"] else text.count("\n") + 1


def _broken(path: str, line: int | None, text: str) -> Configuration:
    return Configuration(path, found=True, problems=(Problem(path, line, "", text),))


def _syntax_problem(error: Exception, position: re.Match[str] | None) -> str:
    if isinstance(error, RecursionError):
        return "this is nested too deeply"
    said = _POSITION.sub("", str(error)).rstrip(".")
    column = f" (column {position['column']})" if position and position["column"] else ""
    return f"this is no TOML: {said[:1].lower()}{said[1:]}{column}"

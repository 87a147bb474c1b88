"""Running other people's programs: with a deadline, without a shell, and with nothing to read but what is given."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from clawmend.core.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended: its exit code and what it printed. Both texts may hold keys: they are never shown raw."""

    code: int
    output: str = field(repr=False)
    errors: str = field(default="", repr=False)


def run(command: list[str], environment: Mapping[str, str], timeout: float, text: str | None = None) -> Ran | None:
    """Run a program to its end; None when it is not there or does not end within `timeout` seconds.

    `text` is what it reads on standard input; without one there is nothing to read.
    """
    import subprocess  # noqa: PLC0415 - most runs start no other program

    given: dict[str, Any] = {"stdin": subprocess.DEVNULL} if text is None else {"input": text}
    try:
        result = subprocess.run(  # noqa: S603 - the words are ours, names come from files we found ourselves
            command,
            env=dict(environment),
            **given,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return Ran(result.returncode, result.stdout, result.stderr)

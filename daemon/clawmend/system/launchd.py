"""Starting and restarting a launchd agent, with the races that launchctl has.

`bootstrap` answers 5 ("Input/output error") while the agent that was booted out a moment ago is still being torn
down, and whoever gives up there leaves the gateway stopped (openclaw#136453). So it is waited until `print` says that
it is gone (113), tried again with growing pauses, and at last kicked if it is there after all.
"""

import os

from clawmend.system.machine import Clock
from clawmend.system.services import Service, run_manager

NOT_FOUND = 113
_IO_ERROR = 5
_ALREADY = frozenset({37, 17})  # in progress; there already
_PAUSES = (1.0, 2.0, 4.0, 8.0)  # seconds
_TEARDOWN_SECONDS = 10.0
_TIMEOUT = 30.0


def restart_agent(service: Service, clock: Clock) -> str | None:
    """Have launchd end and start it; None when it is under way, else why not."""
    if not _is_loaded(service):
        return start_agent(service, clock)
    return _kick(service, "-k")


def start_agent(service: Service, clock: Clock) -> str | None:
    """Have launchd start it, loaded or not; None when it is under way, else why not."""
    if _is_loaded(service):
        return _kick(service)
    code: int | None = None
    for pause in (0.0, *_PAUSES):
        if pause:
            _wait_until_gone(service, clock)
            clock.sleep(pause)
        code = _launchctl("bootstrap", _domain(), service.path)
        if code == 0:
            return None
        if code not in {_IO_ERROR, *_ALREADY}:
            break
        if code in _ALREADY:
            return _kick(service)
    if _is_loaded(service):
        return _kick(service)
    said = "did not answer" if code is None else f"failed with error {code}"
    return f"launchctl bootstrap {_domain()} {service.path} {said}; start it by hand"


def _kick(service: Service, *options: str) -> str | None:
    code = _launchctl("kickstart", *options, _target(service))
    if code == 0:
        return None
    said = "did not answer" if code is None else f"failed with error {code}"
    return f"launchctl {' '.join(('kickstart', *options, _target(service)))} {said}; start it by hand"


def _wait_until_gone(service: Service, clock: Clock) -> None:
    deadline = clock.monotonic() + _TEARDOWN_SECONDS
    while _is_loaded(service) and clock.monotonic() < deadline:
        clock.sleep(0.5)


def _is_loaded(service: Service) -> bool:
    return _launchctl("print", _target(service)) == 0


def _launchctl(*words: str) -> int | None:
    result = run_manager(["launchctl", *words], _TIMEOUT)
    return None if result is None else result.code


def _domain() -> str:
    return f"gui/{os.getuid()}"


def _target(service: Service) -> str:
    return f"{_domain()}/{service.name}"

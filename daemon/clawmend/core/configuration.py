"""What was read from config.toml, and what is wrong with it."""

from dataclasses import field

from clawmend.core.errors import ClawmendError
from clawmend.core.frozen import dataclass
from clawmend.core.metrics_options import MetricsOptions
from clawmend.core.notify_options import NotifyOptions
from clawmend.core.operation import DEFAULT_OPERATION, Operation
from clawmend.core.policy import DEFAULT_POLICY, Policy


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with the file, as a sentence. `line` counts from 1; None where it is not known.

    `key` is the key path as TOML writes it, empty where the file is no TOML at all.
    """

    path: str
    line: int | None
    key: str
    text: str

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{where}: {self.key} {self.text}" if self.key else f"{where}: {self.text}"


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a config.toml says. `found` is whether there is one; without one the defaults hold.

    With `problems` the policy and the operation are what could be understood, which nobody should act on.
    """

    path: str
    found: bool
    policy: Policy = DEFAULT_POLICY
    problems: tuple[Problem, ...] = ()
    operation: Operation = DEFAULT_OPERATION
    notify: NotifyOptions = field(default_factory=NotifyOptions)
    metrics: MetricsOptions = field(default_factory=MetricsOptions)

    def checked_policy(self) -> Policy:
        """The policy; ClawmendError when there is any problem with the file."""
        self._check()
        return self.policy

    def checked_notify(self) -> NotifyOptions:
        """Where notices go; ClawmendError when there is any problem with the file."""
        self._check()
        return self.notify

    def _check(self) -> None:
        if not self.problems:
            return
        others = len(self.problems) - 1
        more = f" (and {others} more: clawmend config check)" if others else ""
        raise ClawmendError(f"{self.problems[0]}{more}")

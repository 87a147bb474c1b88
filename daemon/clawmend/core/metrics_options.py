"""What the operator wants measured: the table `[metrics]` of config.toml as a value."""

from clawmend.core.frozen import dataclass


@dataclass(frozen=True, slots=True)
class MetricsOptions:
    """Where the figures go. `file` is a path, "" for the one in the state folder, None for none.

    `port` is where they are served on 127.0.0.1, None for nowhere.
    """

    file: str | None = None
    port: int | None = None

    @property
    def wanted(self) -> bool:
        """Whether anything is to be measured at all."""
        return self.file is not None or self.port is not None

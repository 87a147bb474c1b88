"""Telling the figures after a turn: to a file, to whoever asks on the port, or to nobody, which costs nothing."""

import os
from collections.abc import Callable
from typing import Protocol

from clawmend import __version__
from clawmend.core.errors import ClawmendError
from clawmend.core.gateway import GatewayHealth
from clawmend.core.metrics import Figure, Measured, Tally, figures, tally
from clawmend.core.metrics_options import MetricsOptions
from clawmend.core.printable import printable, shown_path
from clawmend.core.snapshot import Snapshot
from clawmend.repair.looking import Diagnosis
from clawmend.system.history import History
from clawmend.system.machine import Clock, Place
from clawmend.system.memory import MemoryStore
from clawmend.system.outbox import Outbox
from clawmend.system.report_file import refuse_their_folders

FILE = "metrics.prom"


class Served(Protocol):
    """A server that can be ended."""

    def close(self) -> None:
        """Stop serving."""
        ...


class Metrics:
    """The figures of a watcher. `read` gives what the last look found, None before there was one."""

    def __init__(self, place: Place, clock: Clock, read: Callable[[], Diagnosis | None]) -> None:
        self._place, self._clock, self._read = place, clock, read
        self._signature: tuple[int, int] | None = None
        self._tally = Tally()
        self._port: int | None = None
        self._endpoint: Served | None = None
        self._told: tuple[Figure, ...] = ()

    def tell(self, options: MetricsOptions, contested: int) -> None:
        """Tell the figures as they are now; ClawmendError when they cannot be told."""
        if not options.wanted and self._endpoint is None:
            return
        if options.wanted:
            self._told = self._figures(contested)
        self._serve(options.port)
        if options.file is not None:
            from clawmend.system.exposition import write_figures  # noqa: PLC0415 - only with metrics

            if options.file:
                refuse_their_folders(options.file, self._place.home)
            write_figures(
                options.file or os.path.join(self._place.state, FILE), self._told, open_to_all=bool(options.file)
            )

    def close(self) -> None:
        """Stop serving."""
        if self._endpoint is not None:
            self._endpoint.close()
        self._endpoint = self._port = None

    def _serve(self, port: int | None) -> None:
        if port == self._port:
            return
        if self._endpoint is not None:
            self.close()
        if port is not None:
            from clawmend.system.exposition import Endpoint  # noqa: PLC0415 - only with metrics

            self._endpoint = Endpoint(port, lambda: self._told)
            self._port = port

    def _figures(self, contested: int) -> tuple[Figure, ...]:
        history = History(self._place.state)
        signature = _signature(history.path)
        if signature != self._signature:  # whoever repaired: the history knows
            self._tally, self._signature = _tally(history, self._place.home), signature
        return figures_of(self._place, self._clock, self._read(), contested, self._tally)


def figures_of(
    place: Place, clock: Clock, diagnosis: Diagnosis | None, contested: int, known: Tally | None = None
) -> tuple[Figure, ...]:
    """The figures of a home; ClawmendError when what they are made from cannot be read."""
    snapshot = diagnosis.snapshot if diagnosis else None
    return figures(
        Measured(
            version=__version__,
            look=snapshot.now if snapshot else None,
            findings=diagnosis.findings if diagnosis else (),
            gateways=_gateways(snapshot) if snapshot else {},
            tally=_tally(History(place.state), place.home) if known is None else known,
            restarts=MemoryStore(place.state, clock).read().restarts,
            contested=contested,
            messages=Outbox(place.state).all(),
        )
    )


def _gateways(snapshot: Snapshot) -> dict[str, GatewayHealth]:
    return {shown_path(snapshot.home, one.directory): one.health for one in snapshot.openclaws}


def _tally(history: History, home: str) -> Tally:
    return tally(one for one in reversed(tuple(history.newest_first())) if one.home == printable(home))


def _signature(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ClawmendError(f"{path} cannot be looked at: {error.strerror}", f"see: ls -l {path}") from error
    return status.st_size, status.st_mtime_ns

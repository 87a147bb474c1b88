"""Figures for Prometheus: as text, as a file for its node exporter, and served on 127.0.0.1 and nowhere else.

prometheus-client is loaded here, and only when somebody wants figures: the watcher stays lean.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from clawmend.core.errors import ClawmendError
from clawmend.core.metrics import Figure
from clawmend.system.durable import replace_whole
from clawmend.system.sentences import as_sentence

HOST = "127.0.0.1"


class _Collector:
    """What prometheus-client asks for the figures, each time somebody looks."""

    def __init__(self, read: Callable[[], Iterable[Figure]]) -> None:
        self._read = read

    def collect(self) -> Iterator[Any]:
        """Make its families from ours."""
        from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily  # noqa: PLC0415 - see above

        for figure in self._read():
            family = CounterMetricFamily if figure.counts else GaugeMetricFamily
            made = family(figure.name, figure.help, labels=figure.labels)
            for labels, value in figure.values.items():
                made.add_metric(labels, value)
            yield made


def as_text(figures: Iterable[Figure]) -> bytes:
    """The figures in the text format."""
    from prometheus_client import generate_latest  # noqa: PLC0415 - see above

    return bytes(generate_latest(_registry(lambda: figures)))


def write_figures(path: str, figures: Iterable[Figure], *, open_to_all: bool) -> None:
    """Replace the file, whole or not at all; ClawmendError when it cannot be written. Its folder has to be there.

    `open_to_all`: others may read it, because an exporter runs as a user of its own.
    """
    with as_sentence("write", path):
        replace_whole(path, as_text(figures), 0o644 if open_to_all else 0o600, exactly=True)


class Endpoint:
    """A server of the figures on 127.0.0.1; ClawmendError when the port is taken."""

    def __init__(self, port: int, read: Callable[[], Iterable[Figure]]) -> None:
        from prometheus_client import start_http_server  # noqa: PLC0415 - see above

        try:
            self._server, self._thread = start_http_server(port, addr=HOST, registry=_registry(read))
        except OSError as error:
            raise ClawmendError(
                f"the figures cannot be served on {HOST}:{port}: {error.strerror}",
                "name another port in config.toml: [metrics] port",
            ) from error
        self.port = int(self._server.server_port)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _registry(read: Callable[[], Iterable[Figure]]) -> Any:
    from prometheus_client import CollectorRegistry  # noqa: PLC0415 - see above

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(read))
    return registry

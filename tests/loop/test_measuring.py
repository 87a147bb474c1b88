"""The figures of a watcher: in a file, on a port of this machine only, and free of charge when nobody wants them."""

import socket
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from clawmend.core.errors import ClawmendError
from clawmend.core.metrics_options import MetricsOptions
from clawmend.core.receipt import Fault, Receipt
from clawmend.loop.measuring import Metrics
from clawmend.system.exposition import Endpoint
from clawmend.system.history import History
from clawmend.system.machine import Place
from loop.bed import Bed
from repair.home import Home
from system.fakes import DAEMON, FakeClock


@pytest.fixture
def place(home: Home) -> Place:
    home.state.mkdir(exist_ok=True)
    return Place(str(home.path), str(home.state), environment={})


def test_the_file_holds_what_the_last_look_found_and_what_was_done_since(bed: Bed, home: Home, place: Place) -> None:
    home.write(home.models, home.models.read_text().replace("coding-intl.", "old."))
    bed.turn()
    metrics = Metrics(place, FakeClock(), lambda: bed.engine.last.seen if bed.engine.last else None)
    metrics.tell(MetricsOptions(file=""), 2)
    path = home.state / "metrics.prom"
    text = path.read_text()
    assert 'clawmend_repairs_total{rule="OC101"} 1.0\n' in text
    assert "clawmend_contested 2.0\n" in text
    assert "clawmend_last_look_timestamp_seconds 1.8e+09\n" in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    fault = Fault("f", "OC101", "n", "error", "~/x", "s")
    receipt = Receipt("2", 1.0, "repair", str(home.path), None, "repaired", 7.0, mended=(fault,))
    History(place.state).append(receipt)
    metrics.tell(MetricsOptions(file=""), 0)
    assert 'clawmend_repairs_total{rule="OC101"} 2.0\n' in path.read_text()
    assert [one.name for one in home.state.iterdir() if "metrics" in one.name] == ["metrics.prom"]


def test_what_a_watcher_that_was_killed_left_of_it_goes_with_the_next_one(home: Home, place: Place) -> None:
    home.state.mkdir(parents=True, exist_ok=True)
    (home.state / "metrics.prom.clawmend-0badf00d").write_text("half")
    Metrics(place, FakeClock(), lambda: None).tell(MetricsOptions(file=""), 0)
    assert [one.name for one in home.state.iterdir() if "metrics" in one.name] == ["metrics.prom"]


def test_a_path_that_was_named_may_be_read_by_the_exporter_and_is_never_among_openclaws_files(
    place: Place, tmp_path: Path
) -> None:
    metrics = Metrics(place, FakeClock(), lambda: None)
    metrics.tell(MetricsOptions(file=str(tmp_path / "x.prom")), 0)
    assert stat.S_IMODE((tmp_path / "x.prom").stat().st_mode) == 0o644
    with pytest.raises(ClawmendError, match="no place for files of clawmend"):
        metrics.tell(MetricsOptions(file=f"{place.home}/.openclaw/x.prom"), 0)


def test_whoever_asks_on_the_port_gets_them_until_nobody_wants_them_any_more(place: Place) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
    metrics = Metrics(place, FakeClock(), lambda: None)
    metrics.tell(MetricsOptions(port=port), 0)
    metrics.tell(MetricsOptions(port=port), 5)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        assert b"clawmend_contested 5.0" in answer.read()
    metrics.tell(MetricsOptions(), 0)
    with pytest.raises(OSError, match="refused"), socket.create_connection(("127.0.0.1", port), timeout=10):
        pass
    metrics.close()


def test_it_listens_on_this_machine_only(place: Place) -> None:
    del place
    endpoint = Endpoint(0, lambda: ())
    try:
        assert endpoint._server.server_address[0] == "127.0.0.1"
    finally:
        endpoint.close()


def test_a_port_that_is_taken_is_one_sentence(place: Place) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        metrics = Metrics(place, FakeClock(), lambda: None)
        with pytest.raises(ClawmendError, match=r"cannot be served on 127\.0\.0\.1:"):
            metrics.tell(MetricsOptions(port=holder.getsockname()[1]), 0)
        metrics.close()


def test_nobody_who_wants_no_figures_loads_what_makes_them(place: Place) -> None:
    Metrics(place, FakeClock(), lambda: None).tell(MetricsOptions(), 0)
    assert not (Path(place.state) / "metrics.prom").exists()
    code = "import clawmend.loop.daemon, sys; sys.exit('prometheus_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(DAEMON)}, check=False).returncode == 0

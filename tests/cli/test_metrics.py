"""`clawmend metrics`: the figures, and a dashboard that asks for no other ones."""

import json
import re

from clawmend.core.metrics import Measured, figures
from cli.run import VERSION, CommandLine
from repair.home import Home, cache

_NAME = re.compile(r"\bclawmend_\w+")
_LABELS = re.compile(r"by \(([\w, ]+)\)|\{\{(\w+)\}\}")


def test_the_figures_of_a_home(clawmend: CommandLine, home: Home) -> None:
    home.write(home.models, cache())
    run = clawmend("metrics", "show", *VERSION)
    assert run.code == 0
    assert 'clawmend_findings{rule="OC101",severity="error"} 1.0\n' in run.out
    rows = clawmend("metrics", "show", "--json", *VERSION).json["metrics"]
    assert {"name": "clawmend_contested", "labels": {}, "value": 0.0} in rows
    assert not home.state.exists()


def test_the_dashboard_has_what_grafana_requires_and_asks_for_figures_that_exist(clawmend: CommandLine) -> None:
    dashboard = json.loads(clawmend("metrics", "dashboard").out)
    assert dashboard["schemaVersion"] >= 36
    assert dashboard["title"]
    assert dashboard["uid"]
    known = {one.name: set(one.labels) for one in figures(Measured(version="1"))}
    asked: set[str] = set()
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)
    cells: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        assert panel["type"] in {"stat", "timeseries", "table"}
        assert panel["title"]
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        place = panel["gridPos"]
        assert set(place) == {"h", "w", "x", "y"}
        assert place["x"] + place["w"] <= 24
        mine = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                for y in range(place["y"], place["y"] + place["h"])}  # fmt: skip
        assert not mine & cells, panel["title"]
        cells |= mine
        for target in panel["targets"]:
            names = _NAME.findall(target["expr"])
            assert names
            assert set(names) <= known.keys(), target["expr"]
            asked |= set(names)
            labels = {one for name in names for one in known[name]}
            for found in _LABELS.finditer(target["expr"] + target["legendFormat"]):
                assert {one.strip() for one in (found[1] or found[2]).split(",")} <= labels, target
    assert asked == known.keys()
    assert dashboard["templating"]["list"][0]["name"] == "datasource"


def test_settings_for_figures_are_checked_with_their_lines(clawmend: CommandLine, home: Home) -> None:
    path = home.path / ".config/clawmend/config.toml"
    home.write(path, '[metrics]\nfile = "figures.txt"\nport = 80\nhost = "0.0.0.0"\n')
    run = clawmend("config", "check")
    assert run.code == 2
    out = run.out.replace("\n", " ")
    assert f'{path}:2: metrics.file is "figures.txt", and has to be true, false, or a path' in out
    assert f"{path}:3: metrics.port is 80, and has to be a number from 1024" in out
    assert f"{path}:4: metrics.host is unknown" in out
    home.write(path, "[metrics]\nfile = true\nport = 9464\n")
    out = clawmend("config", "show").out
    assert "metrics.file            in the state folder\n" in out
    assert "metrics.port            9464\n" in out
    home.write(path, '[metrics]\nfile = "/x/y.prom"\nport = false\n')
    assert clawmend("config", "show", "--json").json["metrics"] == {"file": "/x/y.prom", "port": None}

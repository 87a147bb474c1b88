"""`clawmend metrics`: the figures as they are now, and a dashboard that shows them."""

from importlib.resources import files as resources

import click

from clawmend.cli.app import Command, Group, Settings, answer
from clawmend.cli.report import SCHEMA
from clawmend.loop.measuring import figures_of
from clawmend.loop.status import read_status
from clawmend.repair.looking import look_at
from clawmend.system.exposition import as_text
from clawmend.system.files import RealFiles
from clawmend.system.machine import RealClock
from clawmend.system.pretend import ReadOnlyFiles


@click.group(cls=Group)
def metrics() -> None:
    """Show the figures for Prometheus, and a dashboard for Grafana."""


@metrics.command("show", cls=Command)
@click.pass_obj
def show_command(settings: Settings) -> None:
    """Look, and print the figures; the watcher tells them when config.toml has a table [metrics]."""
    place, clock = settings.place(), RealClock()
    look = look_at(place, ReadOnlyFiles(RealFiles()), clock, settings.openclaw_version, settings.policy())
    status = read_status(place.state)
    found = figures_of(place, clock, look, len(status.contested) if status else 0)
    if not settings.json:
        click.echo(as_text(found).decode(), nl=False)
        return
    rows = [
        {"name": one.name, "labels": dict(zip(one.labels, labels, strict=True)), "value": value}
        for one in found
        for labels, value in one.values.items()
    ]
    answer({"schema": SCHEMA, "metrics": rows})


@metrics.command("dashboard", cls=Command)
@click.pass_obj
def dashboard_command(settings: Settings) -> None:
    """Print a dashboard for Grafana, ready to be imported."""
    del settings
    click.echo(resources("clawmend").joinpath("grafana/dashboard.json").read_text("utf-8"), nl=False)

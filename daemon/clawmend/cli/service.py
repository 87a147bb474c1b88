"""`clawmend service`: the unit or agent by which the machine itself can start clawmend."""

import sys

import click

from clawmend.cli.app import Command, Group, Settings, answer
from clawmend.cli.report import SCHEMA
from clawmend.system.units import NAMES, own_command, unit_text


@click.group(cls=Group)
def service() -> None:
    """Print the systemd unit or launchd agent."""


@service.command("print", cls=Command)
@click.argument("manager", type=click.Choice(sorted(NAMES)), required=False)
@click.pass_obj
def print_command(settings: Settings, manager: str | None) -> None:
    """Print the unit (systemd) or agent (launchd) with the path of this clawmend filled in; installs nothing."""
    manager = manager or ("launchd" if sys.platform == "darwin" else "systemd")
    text = unit_text(manager, own_command())
    if settings.json:
        answer({"schema": SCHEMA, "manager": manager, "name": NAMES[manager], "text": text})
    else:
        click.echo(text, nl=False)

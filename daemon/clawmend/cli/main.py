"""The command line: `clawmend COMMAND`. Commands are loaded when they are asked for, so that `--help` is quick."""

import sys

if "watch" in sys.argv[1:]:  # before what is imported below imports hashlib
    from clawmend.system.footprint import hash_without_openssl

    hash_without_openssl()

import click

from clawmend import __version__
from clawmend.cli.app import Group, guarded
from clawmend.cli.output import outlive_the_reader

_LAZY = {
    "check": ("clawmend.cli.check", "check"),
    "repair": ("clawmend.cli.repair", "repair_command"),
    "undo": ("clawmend.cli.undo", "undo_command"),
    "watch": ("clawmend.cli.watch", "watch"),
    "backups": ("clawmend.cli.backups", "backups"),
    "history": ("clawmend.cli.history", "history"),
    "report": ("clawmend.cli.bug_report", "report_command"),
    "pause": ("clawmend.cli.pause", "pause_command"),
    "resume": ("clawmend.cli.pause", "resume_command"),
    "rules": ("clawmend.cli.rules", "rules"),
    "explain": ("clawmend.cli.rules", "explain"),
    "status": ("clawmend.cli.status", "status_command"),
    "config": ("clawmend.cli.config", "config"),
    "notify": ("clawmend.cli.notify", "notify"),
    "metrics": ("clawmend.cli.metrics", "metrics"),
    "service": ("clawmend.cli.service", "service"),
    "demo": ("clawmend.cli.demo", "demo"),
    "completion": ("clawmend.cli.completion", "completion"),
}

# One line per command: `--help` must not load the modules behind them.
_SUMMARIES = {
    "check": "Look and report; writes nothing anywhere.",
    "repair": "Back up, repair, restart the gateway if needed, verify; roll back if worse.",
    "undo": "Put back, byte for byte, what a repair changed.",
    "watch": "Watch, and repair what may be repaired; what the service runs.",
    "backups": "List, show, verify and prune the checkpoints.",
    "history": "List what was found and done, newest first.",
    "report": "Write a bug report without secrets; you see it before it is kept.",
    "pause": "Touch nothing for a while, or until it is resumed.",
    "resume": "End the pause.",
    "rules": "List the rules.",
    "explain": "Explain a rule, or an error message pasted as it is.",
    "status": "Is the daemon alive, what does it watch, what did it do.",
    "config": "Make, show and check the settings of clawmend itself.",
    "notify": "Try the notification channels, and see what was sent.",
    "metrics": "Show the figures for Prometheus, and a dashboard for Grafana.",
    "service": "Install, remove, show and print the service that watches.",
    "demo": "Break a home in a temporary folder, repair it, undo it; needs no OpenClaw.",
    "completion": "Print the completion script for your shell.",
}


class _Main(Group):
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_SUMMARIES.items()))


@click.command(
    cls=_Main,
    lazy=_LAZY,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="clawmend %(version)s")
def main() -> None:
    """Watch the state OpenClaw and Claude Code keep on disk, repair what rots, and be able to undo it."""


def entry() -> None:
    """The console script."""
    outlive_the_reader()
    sys.exit(guarded(lambda: main.main(standalone_mode=False, prog_name="clawmend") or 0))

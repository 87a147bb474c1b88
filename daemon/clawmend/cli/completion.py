"""`clawmend completion SHELL`: the script that makes Tab work."""

import click
from click.shell_completion import get_completion_class

from clawmend.cli.app import Command, Settings, answer
from clawmend.cli.report import SCHEMA


@click.command("completion", cls=Command)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script for your shell: eval "$(clawmend completion bash)"."""
    settings = context.ensure_object(Settings)
    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"no completion for {shell}")
    root = context.find_root().command
    script = found(root, {}, "clawmend", "_CLAWMEND_COMPLETE").source()
    if settings.json:
        answer({"schema": SCHEMA, "shell": shell, "script": f"{script}\n"})
    else:
        click.echo(script)

"""`clawmend completion SHELL`: the script that makes Tab work."""

import click
from click.shell_completion import get_completion_class

from clawmend.cli.app import Command, Settings


@click.command("completion", cls=Command)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script for your shell: eval "$(clawmend completion bash)"."""
    context.ensure_object(Settings)
    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"no completion for {shell}")
    root = context.find_root().command
    click.echo(found(root, {}, "clawmend", "_CLAWMEND_COMPLETE").source())

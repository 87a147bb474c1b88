"""What every command shares: the global options, the one error boundary, and where answers go."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.machinery import EXTENSION_SUFFIXES
from io import TextIOWrapper
from typing import Any, NoReturn

import click

from clawmend import __version__
from clawmend.cli.output import end_output
from clawmend.core.configuration import Configuration
from clawmend.core.errors import ClawmendError
from clawmend.core.policy import Policy
from clawmend.core.printable import one_line
from clawmend.core.secret import Masker
from clawmend.core.version import Version
from clawmend.system.machine import Place, RealClock, find_place, mask_key

OK, FINDINGS, FAILED, OUR_BUG, WORSE = 0, 1, 2, 3, 4
INTERRUPTED = 130


@dataclass
class Settings:
    """The global options, wherever on the command line they stood."""

    home: str | None = None
    state_dir: str | None = None
    config: str | None = None
    openclaw_version: str | None = None
    format: str = "text"
    no_color: bool = False
    quiet: bool = False
    verbose: bool = False
    _configuration: Configuration | None = None

    def place(self) -> Place:
        """Whose home and which state folder; ClawmendError when the home is not there, or a state folder is none."""
        place = find_place(self.home, self.state_dir, os.environ)
        if not os.path.isdir(place.home):
            raise ClawmendError(f"there is no folder {place.home}", "name another one with --home")
        if not os.access(place.home, os.R_OK | os.X_OK):
            raise ClawmendError(f"the folder {place.home} may not be read by this user", "run clawmend as its owner")
        if self.state_dir or os.environ.get("CLAWMEND_STATE_DIR"):  # below a home of /dev/null one can still look
            _refuse_file(place.state)
        return place

    def configuration(self) -> Configuration:
        """config.toml with its problems, read once; ClawmendError when it cannot be read at all."""
        if self._configuration is None:
            self._configuration = self.read_configuration()
        return self._configuration

    def read_configuration(self) -> Configuration:
        """config.toml as it is now; ClawmendError when it cannot be read at all."""
        from clawmend.rules.registry import RULES  # noqa: PLC0415 - `--help` needs neither
        from clawmend.system.configuration import read_configuration  # noqa: PLC0415 - as above

        names = {rule.id: rule.name for rule in RULES}
        return read_configuration(self.config_path(), names, required=self.config is not None)

    def config_path(self) -> str:
        """Where config.toml is, or would be."""
        from clawmend.system.configuration import find_configuration  # noqa: PLC0415 - as above

        return find_configuration(self.config, os.environ)

    def policy(self) -> Policy:
        """What the operator has decided; ClawmendError when config.toml has a problem."""
        return self.configuration().checked_policy()

    def screen(self) -> Any:
        """Where text goes (a render.Screen), in the way that was asked for."""
        from clawmend.cli.render import Screen  # noqa: PLC0415 - JSON needs no rich

        return Screen(color=not self.no_color, quiet=self.quiet, verbose=self.verbose)

    @property
    def json(self) -> bool:
        """Whether the answer is JSON."""
        return self.format == "json"


def _refuse_file(state: str) -> None:
    """ClawmendError when a file stands where the state folder is, or where one would have to be made for it."""
    while not os.path.lexists(state):
        state = os.path.dirname(state)
    if not os.path.isdir(state):
        raise ClawmendError(f"{state} is no folder", "name another one with --state-dir")


def answer(document: dict[str, Any]) -> None:
    """Write a JSON answer: UTF-8 whatever the terminal's encoding is, and nothing else on standard output."""
    import orjson  # noqa: PLC0415 - text needs none of it

    sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


def _path(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.strip():
        raise click.BadParameter("the name is empty")  # an unset variable must not mean one's own home
    return value


def _version_option(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and Version.parse(value) is None:
        raise click.BadParameter(f"{value!r} is no OpenClaw version; write it like 2026.3.2")
    return value


def global_options() -> list[click.Option]:
    """The options that every command takes, before and after its name."""
    return [
        click.Option(["--home"], metavar="DIR", callback=_path, help="Whose home to look at (default: yours)."),
        click.Option(["--state-dir"], metavar="DIR", callback=_path, help="Where clawmend keeps its backups."),
        click.Option(["--config"], metavar="FILE", callback=_path, help="Our own settings (see: clawmend config)."),
        click.Option(
            ["--openclaw-version"],
            metavar="V",
            callback=_version_option,
            help="The OpenClaw version of the home, when it cannot be found.",
        ),
        click.Option(["--format"], type=click.Choice(["text", "json"]), default="text", help="How to answer."),
        click.Option(["--json", "format_json"], is_flag=True, help="Short for --format json."),
        click.Option(["--no-color"], is_flag=True, help="No colours (NO_COLOR works too)."),
        click.Option(["-q", "--quiet"], is_flag=True, help="Say nothing; the exit code tells."),
        click.Option(["-v", "--verbose"], is_flag=True, help="Say more."),
    ]


_NAMES = ("home", "state_dir", "config", "openclaw_version", "format", "format_json", "no_color", "quiet", "verbose")


def _collect(context: click.Context) -> None:
    """Move the global options that were given out of a command's parameters into the shared settings."""
    settings = context.ensure_object(Settings)
    for name in _NAMES:
        value = context.params.pop(name, None)
        if context.get_parameter_source(name) in {None, click.core.ParameterSource.DEFAULT}:
            continue
        if name == "format_json":
            settings.format = "json" if value else settings.format
        else:
            setattr(settings, name, value)


class Command(click.Command):
    """A command that takes the global options too."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.params.extend(global_options())

    def invoke(self, ctx: click.Context) -> Any:
        """Collect the global options, then run."""
        _collect(ctx)
        return super().invoke(ctx)


class Group(click.Group):
    """A group whose commands are loaded only when they are asked for."""

    command_class = Command

    def __init__(self, *arguments: Any, lazy: dict[str, tuple[str, str]] | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.lazy = lazy or {}
        self.params.extend(global_options())

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order in which they are declared."""
        return [*self.lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command's module when it is wanted."""
        if cmd_name not in self.lazy:
            return super().get_command(ctx, cmd_name)
        from importlib import import_module  # noqa: PLC0415 - the point of a lazy group

        module, name = self.lazy[cmd_name]
        command = getattr(import_module(module), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}.{name} is no command")
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Collect the global options, then run."""
        _collect(ctx)
        return super().invoke(ctx)


def guarded(run: Callable[[], int]) -> int:
    """The one error boundary: every way a run can end becomes an exit code and, where it helps, a sentence."""
    _open_streams()
    try:
        code = run()
        end_output()
    except ClawmendError as error:
        _say(f"clawmend: {one_line(_clean(str(error)))}")
        return FAILED
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return FAILED
    except (KeyboardInterrupt, click.Abort):
        _say("clawmend: interrupted; every file is whole (what was begun: clawmend backups list)")
        return INTERRUPTED
    except (MemoryError, ImportError) as error:
        return _not_loaded(error)
    except SystemExit as stop:  # click ends by itself after completing a word
        return FAILED if stop.code else OK
    except Exception:  # noqa: BLE001 - everything else is our bug, and the person gets a report worth pasting
        return _report_bug()
    return code


def _not_loaded(error: MemoryError | ImportError) -> int:
    """No room, also for a library's compiled part, or that part is not of this machine; any other import is our bug."""
    if isinstance(error, MemoryError):
        _say("clawmend: out of memory; every file is whole; close something, or raise the limit, and run it again")
    elif error.path is not None and error.path.endswith(tuple(EXTENSION_SUFFIXES)):
        _say(
            f"clawmend: {one_line(_clean(f'{error.path} cannot be loaded ({error})'))}; nothing more was done; "
            "if memory is short, close something, or raise the limit; if it is not, install clawmend anew"
        )
    else:
        return _report_bug()
    return FAILED


def _open_streams() -> None:
    """Make both streams fit for any text; a service may have been started with one of them closed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for as long as we live
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _say(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201 - the one place that talks when nothing else can


def _clean(text: str) -> str:
    return Masker(mask_key()).clean(text)


def _report_bug() -> int:
    """Write what happened, without values of variables and with secrets masked, and print where."""
    import traceback  # noqa: PLC0415 - bugs are rare

    from clawmend.system.durable import private_folder  # noqa: PLC0415 - hopefully never needed

    text = _clean(f"clawmend {__version__}, Python {sys.version}, {sys.platform}\n\n{traceback.format_exc()}")
    try:
        folder = os.path.join(find_place(None, None, os.environ).state, "bugs")
        path = os.path.join(folder, f"{int(RealClock().now())}-{os.getpid()}.txt")
        private_folder(folder)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except (OSError, ClawmendError):
        _say(text)
        _say("clawmend: this is a bug of clawmend; nothing more was done. Please report the text above.")
        return OUR_BUG
    _say(f"clawmend: this is a bug of clawmend; nothing more was done. A report is in {path}")
    return OUR_BUG


def leave(code: int) -> NoReturn:
    """End a command with an exit code."""
    raise click.exceptions.Exit(code)

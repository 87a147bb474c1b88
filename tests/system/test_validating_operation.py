"""[watch], [gateway] and [log] of config.toml: what they may say, and each mistake with its line."""

from pathlib import Path

import pytest

from clawmend.core.configuration import Configuration
from clawmend.core.operation import DEFAULT_OPERATION, LogFormat, LogLevel, Operation, QuietHours, WatchMode
from clawmend.system.configuration import read_configuration


def read(tmp_path: Path, text: str) -> Configuration:
    path = tmp_path / "config.toml"
    path.write_text(text)
    path.chmod(0o600)
    return read_configuration(str(path), {}, required=True)


def test_everything_that_can_be_said_holds(tmp_path: Path) -> None:
    text = """
    [watch]
    mode = "report"
    debounce = 0.5
    sweep = 300
    [gateway]
    restart_wait = 0
    quiet_hours = "23:00-07:00"
    [log]
    format = "json"
    level = "debug"
    """
    found = read(tmp_path, text)
    assert found.problems == ()
    assert found.operation == Operation(
        WatchMode.REPORT, 0.5, 300.0, 0.0, QuietHours(1380, 420), LogFormat.JSON, LogLevel.DEBUG
    )


@pytest.mark.parametrize("text", ["", "[watch]\n[gateway]\n[log]\n", 'gateway.quiet_hours = ""\n'])
def test_what_is_not_said_is_the_default(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == Configuration(str(tmp_path / "config.toml"), True, operation=DEFAULT_OPERATION)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[watch]\nmode = "manual"\n', ':2: watch.mode is "manual", and has to be one of "auto", "report"'),
        ("[watch]\nmode = true\n", ':2: watch.mode is true, and has to be one of "auto", "report"'),
        ("[watch]\n\ndebounce = 0\n", ":3: watch.debounce is 0, and has to be a number of seconds from 0.1 to 10"),
        ("watch.debounce = nan\n", ":1: watch.debounce is nan, and has to be a number of seconds from 0.1 to 10"),
        ("watch.sweep = inf\n", ":1: watch.sweep is inf, and has to be a number of seconds from 10 to 3600"),
        ('watch.sweep = "60"\n', ':1: watch.sweep is "60", and has to be a number of seconds from 10 to 3600'),
        ("watch.sweep = true\n", ":1: watch.sweep is true, and has to be a number of seconds from 10 to 3600"),
        ("watch.sweeep = 60\n", ":1: watch.sweeep is unknown; did you mean sweep?"),
        ("watch = 1\n", ":1: watch is 1, and has to be a table"),
        ("gateway.restart_wait = -1\n", ":1: gateway.restart_wait is -1, and has to be a number of seconds from 0"),
        ('gateway.quiet_hours = "23-7"\n', ':1: gateway.quiet_hours is "23-7", and has to be a time of day like'),
        ("gateway.quiet_hours = 23\n", ":1: gateway.quiet_hours is 23, and has to be a time of day like"),
        ("gateway.x = 1\n", ":1: gateway.x is unknown; there are only: restart_wait, quiet_hours"),
        ('log.level = "loud"\n', ':1: log.level is "loud", and has to be one of "debug", "info", "warning", "error"'),
        ('log.format = "xml"\n', ':1: log.format is "xml", and has to be one of "text", "json"'),
        ("log.x = 1\n", ":1: log.x is unknown; there are only: format, level"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_line_and_leaves_the_default(
    tmp_path: Path, text: str, problem: str
) -> None:
    found = read(tmp_path, text)
    (said,) = map(str, found.problems)
    assert said.startswith(f"{tmp_path}/config.toml{problem}")
    assert found.operation == DEFAULT_OPERATION

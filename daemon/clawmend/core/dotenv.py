"""The variables of a `.env` file, as the programs that read one understand it."""

from collections.abc import Mapping


def variables_in(text: str) -> Mapping[str, str]:
    """Read `NAME=value` lines; `export`, quotes around a value and comment lines are understood."""
    variables: dict[str, str] = {}
    for line in text.splitlines():
        name, separator, value = line.strip().removeprefix("export ").partition("=")
        if separator and not name.startswith("#"):
            variables[name.strip()] = value.strip().strip("\"'")
    return variables

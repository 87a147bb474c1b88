"""`python -m clawmend`."""

from clawmend.cli.main import entry

entry()

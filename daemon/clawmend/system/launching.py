"""What a service of ours has to be given so that it looks at the same home as the command that installs it."""

import os
import pwd
import shutil
from collections.abc import Mapping

from clawmend.core.errors import ClawmendError
from clawmend.system.configuration import find_configuration
from clawmend.system.machine import Place, find_place, own_home
from clawmend.system.units import Launch

# Variables that lead to another home or profile. None of them holds a secret: a unit is a file that others may read.
_LEADING = (
    "OPENCLAW_HOME",
    "OPENCLAW_STATE_DIR",
    "OPENCLAW_CONFIG_PATH",
    "OPENCLAW_PROFILE",
    "OPENCLAW_NIX_MODE",
    "OPENCLAW_AGENT_DIR",
    "OPENCLAW_GATEWAY_PORT",
    "OPENCLAW_SYSTEMD_UNIT",
    "OPENCLAW_LAUNCHD_LABEL",
    "CLAUDE_CONFIG_DIR",
)
_PROGRAMS = ("openclaw", "node", "claude")
_USUAL_PATH = ("/usr/local/bin", "/usr/bin", "/bin")


def launch_of(
    command: str,
    place: Place,
    environment: Mapping[str, str],
    *,
    home: str | None = None,
    config: str | None = None,
    openclaw_version: str | None = None,
) -> Launch:
    """Make the command line and the variables of `clawmend watch` for a place.

    `environment` is ours, the others are the options that were given. A service has another environment than a shell,
    and what counted here has to count there.
    """
    words = [command, "watch"]
    for option, value in (("--home", home and place.home), ("--openclaw-version", openclaw_version)):
        words += [option, value] if value else []
    variables = {} if home else {name: environment[name] for name in _LEADING if environment.get(name)}
    own = own_home(environment)
    if own != home_of_user():
        variables["HOME"] = own
    if place.state != find_place(None, None, {"HOME": own}).state:
        variables["CLAWMEND_STATE_DIR"] = place.state
    if config:
        words += ["--config", os.path.abspath(os.path.expanduser(config))]
    elif find_configuration(None, environment) != find_configuration(None, {"HOME": own}):
        variables["XDG_CONFIG_HOME"] = environment["XDG_CONFIG_HOME"]
    path = _path_of_programs(environment.get("PATH", ""))
    if path:
        variables["PATH"] = path
    return Launch(tuple(words), variables)


def refuse_foreign(place: Place) -> None:
    """Refuse a home that belongs to somebody else: a service of one user must not repair another's files."""
    owner = os.stat(place.home).st_uid
    if owner == os.geteuid():
        return
    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        name = f"user {owner}"
    raise ClawmendError(
        f"the home {place.home} belongs to {name}, and a service has to be installed by its owner",
        f"log in as {name} and run clawmend service install there",
    )


def home_of_user() -> str:
    """The home that the machine itself knows for this user, as a service manager gives it; empty where none is."""
    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return ""


def _path_of_programs(path: str) -> str:
    """A PATH with the folders in which the programs are found now; empty when the usual one finds the same."""
    found = [shutil.which(name, path=path) for name in _PROGRAMS]
    folders = [os.path.dirname(program) for program in found if program and os.path.isabs(program)]
    unusual = [folder for folder in folders if folder not in _USUAL_PATH]
    return os.pathsep.join(dict.fromkeys([*unusual, *_USUAL_PATH])) if unusual else ""

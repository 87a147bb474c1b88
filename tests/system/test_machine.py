import builtins
import os
import pwd
import time
from pathlib import Path

import pytest

from clawmend.core.errors import ClawmendError
from clawmend.system.machine import Place, RealClock, find_place, mask_key


def test_the_home_is_ours_unless_another_is_named(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "OPENCLAW_STATE_DIR": "/x"}
    assert find_place(None, None, environment) == Place(
        str(tmp_path), f"{tmp_path}/.local/state/clawmend", environment=environment
    )


def test_a_named_home_ignores_our_variables_and_keeps_our_state_folder(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "OPENCLAW_STATE_DIR": "/x"}
    place = find_place("/srv/other", None, environment)
    assert place == Place("/srv/other", f"{tmp_path}/.local/state/clawmend", environment={})


@pytest.mark.parametrize(
    ("option", "environment", "state"),
    [
        ("/s", {"CLAWMEND_STATE_DIR": "/c", "XDG_STATE_HOME": "/x"}, "/s"),
        (None, {"CLAWMEND_STATE_DIR": "/c", "XDG_STATE_HOME": "/x"}, "/c"),
        (None, {"XDG_STATE_HOME": "/x"}, "/x/clawmend"),
        (None, {"XDG_STATE_HOME": "relative"}, "/h/.local/state/clawmend"),
        (None, {"CLAWMEND_STATE_DIR": "", "XDG_STATE_HOME": ""}, "/h/.local/state/clawmend"),
    ],
)
def test_the_state_folder_can_be_named_in_three_ways(
    option: str | None, environment: dict[str, str], state: str
) -> None:
    assert find_place(None, option, {"HOME": "/h", **environment}).state == state


def test_relative_folders_are_below_where_we_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    place = find_place("home", "state", {"HOME": "/h"})
    assert (place.home, place.state) == (f"{tmp_path}/home", f"{tmp_path}/state")


def test_without_home_the_account_is_asked() -> None:
    assert find_place(None, "/s", {}).home == os.path.abspath(pwd.getpwuid(os.getuid()).pw_dir)


def test_without_home_and_account_it_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container may run under a number that nobody entered anywhere."""

    def unknown(uid: int) -> pwd.struct_passwd:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    with pytest.raises(ClawmendError, match="has no home folder; set HOME"):
        find_place(None, None, {})


def test_the_key_of_the_masks_stays_the_same_here() -> None:
    assert len(mask_key()) == 32
    if os.path.exists("/etc/machine-id") and os.path.getsize("/etc/machine-id"):
        assert mask_key() == mask_key()


def test_without_a_machine_id_the_key_is_made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError

    monkeypatch.setattr(builtins, "open", fail)
    first, second = mask_key(), mask_key()
    monkeypatch.undo()
    assert first != second


def test_the_real_clock_is_the_computers() -> None:
    clock = RealClock()
    before = time.time()
    clock.sleep(0)
    assert before <= clock.now() <= time.time()
    assert clock.monotonic() <= time.monotonic()

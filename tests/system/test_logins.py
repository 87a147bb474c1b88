"""Removing and storing credentials by OpenClaw's own commands: what is run, and what is believed."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clawmend.core.era import Era, Installation, era_of
from clawmend.core.errors import ClawmendError
from clawmend.core.finding import LogOut
from clawmend.core.version import Version
from clawmend.system import logins
from clawmend.system.commands import Ran
from clawmend.system.logins import (
    command_line,
    log_in,
    log_in_arguments,
    log_out,
    log_out_arguments,
    sign_in_arguments,
    stored_entry,
)
from support.stores import change_store, key_entry, make_store, profiles_in
from system.fakes import DAEMON, as_another_user, stub

KEY = "sk-sp-old00000000000000000000000001"
NOW = 1_800_000_000.0
TOKEN: dict[str, Any] = {"type": "token", "provider": "qwen", "token": "tok-of-qwen-0123456789"}
LOGIN: dict[str, Any] = {"type": "oauth", "provider": "qwen-portal", "access": "a", "refresh": "r"}


def installation(version: str | None = "2026.9.6", executable: str | None = "/bin/openclaw") -> Installation:
    found = Version.parse(version) if version else None
    return Installation(found, "package", era_of(found) if found else Era.UNKNOWN, executable)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "openclaw.sqlite"
    make_store(path, {"bailian:default": key_entry(KEY), "qwen:token": TOKEN})
    return path


@pytest.fixture
def edit(store: Path) -> LogOut:
    return LogOut(str(store), "main", "bailian:default", key_entry(KEY))


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[tuple[Any, ...]]]:
    """Let OpenClaw do something, and end as it is told to; what it was asked is returned."""

    def answer(work: Callable[[], object], ran: Ran | None = None) -> list[tuple[Any, ...]]:
        asked: list[tuple[Any, ...]] = []

        def run(arguments: list[str], *_rest: Any) -> Ran | None:
            asked.append((arguments, *_rest[3:]))
            work()
            return ran

        monkeypatch.setattr(logins, "run_openclaw", run)
        return asked

    return answer


class TestCommandLines:
    def test_what_removes_a_credential(self, edit: LogOut) -> None:
        words = ["models", "auth", "logout", "bailian:default", "--yes", "--agent", "main"]
        assert log_out_arguments(edit) == words
        assert command_line(words) == "openclaw models auth logout bailian:default --yes --agent main"
        assert command_line(["models", "it's mine"]) == """openclaw models 'it'"'"'s mine'"""

    def test_what_stores_a_key_or_a_token_again_never_holds_it(self, edit: LogOut) -> None:
        names = ["--provider", "bailian", "--profile-id", "bailian:default", "--agent", "main"]
        assert log_in_arguments(edit, NOW) == ["models", "auth", "paste-api-key", *names]
        token = LogOut("", "work", "qwen:token", TOKEN | {"expires": (NOW + 90.5) * 1000})
        names = ["--provider", "qwen", "--profile-id", "qwen:token", "--agent", "work"]
        assert log_in_arguments(token, NOW) == ["models", "auth", "paste-token", *names, "--expires-in", "90500ms"]
        assert log_in_arguments(LogOut("", "work", "qwen:token", TOKEN), NOW)[-1] == "work"

    def test_what_a_person_runs_to_sign_in_anew(self) -> None:
        words = sign_in_arguments(LogOut("", "main", "qwen-portal:default", LOGIN))
        assert words == ["models", "auth", "login", "--provider", "qwen-portal", "--agent", "main"]


class TestReading:
    def test_a_profile_is_there_or_it_is_not(self, store: Path) -> None:
        assert stored_entry(str(store), "bailian:default") == key_entry(KEY)
        assert stored_entry(str(store), "other") is None
        assert stored_entry(f"{store}.gone", "other") is None

    def test_where_nobody_can_tell_that_is_said(self, store: Path) -> None:
        store.write_bytes(b"garbage" * 1000)
        with pytest.raises(ClawmendError, match="is not a readable SQLite database; look whose it is"):
            stored_entry(str(store), "bailian:default")


class TestLoggingOut:
    @pytest.mark.parametrize("ran", [Ran(0, ""), Ran(1, "", "Warning: no gateway"), None])
    def test_it_has_worked_when_the_store_says_so_whatever_the_command_says(
        self, store: Path, edit: LogOut, answering: Callable[..., Any], ran: Ran | None
    ) -> None:
        asked = answering(lambda: change_store(store, lambda profiles: profiles.pop("bailian:default")), ran)
        assert log_out(edit, installation(), {}) is None
        assert asked == [(log_out_arguments(edit),)]
        assert profiles_in(store) == {"qwen:token": TOKEN}

    def test_a_success_that_the_store_does_not_show_is_none(self, edit: LogOut, answering: Callable[..., Any]) -> None:
        answering(lambda: None, Ran(0, "Removed auth profile: bailian:default"))
        assert log_out(edit, installation(), {}) == (
            "openclaw models auth logout did not work (exit code 0); "
            "see why: openclaw models auth logout bailian:default --yes --agent main"
        )

    def test_what_it_said_last_is_passed_on_without_the_key(self, edit: LogOut, answering: Callable[..., Any]) -> None:
        answering(lambda: None, Ran(1, "", f"a line\nThe store is busy with {KEY}.\n\n"))
        said = log_out(edit, installation(), {}) or ""
        assert said.startswith("openclaw models auth logout did not work (exit code 1), saying: The store is busy with")
        assert "sk-sp-…(35 chars, " in said
        assert KEY not in said

    def test_a_long_answer_is_cut(self, edit: LogOut, answering: Callable[..., Any]) -> None:
        answering(lambda: None, Ran(1, "", "word " * 1000))
        assert len(log_out(edit, installation(), {}) or "") < 400

    def test_one_that_does_not_end_is_said_to_be_one(self, edit: LogOut, answering: Callable[..., Any]) -> None:
        answering(lambda: None, None)
        assert "did not end within 180 seconds" in (log_out(edit, installation(), {}) or "")

    @pytest.mark.parametrize("version", ["2026.7.1", "2026.3.2", None, "2027.1.1"])
    def test_a_version_without_the_command_is_not_asked(
        self, edit: LogOut, answering: Callable[..., Any], version: str | None
    ) -> None:
        asked = answering(lambda: pytest.fail("it was asked"))
        said = log_out(edit, installation(version), {})
        assert said == f"OpenClaw {version or 'of unknown version'} has no command for it that clawmend knows"
        assert asked == []

    def test_without_a_command_a_person_is_told_what_to_run(self, edit: LogOut) -> None:
        said = log_out(edit, installation(executable=None), {})
        assert said == f"no openclaw command was found; where there is one: {command_line(log_out_arguments(edit))}"

    def test_a_store_that_has_gone_or_is_somebody_elses_is_left(self, public: Path) -> None:
        assert "No such file" in (log_out(LogOut("/gone", "main", "x", {}), installation(), {}) or "")
        theirs = public / "openclaw.sqlite"
        make_store(theirs, {"bailian:default": key_entry(KEY)})
        theirs.chmod(0o644)
        if os.geteuid() != 0:
            pytest.skip("only root can make a file of another user")
        found = as_another_user(lambda: log_out(LogOut(str(theirs), "main", "x", {}), installation(), {}))
        assert found == f"{theirs} belongs to another user; run clawmend as its owner"


class TestLoggingIn:
    @pytest.fixture
    def gone(self, store: Path) -> None:
        change_store(store, lambda profiles: profiles.clear())

    @pytest.mark.usefixtures("gone")
    def test_the_key_is_read_from_standard_input(
        self, store: Path, edit: LogOut, answering: Callable[..., Any]
    ) -> None:
        asked = answering(lambda: change_store(store, lambda profiles: profiles.update({edit.profile: edit.stored})))
        assert log_in(edit, installation(), {}, NOW) is None
        assert asked == [(log_in_arguments(edit, NOW), KEY)]

    @pytest.mark.usefixtures("gone")
    def test_another_key_than_the_one_that_was_kept_is_no_success(
        self, store: Path, edit: LogOut, answering: Callable[..., Any]
    ) -> None:
        other = {edit.profile: key_entry("sk-sp-other")}
        answering(lambda: change_store(store, lambda profiles: profiles.update(other)), Ran(0, ""))
        said = log_in(edit, installation(), {}, NOW) or ""
        assert said.startswith("openclaw models auth paste-api-key did not work (exit code 0)")
        assert KEY not in said

    def test_a_login_is_not_even_tried(self, store: Path, answering: Callable[..., Any]) -> None:
        answering(lambda: pytest.fail("it was asked"))
        said = log_in(LogOut(str(store), "main", "p", LOGIN), installation(), {}, NOW)
        assert said == "OpenClaw has no command that stores an OAuth login again"

    def test_neither_is_one_of_a_version_that_has_no_such_command(
        self, edit: LogOut, answering: Callable[..., Any]
    ) -> None:
        answering(lambda: pytest.fail("it was asked"))
        assert "has no command for it" in (log_in(edit, installation("2026.7.1"), {}, NOW) or "")


_OPENCLAW = """
import sys
from support.stores import change_store
words, key = sys.argv[2:], sys.stdin.read()
if words[2] == "logout":
    change_store(sys.argv[1], lambda profiles: profiles.pop(words[3]))
else:
    entry = {"type": "api_key", "provider": words[4], "key": key.strip()}
    change_store(sys.argv[1], lambda profiles: profiles.update({words[6]: entry}))
"""


def test_a_program_that_does_it_is_all_that_is_needed(tmp_path: Path, store: Path, edit: LogOut) -> None:
    """As with the real one: the words on the command line, the key on standard input, the rest in the environment."""
    (tmp_path / "openclaw.py").write_text(_OPENCLAW)
    stub(tmp_path, "openclaw", f'exec {sys.executable} {tmp_path}/openclaw.py {store} "$@"')
    here = installation(executable=f"{tmp_path}/openclaw")
    environment = {**os.environ, "PYTHONPATH": f"{DAEMON}:{DAEMON.parent}/tests"}
    assert log_out(edit, here, environment) is None
    assert profiles_in(store) == {"qwen:token": TOKEN}
    assert log_in(edit, here, environment, NOW) is None
    assert profiles_in(store)["bailian:default"] == key_entry(KEY)

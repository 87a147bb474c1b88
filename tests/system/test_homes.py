import os
from pathlib import Path

import pytest

from clawmend.core.state import Unreadable
from clawmend.system.files import RealFiles
from clawmend.system.homes import (
    StateFolder,
    agent_folders,
    claude_config,
    config_copies,
    state_folders,
)

FILES = RealFiles()


def _folder(home: Path, name: str = ".openclaw", config: str = "openclaw.json") -> Path:
    folder = home / name
    folder.mkdir(parents=True)
    (folder / config).write_text("{}")
    return folder


def _found(home: Path, **environment: str) -> tuple[StateFolder, ...]:
    return state_folders(str(home), environment, FILES)


def _names(found: tuple[StateFolder, ...]) -> list[tuple[str, str | None]]:
    return [(os.path.basename(folder.directory), folder.profile) for folder in found]


class TestWithoutVariables:
    def test_nothing_is_found_where_nothing_is(self, tmp_path: Path) -> None:
        assert _found(tmp_path) == ()

    def test_the_default_folder_comes_first_and_then_the_profiles(self, tmp_path: Path) -> None:
        for name in (".openclaw-work", ".openclaw", ".openclaw-a"):
            _folder(tmp_path, name)
        assert _found(tmp_path) == (
            StateFolder(f"{tmp_path}/.openclaw", f"{tmp_path}/.openclaw/openclaw.json", None),
            StateFolder(f"{tmp_path}/.openclaw-a", f"{tmp_path}/.openclaw-a/openclaw.json", "a"),
            StateFolder(f"{tmp_path}/.openclaw-work", f"{tmp_path}/.openclaw-work/openclaw.json", "work"),
        )

    def test_a_default_folder_without_a_config_counts(self, tmp_path: Path) -> None:
        (tmp_path / ".openclaw").mkdir()
        assert _names(_found(tmp_path)) == [(".openclaw", None)]

    @pytest.mark.parametrize(
        "name",
        [
            ".openclaw-backup",
            ".openclaw-bak-2026",
            ".openclaw-OLD",
            ".openclaw-copy",
            ".openclaw-saved",
            ".openclaw-tmp",
            ".openclaw-broken",
            ".openclaw.bak",
            ".openclaw2",
            ".openclaw-2026-03-01",
            ".openclaw-2026_03_01",
            ".openclaw-work-20260301",
            ".openclaw-260301",
            ".openclaw-work_orig",
            ".openclaw-pre-upgrade",
            ".openclaw-backup2",
            ".openclaw-2026-3-2",
            ".openclaw-a b",
            ".openclaw--x",
        ],
    )
    def test_a_copy_somebody_made_is_no_profile(self, tmp_path: Path, name: str) -> None:
        _folder(tmp_path)
        _folder(tmp_path, name)
        assert _names(_found(tmp_path)) == [(".openclaw", None)]

    @pytest.mark.parametrize("profile", ["goldfish", "template", "Work_2", "2026", "safe-copyright", "v2", "pre"])
    def test_a_profile_whose_name_only_contains_such_a_word_is_one(self, tmp_path: Path, profile: str) -> None:
        _folder(tmp_path, f".openclaw-{profile}")
        assert _names(_found(tmp_path)) == [(f".openclaw-{profile}", profile)]

    @pytest.mark.parametrize("profile", ["work", "old"])
    @pytest.mark.parametrize(
        "path", [".config/systemd/user/openclaw-gateway-{}.service", "Library/LaunchAgents/ai.openclaw.{}.plist"]
    )
    def test_a_service_confirms_a_profile(self, tmp_path: Path, profile: str, path: str) -> None:
        _folder(tmp_path, f".openclaw-{profile}")
        _folder(tmp_path, ".openclaw-other")
        service = tmp_path / path.format(profile)
        service.parent.mkdir(parents=True)
        service.write_text("")
        assert [name for _, name in _names(_found(tmp_path))] == sorted([profile, "other"])

    def test_two_paths_to_one_folder_are_one(self, tmp_path: Path) -> None:
        _folder(tmp_path)
        (tmp_path / ".openclaw-work").symlink_to(".openclaw")
        assert _names(_found(tmp_path)) == [(".openclaw", None)]

    def test_a_profile_is_known_by_its_config_or_its_agents(self, tmp_path: Path) -> None:
        (tmp_path / ".openclaw-empty").mkdir()
        (tmp_path / ".openclaw-file").write_text("")
        (tmp_path / ".openclaw-agents" / "agents").mkdir(parents=True)
        assert _names(_found(tmp_path)) == [(".openclaw-agents", "agents")]

    @pytest.mark.parametrize(
        ("folder", "config"),
        [(".clawdbot", "clawdbot.json"), (".moltbot", "moltbot.json"), (".moldbot", "moldbot.json")],
    )
    def test_a_legacy_folder_stands_in_for_the_default_one(self, tmp_path: Path, folder: str, config: str) -> None:
        _folder(tmp_path, folder, config)
        assert _found(tmp_path) == (StateFolder(f"{tmp_path}/{folder}", f"{tmp_path}/{folder}/{config}", None),)

    def test_a_legacy_folder_is_left_alone_beside_the_default_one(self, tmp_path: Path) -> None:
        _folder(tmp_path, ".clawdbot", "clawdbot.json")
        _folder(tmp_path)
        assert _names(_found(tmp_path)) == [(".openclaw", None)]

    def test_the_new_name_of_the_config_wins_over_a_legacy_one(self, tmp_path: Path) -> None:
        (_folder(tmp_path) / "clawdbot.json").write_text("{}")
        assert _found(tmp_path)[0].config == f"{tmp_path}/.openclaw/openclaw.json"

    def test_a_linked_folder_counts(self, tmp_path: Path) -> None:
        _folder(tmp_path, "elsewhere")
        (tmp_path / ".openclaw").symlink_to("elsewhere")
        assert _names(_found(tmp_path)) == [(".openclaw", None)]


class TestVariables:
    def test_openclaw_home_moves_everything(self, tmp_path: Path) -> None:
        _folder(tmp_path)
        _folder(tmp_path / "other")
        _folder(tmp_path / "other", ".openclaw-work")
        assert [folder.directory for folder in _found(tmp_path, OPENCLAW_HOME=f"{tmp_path}/other")] == [
            f"{tmp_path}/other/.openclaw",
            f"{tmp_path}/other/.openclaw-work",
        ]

    @pytest.mark.parametrize("value", ["", "  "])
    def test_an_empty_variable_says_nothing(self, tmp_path: Path, value: str) -> None:
        _folder(tmp_path)
        found = _found(
            tmp_path,
            OPENCLAW_HOME=value,
            OPENCLAW_STATE_DIR=value,
            OPENCLAW_CONFIG_PATH=value,
            OPENCLAW_PROFILE=value,
        )
        assert _names(found) == [(".openclaw", None)]

    @pytest.mark.parametrize("value", ["~/state", " ~/state "])
    def test_the_state_folder_can_be_named(self, tmp_path: Path, value: str) -> None:
        _folder(tmp_path)
        _folder(tmp_path, "state")
        assert _found(tmp_path, OPENCLAW_STATE_DIR=value) == (
            StateFolder(f"{tmp_path}/state", f"{tmp_path}/state/openclaw.json", None),
        )

    def test_a_relative_state_folder_is_below_where_we_stand(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _folder(tmp_path, "state")
        monkeypatch.chdir(tmp_path)
        assert _found(tmp_path, OPENCLAW_STATE_DIR="state")[0].directory == f"{tmp_path}/state"

    def test_a_named_state_folder_that_is_not_there_is_not_replaced_by_another(self, tmp_path: Path) -> None:
        _folder(tmp_path)
        assert _names(_found(tmp_path, OPENCLAW_STATE_DIR="~/gone")) == [("gone", None)]

    def test_the_config_can_be_named_alone(self, tmp_path: Path) -> None:
        _folder(tmp_path)
        assert _found(tmp_path, OPENCLAW_CONFIG_PATH="~/my.json") == (
            StateFolder(f"{tmp_path}/.openclaw", f"{tmp_path}/my.json", None),
        )

    def test_the_config_can_be_named_beside_the_state_folder(self, tmp_path: Path) -> None:
        found = _found(tmp_path, OPENCLAW_STATE_DIR="/srv/state", OPENCLAW_CONFIG_PATH="/etc/my.json")
        assert found == (StateFolder("/srv/state", "/etc/my.json", None),)

    def test_the_tilde_means_openclaws_home(self, tmp_path: Path) -> None:
        found = _found(tmp_path, OPENCLAW_HOME="/srv", OPENCLAW_STATE_DIR="~/state")
        assert found[0].directory == "/srv/state"

    @pytest.mark.parametrize("profile", ["work", "default", "gone"])
    def test_a_profile_in_the_environment_narrows_nothing(self, tmp_path: Path, profile: str) -> None:
        """Only OpenClaw's option --profile moves the state folder; the variable alone does not."""
        _folder(tmp_path)
        _folder(tmp_path, ".openclaw-work")
        found = _found(tmp_path, OPENCLAW_PROFILE=profile)
        assert _names(found) == [(".openclaw", None), (".openclaw-work", "work")]

    def test_a_state_folder_named_by_the_option_profile_belongs_to_that_profile(self, tmp_path: Path) -> None:
        """`openclaw --profile work` sets all three for what it starts; the profile names the service."""
        _folder(tmp_path, ".openclaw-work")
        found = _found(tmp_path, OPENCLAW_STATE_DIR="~/.openclaw-work", OPENCLAW_PROFILE="work")
        assert _names(found) == [(".openclaw-work", "work")]
        assert _names(_found(tmp_path, OPENCLAW_STATE_DIR="~/.openclaw-work")) == [(".openclaw-work", "work")]

    def test_a_read_only_configuration_is_marked(self, tmp_path: Path) -> None:
        _folder(tmp_path)
        assert _found(tmp_path, OPENCLAW_NIX_MODE="1")[0].read_only
        assert not _found(tmp_path, OPENCLAW_NIX_MODE="0")[0].read_only
        assert _found(tmp_path, OPENCLAW_NIX_MODE="1", OPENCLAW_STATE_DIR="~/.openclaw")[0].read_only


class TestClaude:
    def test_it_is_in_the_home(self, tmp_path: Path) -> None:
        assert claude_config(str(tmp_path), {}, FILES) == f"{tmp_path}/.claude.json"

    def test_the_legacy_file_wins_where_it_exists(self, tmp_path: Path) -> None:
        (tmp_path / ".claude").mkdir()
        (tmp_path / ".claude.json").write_text("{}")
        (tmp_path / ".claude" / ".config.json").write_text("{}")
        assert claude_config(str(tmp_path), {}, FILES) == f"{tmp_path}/.claude/.config.json"

    def test_a_legacy_file_that_cannot_be_read_wins_too(self, tmp_path: Path) -> None:
        (tmp_path / ".claude" / ".config.json").mkdir(parents=True)
        path = claude_config(str(tmp_path), {}, FILES)
        assert isinstance(FILES.read(path), Unreadable)

    def test_the_variable_moves_it(self, tmp_path: Path) -> None:
        other = tmp_path / "cfg"
        other.mkdir()
        (tmp_path / ".claude").mkdir()
        (tmp_path / ".claude" / ".config.json").write_text("{}")
        environment = {"CLAUDE_CONFIG_DIR": str(other)}
        assert claude_config(str(tmp_path), environment, FILES) == f"{other}/.claude.json"
        (other / ".config.json").write_text("{}")
        assert claude_config(str(tmp_path), environment, FILES) == f"{other}/.config.json"


def test_agents_are_folders_with_an_agent_folder_and_main_comes_first(tmp_path: Path) -> None:
    for name in ("zoe", "main", "anna"):
        (tmp_path / "agents" / name / "agent").mkdir(parents=True)
    (tmp_path / "agents" / "half").mkdir()
    (tmp_path / "agents" / "file").write_text("")
    assert agent_folders(str(tmp_path), FILES) == tuple(
        (name, f"{tmp_path}/agents/{name}/agent") for name in ("main", "anna", "zoe")
    )


def test_two_paths_to_one_agent_are_one(tmp_path: Path) -> None:
    (tmp_path / "agents" / "main" / "agent").mkdir(parents=True)
    (tmp_path / "agents" / "alias").symlink_to("main")
    assert agent_folders(str(tmp_path), FILES) == (("main", f"{tmp_path}/agents/main/agent"),)


def test_only_the_copies_that_openclaw_makes_count(tmp_path: Path) -> None:
    wanted = ["openclaw.json.last-good", "openclaw.json.bak", "openclaw.json.bak.1", "openclaw.json.bak.4"]
    others = ["openclaw.json.bak.5", "openclaw.json.mine", "openclaw.json.clobbered.1", "openclaw.json.rejected.1"]
    for name in (*wanted, *others, "openclaw.json"):
        (tmp_path / name).write_text("{}")
    assert config_copies(f"{tmp_path}/openclaw.json", FILES) == tuple(f"{tmp_path}/{name}" for name in wanted)

import json
import os
from pathlib import Path

import pytest

from clawmend.system import installation
from clawmend.system.neighbour_homes import (
    opencode_files,
    opencode_logins,
    opencode_release,
    qwen_dotenvs,
    qwen_settings,
    release_of,
    watched_paths,
)

GLOBAL = ["config.json", "opencode.json", "opencode.jsonc"]


class TestOpenCode:
    def test_the_global_files_come_in_the_order_in_which_they_win(self) -> None:
        assert list(opencode_files("/h", {})) == [
            *(f"/h/.config/opencode/{name}" for name in GLOBAL),
            "/h/.opencode/opencode.json",
            "/h/.opencode/opencode.jsonc",
        ]

    def test_variables_name_others_that_win_over_them(self) -> None:
        environment = {"XDG_CONFIG_HOME": "/x", "OPENCODE_CONFIG": "~/mine.json", "OPENCODE_CONFIG_DIR": "/d"}
        found = opencode_files("/h", environment)
        assert list(found[:4]) == [*(f"/x/opencode/{name}" for name in GLOBAL), "/h/mine.json"]
        assert found[-2:] == ("/d/opencode.json", "/d/opencode.jsonc")

    def test_a_file_that_is_named_twice_is_looked_at_once(self) -> None:
        found = opencode_files("/h", {"OPENCODE_CONFIG": "/h/.config/opencode/opencode.json"})
        assert len(found) == len(set(found)) == 5

    def test_logins_lie_where_data_lies(self) -> None:
        assert opencode_logins("/h", {}) == "/h/.local/share/opencode/auth.json"
        assert opencode_logins("/h", {"XDG_DATA_HOME": "~"}) == "/h/opencode/auth.json"


class TestQwenCode:
    def test_its_files(self) -> None:
        assert qwen_settings("/h", {}) == "/h/.qwen/settings.json"
        assert qwen_dotenvs("/h", {}) == ("/h/.qwen/.env", "/h/.env")

    def test_qwen_home_moves_them_and_the_old_dotenv_still_counts(self) -> None:
        assert qwen_settings("/h", {"QWEN_HOME": "~/q"}) == "/h/q/settings.json"
        assert qwen_dotenvs("/h", {"QWEN_HOME": "~/q"}) == ("/h/q/.env", "/h/.qwen/.env", "/h/.env")


def test_everything_that_is_looked_at_is_worth_watching() -> None:
    found = watched_paths("/h", {})
    assert len(found) == len(set(found))
    assert {*opencode_files("/h", {}), *qwen_dotenvs("/h", {})} < set(found)
    assert {opencode_logins("/h", {}), qwen_settings("/h", {})} < set(found)


def install(home: Path, package: str | None, name: str = "opencode-ai") -> dict[str, str]:
    folder = home / "lib" / "node_modules" / name
    (folder / "bin").mkdir(parents=True)
    program = folder / "bin" / "opencode.exe"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    if package is not None:
        (folder / "package.json").write_text(package)
    (home / "bin").mkdir()
    (home / "bin" / "opencode").symlink_to(program)
    return {"PATH": str(home / "bin"), "HOME": str(home)}


class TestRelease:
    @pytest.fixture(autouse=True)
    def _nothing_of_this_machine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(installation, "_SYSTEM_FOLDERS", ())

    def test_it_stands_in_the_package_of_the_command(self, tmp_path: Path) -> None:
        environment = install(tmp_path, json.dumps({"name": "opencode-ai", "version": "1.2.15"}))
        assert opencode_release(str(tmp_path), environment) == (str(tmp_path / "bin" / "opencode"), (1, 2, 15))

    def test_or_in_the_package_for_this_platform(self, tmp_path: Path) -> None:
        package = json.dumps({"name": "opencode-linux-x64", "version": "1.18.33"})
        assert opencode_release(str(tmp_path), install(tmp_path, package, "opencode-linux-x64"))[1] == (1, 18, 33)

    @pytest.mark.parametrize("package", [None, "{", "[]", "{}", '{"name": "opencode-ai"}', '{"name": "other"}'])
    def test_where_it_cannot_be_read_it_is_not_known(self, tmp_path: Path, package: str | None) -> None:
        command, release = opencode_release(str(tmp_path), install(tmp_path, package))
        assert os.path.basename(command or "") == "opencode"
        assert release is None

    def test_homebrew_has_it_in_the_path(self, tmp_path: Path) -> None:
        program = tmp_path / "Cellar" / "opencode" / "1.1.3" / "bin" / "opencode"
        program.parent.mkdir(parents=True)
        program.write_text("")
        program.chmod(0o755)
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "opencode").symlink_to(program)
        assert opencode_release(str(tmp_path), {"PATH": str(tmp_path / "bin")})[1] == (1, 1, 3)

    def test_without_a_command_there_is_none(self, tmp_path: Path) -> None:
        assert opencode_release(str(tmp_path), {}) == (None, None)

    @pytest.mark.parametrize(
        ("text", "release"),
        [("1.2.16", (1, 2, 16)), ("v0.15.3-beta", (0, 15, 3)), ("1.2", None), ("", None), ("1.2.3.4", None)],
    )
    def test_how_it_is_written(self, text: str, release: tuple[int, int, int] | None) -> None:
        assert release_of(text) == release

import json
import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from clawmend.core.era import Era, Installation
from clawmend.core.version import Version
from clawmend.system import installation
from clawmend.system.installation import find_installation
from system.fakes import stub


@pytest.fixture(autouse=True)
def _only_this_machine_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "_SYSTEM_FOLDERS", ())


def _package(root: Path, version: str = "2026.3.2", name: str = "openclaw") -> Path:
    """An npm package and its command."""
    root.mkdir(parents=True)
    (root / "package.json").write_text(json.dumps({"name": name, "version": version}))
    (root / "dist").mkdir()
    (root / "dist" / "index.js").write_text("")
    script = root / f"{name}.mjs"
    script.write_text("#!/usr/bin/env node\n")
    script.chmod(0o755)
    return script


def _link(folder: Path, script: Path, name: str = "openclaw") -> str:
    """What `npm install -g` puts on PATH."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).symlink_to(os.path.relpath(script, folder))
    return str(folder)


def _find(
    home: Path,
    *,
    path: str = "",
    option: str | None = None,
    commands: Iterable[tuple[str, ...]] = (),
    folders: Iterable[Path] = (),
    meta: str | None = None,
) -> Installation:
    return find_installation(
        str(home),
        {"PATH": path},
        option=option,
        service_commands=commands,
        state_folders=[str(folder) for folder in folders],
        meta_version=meta,
    )


def _database(path: Path, *statements: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as database, database:
        for statement in statements:
            database.execute(statement)


_SCHEMA_META = "CREATE TABLE schema_meta (meta_key TEXT, app_version TEXT)"


class TestThePackage:
    def test_it_is_found_beside_the_real_path_of_the_command(self, tmp_path: Path) -> None:
        script = _package(tmp_path / "lib" / "node_modules" / "openclaw")
        path = _link(tmp_path / "bin", script)
        assert _find(tmp_path, path=path) == Installation(
            Version(2026, 3, 2), "package", Era.B, f"{tmp_path}/bin/openclaw"
        )

    def test_the_first_on_the_path_counts(self, tmp_path: Path) -> None:
        first = _link(tmp_path / "a", _package(tmp_path / "one", "2026.3.2"))
        second = _link(tmp_path / "b", _package(tmp_path / "two", "2026.9.6"))
        assert _find(tmp_path, path=f"{first}:{second}").version == Version(2026, 3, 2)
        assert _find(tmp_path, path=f"{second}:{first}").version == Version(2026, 9, 6)

    @pytest.mark.parametrize(
        "folder", [".npm-global/bin", ".local/bin", ".volta/bin", ".local/share/pnpm", ".nvm/versions/node/v22.1.0/bin"]
    )
    def test_it_is_found_where_package_managers_put_it_without_a_path(self, tmp_path: Path, folder: str) -> None:
        _link(tmp_path / folder, _package(tmp_path / "lib" / "openclaw"))
        assert _find(tmp_path).version == Version(2026, 3, 2)

    @pytest.mark.parametrize(
        "line",
        [
            'exec node "$basedir/global/5/node_modules/openclaw/openclaw.mjs" "$@"',
            'exec "$basedir/node"  "$basedir/global/5/node_modules/openclaw/openclaw.mjs" "$@"',
            "exec node {folder}/global/5/node_modules/openclaw/openclaw.mjs",
        ],
    )
    def test_a_shell_shim_of_pnpm_is_followed(self, tmp_path: Path, line: str) -> None:
        folder = tmp_path / "pnpm"
        _package(folder / "global" / "5" / "node_modules" / "openclaw", "2026.5.7")
        stub(folder, "openclaw", 'basedir=$(dirname "$0")\n' + line.replace("{folder}", str(folder)))
        assert _find(tmp_path, path=str(folder)).version == Version(2026, 5, 7)

    @pytest.mark.parametrize("script", ["exec something else", "exec /gone/openclaw.mjs", 'exec "$0/openclaw"'])
    def test_a_wrapper_that_says_nothing_is_no_version(self, tmp_path: Path, script: str) -> None:
        stub(tmp_path / "bin", "openclaw", script)
        found = _find(tmp_path, path=str(tmp_path / "bin"))
        assert (found.version, found.era) == (None, Era.UNKNOWN)
        assert found.executable == f"{tmp_path}/bin/openclaw"

    def test_a_wrapper_of_a_wrapper_that_is_broken_is_no_version(self, tmp_path: Path) -> None:
        other = tmp_path / "lib" / "openclaw.mjs"
        other.parent.mkdir()
        (other.parent / "package.json").write_text("{")
        stub(tmp_path / "bin", "openclaw", f"exec node {other}")
        assert _find(tmp_path, path=str(tmp_path / "bin")).version is None

    def test_a_binary_is_no_version(self, tmp_path: Path) -> None:
        (tmp_path / "openclaw").write_bytes(b"\x7fELF" + bytes(100))
        (tmp_path / "openclaw").chmod(0o755)
        assert _find(tmp_path, path=str(tmp_path)).version is None

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "[]",
            "null",
            "\x00",
            '{"name": "openclaw"}',
            '{"name": "openclaw", "version": 7}',
            '{"name": "openclaw", "version": "latest"}',
            '{"name": ["openclaw"], "version": "2026.3.2"}',
            '{"name": "other", "version": "2026.3.2"}',
            "[" * 100_000,
        ],
    )
    def test_a_package_that_makes_no_sense_is_no_version(self, tmp_path: Path, text: str) -> None:
        script = _package(tmp_path / "openclaw")
        (tmp_path / "openclaw" / "package.json").write_text(text)
        found = _find(tmp_path, path=_link(tmp_path / "bin", script))
        assert (found.version, found.source, found.era) == (None, None, Era.UNKNOWN)

    @pytest.mark.parametrize(
        ("text", "version", "era"),
        [
            ("2026.7.1-2", Version(2026, 7, 1), Era.D),
            ("2026.3.7-beta.1", Version(2026, 3, 7), Era.C),
            ("2026.9.6", Version(2026, 9, 6), Era.E),
            ("2026.9.7", Version(2026, 9, 7), Era.NEWER),
            ("2027.1.1-beta.2", Version(2027, 1, 1), Era.NEWER),
            ("2025.12.1", Version(2025, 12, 1), Era.UNKNOWN),
        ],
    )
    def test_rebuilds_and_betas_have_a_version(self, tmp_path: Path, text: str, version: Version, era: Era) -> None:
        found = _find(tmp_path, path=_link(tmp_path / "bin", _package(tmp_path / "openclaw", text)))
        assert (found.version, found.era) == (version, era)

    def test_a_folder_or_a_file_that_may_not_be_run_is_no_command(self, tmp_path: Path) -> None:
        (tmp_path / "a" / "openclaw").mkdir(parents=True)
        (tmp_path / "b").mkdir()
        (tmp_path / "b" / "openclaw").write_text("")
        assert _find(tmp_path, path=f"{tmp_path}/a:{tmp_path}/b:relative:").executable is None


class TestTheService:
    def test_the_command_line_of_the_unit_names_the_package(self, tmp_path: Path) -> None:
        script = _package(tmp_path / "lib" / "openclaw", "2026.3.2")
        command = ("/usr/bin/node", f"{script.parent}/dist/index.js", "gateway", "--port", "18789")
        found = _find(tmp_path, commands=[command])
        assert found == Installation(Version(2026, 3, 2), "package", Era.B, None)

    def test_a_relative_word_and_a_package_that_has_gone_say_nothing(self, tmp_path: Path) -> None:
        assert _find(tmp_path, commands=[("node", "gone/index.js"), (), ("/gone/openclaw.mjs",)]).version is None

    def test_what_the_service_runs_counts_where_both_behave_alike(self, tmp_path: Path) -> None:
        path = _link(tmp_path / "bin", _package(tmp_path / "shell", "2026.3.1"))
        service = _package(tmp_path / "service", "2026.3.2")
        found = _find(tmp_path, path=path, commands=[("/usr/bin/node", str(service))])
        assert (found.version, found.era, found.problem) == (Version(2026, 3, 2), Era.B, None)

    def test_two_versions_that_behave_differently_are_a_contradiction(self, tmp_path: Path) -> None:
        path = _link(tmp_path / "bin", _package(tmp_path / "shell", "2026.9.6"))
        service = _package(tmp_path / "service", "2026.3.2")
        found = _find(tmp_path, path=path, commands=[("/usr/bin/node", str(service))])
        assert found.era is Era.MIXED
        assert found.why_hands_off() == (
            "the service runs OpenClaw 2026.3.2 while the shell finds 2026.9.6; clawmend cannot tell which counts"
        )


class TestOtherSources:
    def test_the_database_is_asked_when_there_is_no_package(self, tmp_path: Path) -> None:
        row = "INSERT INTO schema_meta VALUES ('primary', '2026.9.6')"
        _database(tmp_path / "state" / "openclaw.sqlite", _SCHEMA_META, row)
        found = _find(tmp_path, folders=[tmp_path], meta="2026.3.2")
        assert (found.version, found.source, found.era) == (Version(2026, 9, 6), "database", Era.E)

    def test_meta_is_asked_last(self, tmp_path: Path) -> None:
        found = _find(tmp_path, folders=[tmp_path], meta="2026.3.2")
        assert (found.version, found.source, found.era) == (Version(2026, 3, 2), "meta", Era.B)

    def test_meta_that_is_no_version_says_nothing(self, tmp_path: Path) -> None:
        assert _find(tmp_path, meta="yesterday").era is Era.UNKNOWN

    def test_the_option_beats_everything(self, tmp_path: Path) -> None:
        path = _link(tmp_path / "bin", _package(tmp_path / "shell", "2026.9.6"))
        found = _find(tmp_path, path=path, option="2026.3.2", meta="2026.7.1")
        assert found == Installation(Version(2026, 3, 2), "option", Era.B, f"{tmp_path}/bin/openclaw")

    def test_without_anything_the_era_is_unknown(self, tmp_path: Path) -> None:
        found = _find(tmp_path)
        assert found == Installation(None, None, Era.UNKNOWN, None)
        assert found.why_hands_off() == "the OpenClaw version is not known; name it with --openclaw-version"


class TestDowngrades:
    def test_a_shared_store_under_a_version_without_one_is_a_contradiction(self, tmp_path: Path) -> None:
        store = tmp_path / "state" / "openclaw.sqlite"
        _database(store, "CREATE TABLE config_machine_state (state_key TEXT, value_json TEXT)")
        path = _link(tmp_path / "bin", _package(tmp_path / "shell", "2026.3.2"))
        found = _find(tmp_path, path=path, folders=[tmp_path])
        assert (found.version, found.era) == (Version(2026, 3, 2), Era.MIXED)
        assert str(store) in (found.problem or "")
        assert "newer OpenClaw than 2026.3.2, which its package names" in (found.problem or "")

    def test_so_is_an_agents_store(self, tmp_path: Path) -> None:
        _database(
            tmp_path / "agents" / "main" / "agent" / "openclaw-agent.sqlite",
            "CREATE TABLE auth_profile_store (store_key TEXT, store_json TEXT)",
        )
        assert _find(tmp_path, folders=[tmp_path], meta="2026.3.2").era is Era.MIXED

    def test_a_database_without_credentials_is_none(self, tmp_path: Path) -> None:
        _database(tmp_path / "state" / "openclaw.sqlite", "CREATE TABLE other (a)")
        _database(tmp_path / "agents" / "main" / "agent" / "openclaw-agent.sqlite", "CREATE TABLE other (a)")
        (tmp_path / "agents" / "file").write_text("")
        assert _find(tmp_path, folders=[tmp_path], meta="2026.3.2").era is Era.B

    def test_a_database_that_cannot_be_read_may_be_one(self, tmp_path: Path) -> None:
        (tmp_path / "state").mkdir()
        (tmp_path / "state" / "openclaw.sqlite").write_bytes(b"garbage" * 1000)
        assert _find(tmp_path, folders=[tmp_path], meta="2026.3.2").era is Era.MIXED

    def test_the_store_of_a_version_that_has_one_is_none(self, tmp_path: Path) -> None:
        _database(
            tmp_path / "state" / "openclaw.sqlite",
            "CREATE TABLE config_machine_state (state_key TEXT, value_json TEXT)",
        )
        path = _link(tmp_path / "bin", _package(tmp_path / "shell", "2026.9.6"))
        assert _find(tmp_path, path=path, folders=[tmp_path]).era is Era.E

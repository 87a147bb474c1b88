"""What a gateway that did not start has left; the bundle was recorded from 2026.9.6."""

import json
import shutil
from pathlib import Path

import pytest

from clawmend.core.complaints import Bundle
from clawmend.system.files import RealFiles
from clawmend.system.stability import read_bundles

FILES = RealFiles()
RECORDED = next(Path(__file__).with_name("stability").glob("*.json"))


def folder_in(home: Path) -> Path:
    folder = home / "logs" / "stability"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write(home: Path, hour: int, content: object) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    name = f"openclaw-stability-2026-11-28T{hour:02}-00-00-000Z-1-gateway.startup_failed.json"
    (folder_in(home) / name).write_text(text)


def test_the_code_of_a_real_failure_is_read(tmp_path: Path) -> None:
    shutil.copy(RECORDED, folder_in(tmp_path))
    (folder_in(tmp_path) / "openclaw-stability-2026-11-28T17-00-00-000Z-1-gateway.crash_loop_breaker.json").write_text(
        "{}"
    )
    text = (
        "Auth profile store ~/.openclaw/state/openclaw.sqlite requires legacy credential migration; "
        "affected providers: bailian; run openclaw doctor --fix."
    )
    (found,) = read_bundles(str(tmp_path), FILES)
    assert found == Bundle(pytest.approx(1_795_884_378.377, abs=0.01), "AUTH_PROFILE_MIGRATION_REQUIRED", text)  # type: ignore[arg-type]


def test_only_the_two_newest_are_read_the_oldest_first(tmp_path: Path) -> None:
    for hour in (3, 1, 2):
        generated = f"2026-11-28T{hour:02}:00:00.000Z"
        write(tmp_path, hour, {"generatedAt": generated, "error": {"message": f"at {hour}", "code": None}})
    assert [bundle.text for bundle in read_bundles(str(tmp_path), FILES)] == ["at 2", "at 3"]


def test_a_key_in_a_message_is_not_shown(tmp_path: Path) -> None:
    key = "sk-sp-0123456789abcdef0123456789abcdef"
    write(
        tmp_path, 1, {"generatedAt": "2026-11-28T01:00:00.000Z", "error": {"message": f"refused {key}", "code": "a\nb"}}
    )
    (found,) = read_bundles(str(tmp_path), FILES)
    assert key not in found.text
    assert found.code is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "null",
        "{",
        {"error": {"message": "x"}},
        {"generatedAt": 5, "error": {"message": "x"}},
        {"generatedAt": "yesterday", "error": {"message": "x"}},
        {"generatedAt": "2026-11-28T01:00:00Z", "error": "x"},
        {"generatedAt": "2026-11-28T01:00:00Z", "error": {"message": 5}},
        {"generatedAt": "2026-11-28T01:00:00Z", "error": {}},
    ],
)
def test_what_is_no_bundle_is_passed_over(content: object, tmp_path: Path) -> None:
    write(tmp_path, 1, content)
    assert read_bundles(str(tmp_path), FILES) == ()


def test_a_folder_in_the_place_of_a_bundle_is_passed_over(tmp_path: Path) -> None:
    (folder_in(tmp_path) / "x-gateway.startup_failed.json").mkdir()
    assert read_bundles(str(tmp_path), FILES) == ()


def test_no_folder_holds_no_bundle(tmp_path: Path) -> None:
    assert read_bundles(str(tmp_path), FILES) == ()

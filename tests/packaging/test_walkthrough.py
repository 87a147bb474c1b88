"""The README's walk-through to a new rule, followed to the letter in a copy of this repository."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RULE = "daemon/clawmend/rules/oc399.py"

pytestmark = pytest.mark.e2e


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What is in the repository, with an environment that has it installed."""
    folder = tmp_path / "clawmend"
    unwanted = shutil.ignore_patterns(".git", ".venv", "build", "dist", "node_modules", "__pycache__", ".*_cache")
    for name in ("daemon", "tests", "systemd", "launchd"):
        shutil.copytree(ROOT / name, folder / name, ignore=unwanted, symlinks=True)
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name, module in (("pytest", "pytest"), ("clawmend", "clawmend")):
        script = programs / name
        script.write_text(f'#!/bin/sh\nPYTHONPATH="{folder}/daemon" exec "{sys.executable}" -m {module} "$@"\n')
        script.chmod(0o755)
    return folder


def steps() -> list[tuple[str, str]]:
    """The walk-through's blocks in their order, each with its language."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    walk = text.partition("### Add a rule")[2]
    return re.findall(r"^```(bash|python)\n(.*?)^```$", walk, re.MULTILINE | re.DOTALL)


def test_it_works_as_it_stands(copy: Path) -> None:
    script = ["set -euo pipefail"]
    for language, text in steps():
        script.append(text if language == "bash" else f"cat > {RULE} <<'RULE_ENDS'\n{text}RULE_ENDS\n")
    assert len(script) == 6
    environment = {"PATH": os.environ["PATH"], "HOME": str(copy), "COLUMNS": "120"}
    result = subprocess.run(
        ["bash", "-c", "\n".join(script)], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(r"\d+ passed", result.stdout), result.stdout
    assert "failed" not in result.stdout
    assert "The port of the gateway is written as text" in result.stdout
    checked = subprocess.run([sys.executable, "-m", "ruff", "check", RULE], cwd=copy, check=False, capture_output=True)
    assert checked.returncode == 0, checked.stdout.decode()
    formatted = subprocess.run([sys.executable, "-m", "ruff", "format", "--check", RULE], cwd=copy, check=False)
    assert formatted.returncode == 0

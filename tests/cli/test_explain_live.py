"""After an explanation, `clawmend explain "..."` says what this machine's state says about it right now."""

import json
import re
import time
from datetime import datetime
from pathlib import Path

import pytest

from clawmend.cli import live
from clawmend.core.quota import next_midnight
from cli.run import VERSION, CommandLine
from repair.home import NEW_KEY, cache
from support.logs import refusal
from support.trees import read_tree

NOT_FOUND = "HTTP 404: 404 status code (no body)"
QUOTA = "429 hour allocated quota exceeded"
LATEST = ("--openclaw-version", "2026.9.6")


def log_of(clawmend: CommandLine, *lines: str) -> None:
    """A log of this home alone, where openclaw.json says that it is; the file is older than what it tells."""
    log = clawmend.home.root / "openclaw.log"
    log.write_text("".join(f"{line}\n" for line in lines))
    settings = {
        "gateway": {"mode": "local", "port": clawmend.home.port},
        "logging": {"file": str(log)},
        "models": {
            "providers": {
                "bailian": {
                    "baseUrl": "https://coding-intl.dashscope.aliyuncs.com/v1",
                    "apiKey": NEW_KEY,
                    "api": "openai-completions",
                    "models": [{"id": "qwen3.5-plus", "name": "qwen3.5-plus"}],
                }
            }
        },
        "agents": {"defaults": {"model": {"primary": "bailian/qwen3.5-plus"}}},
    }
    clawmend.home.write(clawmend.home.config, json.dumps(settings))


def test_a_finding_is_shown_with_what_clawmend_can_do(clawmend: CommandLine) -> None:
    (clawmend.home.agent / "models.json").write_text(cache())
    run = clawmend("explain", NOT_FOUND, *VERSION)
    assert (run.code, run.err) == (0, "")
    after = run.out.partition("Checked just now, on this machine:\n")[2]
    assert after.startswith("\nERROR   OC101 stale-model-cache\n")
    assert "    can   clawmend repair --only OC101 (--dry-run shows it first)\n" in after
    assert NEW_KEY not in run.out
    assert all(len(line) <= 80 for line in run.out.splitlines())


def test_where_nothing_is_wrong_the_rules_that_looked_are_named(clawmend: CommandLine) -> None:
    run = clawmend("explain", NOT_FOUND, *VERSION)
    said = " ".join(run.out.split())
    assert re.search(r"Checked just now: none of OC302, OC101, [A-Z0-9, ]+ finds anything here\.$", said)
    assert "can  " not in run.out


def test_one_rule_is_no_list(clawmend: CommandLine) -> None:
    assert clawmend("explain", QUOTA, *LATEST).out.endswith("Checked just now: OC405 finds nothing here.\n")


def test_a_quota_is_told_with_the_local_time_at_which_it_comes_back(clawmend: CommandLine) -> None:
    seen = time.time() - 60
    log_of(clawmend, refusal(seen, failoverReason="billing", rawErrorPreview=QUOTA, error="billing error"))
    run = clawmend("explain", QUOTA, *LATEST, "--json")
    (finding,) = run.json["findings"]
    back = datetime.fromtimestamp(seen + 5 * 3600).astimezone().strftime("%H:%M")
    assert (finding["rule"], finding["severity"]) == ("OC405", "warning")
    assert f"{back} (local time)" in finding["summary"]
    text = clawmend("explain", QUOTA, *LATEST).out
    assert "can   only you: clawmend does not change this" in text
    assert clawmend("check", *LATEST).code == 1


@pytest.mark.parametrize("age", [5 * 3600 + 1, 40 * 3600])
def test_one_that_has_come_back_is_not_told(clawmend: CommandLine, age: float) -> None:
    log_of(clawmend, refusal(time.time() - age, rawErrorPreview=QUOTA))
    assert clawmend("explain", QUOTA, *LATEST, "--json").json["findings"] == []


def test_the_month_names_the_rule_of_the_plan_instead_of_a_moment(clawmend: CommandLine) -> None:
    seen = time.time() - 1
    log_of(clawmend, refusal(seen, rawErrorPreview="429 month allocated quota exceeded"))
    found = clawmend("explain", "month allocated quota exceeded", *LATEST, "--json").json["findings"]
    if time.time() < next_midnight(seen):
        assert "on the day of the next billing month" in found[0]["summary"]


def test_json_only_gains_members(clawmend: CommandLine) -> None:
    (clawmend.home.agent / "models.json").write_text(cache())
    document = clawmend("explain", NOT_FOUND, *VERSION, "--json").json
    assert set(document) == {"schema", "explanations", "checked", "findings", "could_not_look", "not_checked"}
    assert document["not_checked"] is None
    assert document["checked"][:2] == ["OC302", "OC101"]
    assert [one["rule"] for one in document["findings"]] == ["OC101"]
    assert document["findings"][0]["path"] == "~/.openclaw/agents/main/agent/models.json"


def test_where_no_rule_looks_for_it_nobody_looks(clawmend: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_look", lambda *_arguments: pytest.fail("it looked"))
    run = clawmend("explain", "switched from npm to native installer")
    assert (run.code, "hecked" in run.out) == (0, False)


def test_a_home_that_is_not_there_is_said_and_the_text_still_explained(clawmend: CommandLine, tmp_path: Path) -> None:
    run = clawmend("explain", NOT_FOUND, "--home", tmp_path / "nobody")
    assert (run.code, run.err) == (0, "")
    assert run.out.startswith("There is nothing at this base URL (404)\n")
    assert " ".join(run.out.split()).endswith(
        f"Not checked on this machine: there is no folder {tmp_path}/nobody; name another one with --home"
    )


def test_a_look_that_fails_is_said_and_the_text_still_explained(
    clawmend: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(live, "_look", fail)
    document = clawmend("explain", NOT_FOUND, "--json").json
    assert document["explanations"][0]["id"] == "wrong-path"
    assert (document["checked"], document["findings"]) == ([], [])
    assert document["not_checked"] == "this machine could not be looked at: Input/output error; see: clawmend check"


def test_a_rule_that_is_off_is_not_asked_and_one_that_reports_repairs_nothing(clawmend: CommandLine) -> None:
    (clawmend.home.agent / "models.json").write_text(cache())
    ours = clawmend.home.root / "config.toml"
    ours.write_text('[rules]\nOC302 = "off"\nOC101 = "report"\n')
    run = clawmend("explain", NOT_FOUND, *VERSION, "--config", ours)
    assert "can   only you: clawmend does not change this" in run.out
    assert "OC302" not in clawmend("explain", NOT_FOUND, *VERSION, "--config", ours, "--json").json["checked"]


def test_where_nobody_could_look_that_is_shown(clawmend: CommandLine) -> None:
    clawmend.home.config.unlink()
    clawmend.home.config.mkdir()
    run = clawmend("explain", "Failed to read config at ~/.openclaw/openclaw.json: EISDIR", *VERSION)
    assert run.code == 0
    assert "BLIND   OC301 could not look\n    where ~/.openclaw/openclaw.json\n" in run.out


def test_it_writes_nothing(clawmend: CommandLine) -> None:
    before = read_tree(clawmend.home.path)
    clawmend("explain", NOT_FOUND, *VERSION)
    assert read_tree(clawmend.home.path) == before
    assert not clawmend.home.state.exists()

"""What the log proves, and what it does not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clawmend.core.evidence import NOTHING, Event, Evidence, Kind, profile_mark
from clawmend.core.log_events import EVENT_MARKS, read_line
from support.clock import NOW
from support.generated_documents import certain
from support.logs import RUN, Captured, all_logs, cooldown, lane_error, line, refusal

KEY = "sk-sp-test00000000000000000000000000a1"


def _told(event: Event) -> list[str | None]:
    return [event.kind.name, event.provider, event.model, event.profile, event.home, event.span, event.text]


def _read(text: str) -> Event:
    event = read_line(text)
    assert event is not None, text
    return event


@pytest.mark.parametrize("log", all_logs(), ids=lambda log: f"{log.version}-{log.name}")
def test_a_captured_log_gives_these_events_and_no_others(log: Captured) -> None:
    events = [event for text in log.lines if (event := read_line(text))]
    assert [_told(event) for event in events] == log.expected


@pytest.mark.parametrize("log", all_logs(), ids=lambda log: f"{log.version}-{log.name}")
def test_no_event_is_without_the_marks_by_which_lines_are_chosen(log: Captured) -> None:
    for text in log.lines:
        said = text.encode().partition(b',"_meta":{')[0]
        assert read_line(text) is None or any(mark in said for mark in EVENT_MARKS)


def test_the_time_is_that_of_the_line() -> None:
    assert _read(refusal(NOW - 5)).time == NOW - 5
    moved = json.loads(refusal(NOW)) | {"time": "2026-11-24T07:00:00.000+01:00"}
    assert _read(json.dumps(moved)).time == 1_795_500_000.0


class TestEndOfARun:
    def test_a_run_that_did_not_fail_is_no_event(self) -> None:
        assert read_line(refusal(isError=False)) is None

    def test_a_failure_of_no_known_kind_is_no_event(self) -> None:
        assert read_line(refusal(rawErrorPreview="500 oops", failoverReason="timeout")) is None

    def test_a_probe_tries_keys_that_nothing_uses(self) -> None:
        text = "embedded run agent end: runId=probe-1 isError=true error=HTTP 401: no"
        assert read_line(refusal(run="probe-bailian-1")) is None
        assert read_line(line(text, subsystem="agent/embedded")) is None
        timeout = "embedded run timeout: runId=probe-1 sessionId=probe-1 timeoutMs=1"
        assert read_line(line(timeout, subsystem="agent/embedded")) is None

    def test_without_the_providers_words_those_of_openclaw_are_read(self) -> None:
        assert _read(refusal(rawErrorPreview=None, error="LLM request timed out.")).kind is Kind.TIMEOUT
        assert read_line(refusal(rawErrorPreview=7, error=None, failoverReason=None, runId=None)) is None

    def test_a_login_that_cannot_be_renewed_is_no_refused_key(self) -> None:
        assert _read(refusal(providerRuntimeFailureKind="auth_refresh")).kind is Kind.OAUTH_REFRESH

    def test_the_long_form_of_the_console_names_provider_and_model(self) -> None:
        text = (
            f"embedded run agent end: runId={RUN} isError=true model=q provider=bailian error=Authentication failed "
            "rawError=401 Incorrect API key provided."
        )
        event = _read(line(text, subsystem="agent/embedded"))
        assert (event.kind, event.provider, event.model) == (Kind.AUTH, "bailian", "q")
        assert event.text == "401 Incorrect API key provided."

    def test_other_lines_of_the_same_subsystem_are_no_events(self) -> None:
        assert read_line(line("tool-search: cataloged 53 tools", subsystem="agent/embedded")) is None


class TestCooldown:
    def test_it_says_which_credential_and_until_when(self) -> None:
        event = _read(cooldown(NOW))
        assert (event.kind, event.profile, event.until) == (Kind.COOLDOWN, profile_mark("bailian:default"), NOW + 30)

    def test_the_longer_of_two_ends_counts(self) -> None:
        assert _read(cooldown(NOW, disabledUntil=(NOW + 600) * 1000, windowType="disabled")).until == NOW + 600

    @pytest.mark.parametrize("end", [None, "soon", -1, 1e300, True])
    def test_an_end_that_is_none_is_unknown(self, end: object) -> None:
        event = _read(cooldown(NOW, cooldownUntil=end, windowType=None, reason=None))
        assert event.until in {None, 0.001}
        assert event.text == "cooldown: unknown"


class TestBeforeARequest:
    @pytest.mark.parametrize("lane", ["main", "session:probe-bailian", "auth-probe:bailian", "cron"])
    def test_only_the_lane_of_a_session_counts(self, lane: str) -> None:
        assert read_line(lane_error("FailoverError: Unknown model: a/b", lane)) is None

    def test_a_failure_that_the_end_of_the_run_tells_is_not_told_twice(self) -> None:
        assert read_line(lane_error("FailoverError: 401 Incorrect API key provided.")) is None
        assert read_line(lane_error("aborted | This operation was aborted | 20")) is None

    def test_a_model_without_a_provider_is_unknown_too(self) -> None:
        event = _read(lane_error("FailoverError: Unknown model: qwen3.5-plus"))
        assert (event.provider, event.model) == (None, "qwen3.5-plus")

    def test_a_model_may_have_slashes_and_dots(self) -> None:
        event = _read(lane_error("Unknown model: openrouter/qwen/qwen3.5-plus. Run `openclaw models list`"))
        assert (event.provider, event.model) == ("openrouter", "qwen/qwen3.5-plus")

    def test_a_turn_that_needs_a_migration(self) -> None:
        words = "Auth profile store ~/.openclaw/state/openclaw.sqlite requires legacy credential migration; run it."
        event = _read(lane_error(f"AuthProfileMigrationRequiredError: {words}"))
        assert (event.kind, event.home) == (Kind.MIGRATION_REQUIRED, "~/.openclaw")

    def test_a_text_cut_off_before_its_quote_is_still_read(self) -> None:
        text = 'lane task error: lane=session:agent:main:main durationMs=1 error="Unknown model: a/b'
        assert _read(line(text, subsystem="diagnostic", level="ERROR")).model == "b"

    def test_other_diagnostics_are_no_events(self) -> None:
        assert read_line(line("lane wait exceeded: lane=main", subsystem="diagnostic")) is None


class TestConfig:
    @pytest.mark.parametrize(
        ("text", "kind", "home"),
        [
            ("Config auto-restored from backup: /srv/oc/openclaw.json (missing-meta)", Kind.CONFIG_RESTORED, "/srv/oc"),
            (
                "Config auto-restored from last-known-good: /home/a b/.openclaw/openclaw.json (reload-invalid-config)",
                Kind.CONFIG_RESTORED,
                "/home/a b/.openclaw",
            ),
            (
                "Config observe anomaly: /home/u/.openclaw/openclaw.json (size-drop-vs-last-good:1450->0)",
                Kind.CONFIG_ANOMALY,
                "/home/u/.openclaw",
            ),
            ("Config invalid at ~/.openclaw/openclaw.json.", Kind.INVALID_CONFIG, "~/.openclaw"),
            ("Config invalid: /home/u/.openclaw-dev/openclaw.json", Kind.INVALID_CONFIG, "/home/u/.openclaw-dev"),
            ("Invalid config at /etc/oc/mine.json:\\n- <root>: bad", Kind.INVALID_CONFIG, "/etc/oc"),
            ("Invalid config at /etc/oc/mine.json:\n- <root>: bad", Kind.INVALID_CONFIG, "/etc/oc"),
            ("File: ~/.clawdbot/clawdbot.json", Kind.INVALID_CONFIG, "~/.clawdbot"),
            (
                "Gateway failed to start: Error: Invalid config at /srv/oc/openclaw.json.\nx",
                Kind.INVALID_CONFIG,
                "/srv/oc",
            ),
        ],
    )
    @pytest.mark.parametrize("level", ["WARN", "ERROR"])
    def test_what_is_printed_about_it_as_a_failure(self, text: str, kind: Kind, home: str, level: str) -> None:
        event = _read(line(text, level=level))
        assert (event.kind, event.home) == (kind, home)

    def test_the_models_answer_may_say_anything(self) -> None:
        for text in (
            "Config auto-restored from backup: /srv/oc/openclaw.json (missing-meta)",
            "File: ~/.openclaw/openclaw.json",
            "embedded run agent end: runId=1 isError=true error=HTTP 401: invalid api-key",
            'lane task error: lane=session:main durationMs=1 error="Unknown model: a/b"',
            "Failed to discover Alibaba Cloud models: 404 Not Found",
            "404 status code (no body)",
            json.dumps({"event": "embedded_run_agent_end", "isError": True, "rawErrorPreview": "401 no"}),
        ):
            assert read_line(line(text, level="INFO")) is None, text

    def test_an_answer_that_is_printed_as_a_failure_must_still_be_a_sentence_of_openclaws(self) -> None:
        for text in (
            "HTTP 401: invalid api-key",
            "Unknown model: a/b",
            "I read File: ~/.openclaw/openclaw.json",
            "File: x",
        ):
            assert read_line(line(text, level="ERROR")) is None, text

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("config change requires gateway restart (auth)", Kind.RESTART_NEEDED),
            (
                "config change requires gateway restart (gateway.http) — deferring until 2 operation(s) complete",
                Kind.RESTART_NEEDED,
            ),
            ("config change requires gateway restart (gateway.mode) — preparing", Kind.RESTART_NEEDED),
            ("config reload requires gateway restart; hot mode ignoring (auth.profiles)", Kind.NOT_TAKEN),
            ("config reload disabled (gateway.reload.mode=off)", Kind.NOT_TAKEN),
            ("config hot-reload disabled: watcher failed after 5 re-create attempts in polling: x", Kind.NOT_TAKEN),
            ("config reload failed: Error: x", Kind.NOT_TAKEN),
            ("config hot reload failed before commit during plugins", Kind.NOT_TAKEN),
            ("config restart failed: Error: x", Kind.NOT_TAKEN),
            ("no SIGUSR1 listener found; restart skipped", Kind.NOT_TAKEN),
            ("config hot reload applied (models.providers.bailian.baseUrl)", Kind.RELOADED),
            ("config change applied (dynamic reads: tools.web)", Kind.RELOADED),
        ],
    )
    def test_what_the_gateway_makes_of_a_changed_config(self, text: str, kind: Kind) -> None:
        event = _read(line(text, subsystem="gateway/reload", level="WARN"))
        assert (event.kind, event.text) == (kind, text)
        assert read_line(line(text, level="INFO")) is None  # printed, as a model's answer would be

    @pytest.mark.parametrize("signal", ["SIGUSR1", "SIGUSR2"])
    def test_that_the_gateway_restarts(self, signal: str) -> None:
        assert _read(line(f"received {signal}; restarting", subsystem="gateway")).kind is Kind.RESTARTING
        assert read_line(line(f"received {signal}; shutting down", subsystem="gateway")) is None

    def test_a_missing_file_is_not_an_invalid_one(self) -> None:
        assert read_line(line("config reload skipped (config file not found)", subsystem="gateway/reload")) is None


def test_discovery_is_told_by_a_plugin_in_its_own_way() -> None:
    for text in (
        "Failed to discover Alibaba Cloud models: TimeoutError: The operation was aborted due to timeout",
        "[agents/model-providers] Failed to discover Alibaba Cloud models: 404 Not Found",
    ):
        assert _read(line(text)).kind is Kind.DISCOVERY
        assert _read(line(text, subsystem="plugins/alibaba")).kind is Kind.DISCOVERY


def test_a_probe_of_the_memory_is_a_false_alarm() -> None:
    text = 'No API key found for provider "openai". Auth store: /home/user/.openclaw/x (agentDir: /home/user/x).'
    assert read_line(line(text, subsystem="memory")) is None
    assert read_line(line("memory search unavailable", {"error": text}, subsystem="memory", level="ERROR")) is None


class TestText:
    @pytest.mark.parametrize(
        "words",
        [
            f"401 Incorrect API key provided: {KEY}",
            "401 Incorrect API key provided: corp1234key99.",
            "401 invalid api-key: 0123456789",
            '401 {"error":{"api_key":"hunter2hunter2"}}',
            "401 Bearer abcdefghijklmnop12345 was refused",
            f"401 {'very ' * 200}{KEY}",
            f"401 {'x' * 590} {KEY}",
        ],
    )
    def test_it_never_holds_a_key(self, words: str) -> None:
        text = _read(refusal(rawErrorPreview=words)).text
        for part in (KEY[6:14], "corp1234", "0123456789", "hunter2", "abcdefghijklmnop"):
            assert part not in text
        assert len(text) <= 200

    def test_it_is_one_line_without_control_characters(self) -> None:
        assert _read(refusal(rawErrorPreview="401\x1b[31m no\n\tway\u202e\u0000 ⚠️")).text == "401 [31m no way ⚠️"

    def test_a_name_that_nobody_could_have_given_is_none(self) -> None:
        event = _read(refusal(provider="a\x1bb", model="m" * 200))
        assert (event.provider, event.model) == (None, None)

    def test_half_a_character_does_not_hide_a_line(self) -> None:
        cut = refusal(rawErrorPreview="401 no HALF").replace("HALF", "\\ud83d")
        assert _read(cut).text == "401 no"


class TestQueries:
    EVIDENCE = Evidence(
        tuple(
            Event(time, kind, provider, None, None, None, "")
            for time, kind, provider in [
                (10.0, Kind.AUTH, "bailian"),
                (20.0, Kind.AUTH, "Bailian "),
                (30.0, Kind.AUTH, None),
                (40.0, Kind.QUOTA, "bailian"),
                (50.0, Kind.AUTH, "openai"),
            ]
        ),
        since=5.0,
        problem=None,
        complete=True,
    )

    def test_a_refusal_counts_for_its_provider_and_after_a_moment(self) -> None:
        assert [event.time for event in self.EVIDENCE.refused("bailian", 0)] == [10.0, 20.0]
        assert [event.time for event in self.EVIDENCE.refused(" BAILIAN", 10.0)] == [20.0]
        assert self.EVIDENCE.refused("qwen", 0) == ()

    def test_a_kind_counts_for_everybody_unless_one_is_named(self) -> None:
        assert [event.time for event in self.EVIDENCE.of(Kind.AUTH)] == [10.0, 20.0, 30.0, 50.0]
        assert [event.time for event in self.EVIDENCE.of(Kind.QUOTA, "bailian", since=39)] == [40.0]

    def test_silence_is_proof_only_of_what_was_read_whole(self) -> None:
        assert self.EVIDENCE.covers(5.0)
        assert not self.EVIDENCE.covers(4.0)
        assert not Evidence((), 0.0, "x is a directory", complete=True).covers(5.0)
        assert not Evidence((), 0.0, None, complete=False).covers(5.0)
        assert not NOTHING.covers(NOW)


def test_a_credential_is_marked_as_openclaw_marks_it() -> None:
    assert profile_mark("inline-api-key:bailian") == "sha256:1a712b5dc235"  # e401 of 2026.9.6
    assert profile_mark("bailian:default") == "sha256:c065cc3d1b5b"  # refused-stored-key of 2026.5.7
    assert profile_mark("\ud800").startswith("sha256:")


_MEMBER = st.sampled_from(["0", "1", "2", "_meta", "time", "traceId", "x"])
_TEXTS = st.sampled_from([json.loads(text) for log in all_logs() for text in log.lines])
_LEAF = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=12)
_JSON = _LEAF | st.dictionaries(_MEMBER, _LEAF | st.dictionaries(_MEMBER, _LEAF, max_size=2), max_size=2)


@certain
@given(_TEXTS, st.dictionaries(_MEMBER, _JSON, max_size=3))
def test_a_line_with_odd_members_never_raises(record: dict[str, object], odd: dict[str, object]) -> None:
    event = read_line(json.dumps({**record, **odd}))
    assert event is None or (len(event.text) <= 200 and event.text.isprintable())


@certain
@given(st.text(max_size=60))
def test_any_text_is_no_event(text: str) -> None:
    assert read_line(text) is None

"""Every error and every question of the FAQ finds its explanation, however it was pasted, and nothing else does."""

import json
import re
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clawmend.core.explanations import EXPLANATIONS, explain, nearest
from clawmend.core.phrases import Paste, Phrase
from support.purity import only_thinking

FAQ = json.loads((Path(__file__).parent / "faq.json").read_text(encoding="utf-8"))
CATALOGUE = set(FAQ["catalogue"].split())
ENTRIES: list[dict[str, Any]] = FAQ["entries"]
BY_ID = {one.id: one for one in EXPLANATIONS}
ERRORS = [entry for entry in ENTRIES if entry["kind"] == "error"]
TEXTS = [entry for entry in ENTRIES if entry["kind"] != "cause"]

# What OpenClaw, Claude Code and OpenCode really print, by version; homes and ids shortened.
CAPTURED = [
    ("wrong-path", "[agent/embedded] embedded run agent end: runId=fa3e isError=true error=404 status code (no body)"),
    ("wrong-path", "The selected model was not found by the provider. Check the model id or choose a different model."),
    ("chat-hangs", "embedded run agent end: runId=fc01 isError=true error=LLM request timed out."),
    (
        "chat-hangs",
        "Request timed out before a response was generated. Please try again, or increase `agents.defaults.",
    ),
    (
        "oauth-refresh-failed",
        'error="Error: OAuth token refresh failed for qwen-portal: Qwen OAuth refresh token expired',
    ),
    ("oauth-refresh-failed", 'FailoverError: No credentials found for profile "qwen-portal:default".'),
    (
        "unknown-model",
        'lane task error: lane=main durationMs=17 error="FailoverError: Unknown model: bailian/qwen3.5-plus"',
    ),
    (
        "unknown-model",
        "Unknown model: alibaba/qwen3.5-plus. Run `openclaw models list --refresh --provider alibaba` to inspect",
    ),
    ("unknown-model", 'Model "qwen3.5-plus" specified without provider. Falling back to "anthropic/qwen3.5-plus".'),
    ("model-not-supported", "400 model 'Qwen3.5-Plus' is not supported."),
    (
        "no-api-key",
        'Error: No API key found for provider "bailian". Auth store: /home/user/.openclaw/agents/main/agent/',
    ),
    ("token-refused", "HTTP 401: invalid access token or token expired"),
    ("token-refused", "Authentication failed (provider returned HTTP 401). Your provider token may have expired"),
    (
        "incorrect-api-key",
        "HTTP 401: Incorrect API key provided. For details, see: https://help.aliyun.com/zh/model-studio/",
    ),
    ("wrong-endpoint", "HTTP 403: invalid api-key"),
    ("wrong-endpoint", '{"status":403,"error":{"message":"invalid api-key"}}'),
    ("wrong-endpoint", "⚠️ bailian/qwen3.5-plus request failed (authentication failed, HTTP 403). Re-authenticate"),
    ("rate-limit", "⚠️ API rate limit reached. Please try again later."),
    ("billing-error", "⚠️ bailian (qwen3.5-plus) returned a billing error — your API key has run out of credits or has"),
    ("connection-error", "LLM request failed: connection refused by the provider endpoint. rawError=Connection error."),
    ("connection-error", "LLM request failed: DNS lookup for the provider endpoint failed. conn=2374 id=2"),
    ("connection-error", "isError=true error=Connection error."),
    ("connection-error", "API Error: Connection error."),
    ("request-rejected", "LLM request failed: provider rejected the request schema or tool payload. conn=d83d id=2"),
    (
        "auth-profiles-invalid",
        '- auth.profiles.qwen-portal:default.mode: Invalid input (allowed: "api_key", "oauth", "token")',
    ),
    ("auth-profiles-invalid", '{"1":"Config invalid\\n- auth.profiles.x:default: Unrecognized key: \\"apiKey\\""}'),
    (
        "invalid-openclaw-config",
        "Failed to read config at /home/user/.openclaw/openclaw.json SyntaxError: JSON5: invalid end",
    ),
    ("invalid-openclaw-config", "models.providers.bailian.baseUrl: Too small: expected string to have >=1 characters"),
    (
        "unset-variable",
        'MissingEnvVarError: Missing env var "BAILIAN_API_KEY" referenced at config path: models.providers',
    ),
    (
        "anthropic-unreachable",
        "Unable to connect to Anthropic services\n\nFailed to connect to api.anthropic.com: Status 403",
    ),
    (
        "qwen-settings-unparseable",
        "Error: Cannot read operator sandbox policy from /home/user/.qwen/settings.json: SyntaxError: Expected double-",
    ),
    (
        "qwen-settings-unparseable",
        "Error in /home/user/.qwen/settings.json: Unexpected\nPlease fix the configuration file(s) and try again.",
    ),
    ("claude-code-without-key", "Missing API key · Run /login"),
    ("input-too-long", "400 <400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 202752]"),
    (
        "gateway-mode-missing",
        "Gateway start blocked: set gateway.mode=local (current: unset) or pass --allow-unconfigured.",
    ),
    (
        "gateway-mode-missing",
        "Gateway start blocked: existing config is missing gateway.mode. Treat this as suspicious or clobbered config.",
    ),
    (
        "gateway-port-taken",
        "Gateway failed to start: another gateway instance is already listening on ws://127.0.0.1:39755",
    ),
    ("request-too-large", "Error: 413 <html>\n<head><title>413 Request Entity Too Large</title></head>"),
]

UNRELATED = """\
ModuleNotFoundError: No module named 'requests'
bash: openclaw: command not found
fatal: not a git repository (or any of the parent directories): .git
npm ERR! code ERESOLVE unable to resolve dependency tree
psycopg2.OperationalError: connection error: could not translate host name "db" to address
FATAL: lost the database due to a connection error
error: failed to push some refs to 'github.com:me/repo.git'
ECONNREFUSED 127.0.0.1:5432
Segmentation fault (core dumped)
java.lang.OutOfMemoryError: Java heap space
TypeError: Cannot read properties of undefined (reading 'map')
Permission denied (publickey).
API rate limit exceeded for 203.0.113.7. (But here's the good news: authenticated requests get a higher limit.)
You exceeded your current quota, please check your plan and billing details.
ENOSPC: no space left on device, write
404 Not Found
403 Forbidden
HTTP 401 Unauthorized
401 Unauthorized: Bad credentials
404 page not found
500 Internal Server Error
502 Bad Gateway nginx/1.25
The operation was aborted due to timeout
TimeoutError: The read operation timed out
request timed out
Invalid input
Unrecognized key in tsconfig: "paths"
OSError: [Errno 98] Address already in use
Unable to connect to the remote server
Unable to connect to services at api.example.com
This CPU model is not supported by the hypervisor
model is not supported
The model `gpt-5` does not exist or you do not have access to it.
Unknown model architecture: llama4
Unknown model type requested
No API key found. Set OPENAI_API_KEY or pass api_key to the client.
invalid API key for weather service
Disk quota exceeded
quota exceeded for quota metric 'Queries' and limit 'Queries per minute'
max_tokens must be at least 1
token expired, please log in again
Invalid token
OAuth error: invalid_grant
token refresh failed with status 400
payload too large
entity not found
ssl.SSLCertVerificationError: certificate verify failed: self-signed certificate
pip: ERROR: Could not find a version that satisfies the requirement clawmend
kernel: Out of memory: Killed process 4711 (node)
systemd[1]: openclaw-gateway.service: Start request repeated too quickly.
npm WARN deprecated inflight@1.0.6: This module is not supported
Docker: failed to discover any registry mirrors
Authentication failed, please check your username and password
config reloaded
Range of motion should be checked by a doctor
only available for subscribers
My plan supports multiple users, right?
thinking about the budget
""".splitlines()


_AROUND = st.text(alphabet=" \n.,;:x1", max_size=40)


def ids(text: str) -> list[str]:
    with only_thinking():
        return [one.id for one in explain(text)]


class TestTheTable:
    def test_it_holds_every_entry_once(self) -> None:
        assert len(ERRORS) == 26
        assert len([entry for entry in ENTRIES if entry["kind"] == "question"]) == 52
        assert len({entry["text"] for entry in ENTRIES}) == len(ENTRIES)

    @pytest.mark.parametrize("entry", TEXTS, ids=lambda entry: entry["text"][:40])
    def test_every_error_and_question_has_its_explanation(self, entry: dict[str, Any]) -> None:
        assert ids(entry["text"]) == [entry["explanation"]]

    @pytest.mark.parametrize(
        "entry", [entry for entry in ENTRIES if entry["kind"] == "cause"], ids=lambda entry: entry["text"][:40]
    )
    def test_every_cause_in_a_configuration_is_looked_for_by_a_rule(self, entry: dict[str, Any]) -> None:
        assert entry["rules"]
        assert set(entry["rules"]) <= CATALOGUE
        assert set(entry["rules"]) <= set(BY_ID[entry["explanation"]].checks)

    def test_what_is_about_configuration_is_checked_unless_nothing_can_be_wrong_with_it(self) -> None:
        unchecked = {
            entry["explanation"]
            for entry in ENTRIES
            if entry["about"] == "configuration" and not BY_ID[entry["explanation"]].checks
        }
        assert unchecked == {"native-installer"}

    def test_nothing_is_explained_that_nobody_said(self) -> None:
        said = {entry["explanation"] for entry in ENTRIES} | {name for name, _ in CAPTURED}
        assert set(BY_ID) - said == {"unmigrated-credentials", "config-auto-restored"}
        assert ids("OpenClaw requires legacy credential migration") == ["unmigrated-credentials"]
        assert ids("Config auto-restored from backup openclaw.json.bak") == ["config-auto-restored"]


class TestTheExplanations:
    @pytest.mark.parametrize("one", EXPLANATIONS, ids=lambda one: one.id)
    def test_each_is_complete_and_cites_the_catalogue(self, one: Any) -> None:
        assert re.fullmatch(r"[a-z0-9-]+", one.id)
        assert one.patterns
        assert one.meaning.endswith((".", "*"))
        assert not one.title.endswith(".")
        assert one.what_you_can_do
        assert one.source
        assert set(one.checks) <= CATALOGUE
        assert len(set(one.checks)) == len(one.checks)
        assert all(pattern == pattern.casefold() for pattern in one.patterns)

    def test_ids_and_titles_are_unique(self) -> None:
        assert len(BY_ID) == len(EXPLANATIONS)
        assert len({one.title for one in EXPLANATIONS}) == len(EXPLANATIONS)

    def test_no_phrase_has_two_gaps(self) -> None:
        """Two would make the work grow faster than the text."""
        for one in EXPLANATIONS:
            for pattern in one.patterns:
                assert pattern.replace("*/*", "").count("*") <= 1, pattern

    def test_rule_ids_of_this_release_are_in_the_catalogue(self) -> None:
        from clawmend.rules.registry import RULES  # noqa: PLC0415 - core's tests know no rules otherwise

        assert {rule.id for rule in RULES} <= CATALOGUE

    def test_every_rule_about_a_tool_beside_openclaw_is_named_by_an_explanation(self) -> None:
        from clawmend.rules.registry import RULES  # noqa: PLC0415 - as above

        named = {name for one in EXPLANATIONS for name in one.checks}
        about_tools = {rule.id for rule in RULES if rule.id.startswith(("OP", "QW"))}
        assert len(about_tools) == 8
        assert about_tools <= named


class TestPastes:
    @pytest.mark.parametrize(("name", "text"), CAPTURED)
    def test_what_the_programs_really_print(self, name: str, text: str) -> None:
        assert ids(text) == [name]

    @pytest.mark.parametrize("text", UNRELATED)
    def test_what_has_nothing_to_do_with_it_matches_nothing(self, text: str) -> None:
        assert ids(text) == []

    def test_there_are_enough_of_those(self) -> None:
        assert len(set(UNRELATED)) >= 50

    @pytest.mark.parametrize("entry", ERRORS, ids=lambda entry: entry["text"][:40])
    @pytest.mark.parametrize(
        "pasted",
        [
            lambda text: text.upper(),
            lambda text: f"  \n\n{text}\n\n",
            lambda text: text.replace("'", "’").replace('"', "“"),  # noqa: RUF001 - as word processors do
            lambda text: text.replace('"', '\\"'),
            lambda text: "\x1b[31m" + text.replace(" ", "\x1b[0m \x1b[1;38;5;9m") + "\x1b[0m",
            lambda text: "[31m" + text.replace(" ", "[0m [1m", 1) + "[0m",
            lambda text: "\x1b]0;title\x07" + text,
            lambda text: text.replace(" ", "\u00a0"),
            lambda text: "\ufeff" + text.replace("e", "e\u200b"),
            lambda text: "> " + text.replace(" ", "\n> "),
            lambda text: "\n".join(f"│ {line:<24} │" for line in textwrap.wrap(text, 24)),
            lambda text: "\r\n".join(text[place : place + 7] for place in range(0, len(text), 7)),
        ],
    )
    def test_however_it_was_pasted(self, entry: dict[str, Any], pasted: Any) -> None:
        assert ids(pasted(entry["text"])) == [entry["explanation"]]

    @pytest.mark.parametrize(
        "entry",
        [entry for entry in ERRORS if entry["explanation"] != "connection-error"],
        ids=lambda one: one["text"][:40],
    )
    def test_in_the_middle_of_a_log(self, entry: dict[str, Any]) -> None:
        log = "2026-03-02T10:00:00Z [gateway] ready\n" * 50
        assert ids(f"{log}2026-03-02T10:00:01Z [agent] error: {entry['text']}\n{log}") == [entry["explanation"]]

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("Unable to connect to Anthropic serv", "anthropic-unreachable"),
            ("able to connect to Anthropic services", "anthropic-unreachable"),
            ("invalid access token or token exp", "token-refused"),
            ("No API key found", "no-api-key"),
            ("thinking_budget parameter must be a pos", "thinking-budget"),
            ("to discover Alibaba Cloud", "model-discovery"),
            ("hour allocated quota", "quota-5-hours"),
        ],
    )
    def test_the_larger_part_of_a_message_is_enough(self, text: str, name: str) -> None:
        assert name in ids(text)

    @pytest.mark.parametrize(
        "text", ["Unable to connect", "invalid api-key", "found for", "token", "", "   ", "\x1b[0m"]
    )
    def test_less_is_not(self, text: str) -> None:
        assert ids(text) == []

    def test_several_are_told_in_their_order(self) -> None:
        text = "API rate limit reached.\n...\nNo API key found for provider 'x'\n...\nweek allocated quota exceeded"
        assert ids(text) == ["rate-limit", "no-api-key", "quota-week"]


class TestNearest:
    def test_the_most_telling_words_decide(self) -> None:
        assert nearest("something about quotas of the week allocated")[0].id == "quota-week"
        assert nearest("modelscope refuses me")[0].id == "modelscope-token"

    def test_at_most_three_and_none_without_a_word_in_common(self) -> None:
        assert len(nearest("key model provider quota plan token invalid")) <= 3
        assert nearest("zzz") == ()
        assert nearest("") == ()


class TestAnyText:
    @given(st.text() | st.text(alphabet="\x1b[]0m;\\\n\t '\"*/ unknown model:").map(lambda text: text * 3))
    def test_it_never_fails(self, text: str) -> None:
        with only_thinking():
            found = explain(text)
            assert set(found) <= set(EXPLANATIONS)
            assert len(nearest(text)) <= 3

    @settings(deadline=None)
    @given(st.sampled_from(ERRORS), _AROUND, _AROUND)
    def test_what_stands_around_it_does_not_matter(self, entry: dict[str, Any], before: str, after: str) -> None:
        if entry["explanation"] != "connection-error":
            assert entry["explanation"] in ids(f"{before}\n{entry['text']}\n{after}")

    @pytest.mark.parametrize(
        "piece",
        [
            "a", " ", "\n", "'", "\x1b", "\x1b]", "\x1b[", "\\", "[0", "model ", "model '", "unknown model: a", "/",
            "auth.profiles ", "thinking_budget ",
            "missing env var ", "é", "\u0301", "error: ",
            "-", "invalid config at ",
            "auth profiles thinking budget missing env var invalid config at ",
        ],
    )  # fmt: skip
    def test_work_grows_with_the_size_and_not_faster(self, piece: str) -> None:
        """A search that starts over at each character would take minutes here, not a moment."""
        every = {word for one in EXPLANATIONS for pattern in one.patterns for word in pattern.split()}
        text = piece * (100_000 // len(piece)) + "\n".join(sorted(every, reverse=True))
        began = time.process_time()
        explain(text)
        nearest(text)
        assert time.process_time() - began < 10


def test_a_phrase_knows_its_words_and_the_ends_of_a_line() -> None:
    phrase = Phrase("^connection error$")
    assert phrase.find(Paste.of("x\nConnection error.\ny")) == 2
    assert phrase.find(Paste.of("no connection error")) is None
    assert Phrase("a '*' b").find(Paste.of('a "c" b')) == 0
    assert Phrase("a '*' b").find(Paste.of("a c b")) is None
    assert Phrase("ref: */*").find(Paste.of("ref: a/b")) == 0
    assert Phrase("ref: */*").find(Paste.of("ref: a")) is None

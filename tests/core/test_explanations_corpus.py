"""The corpus: what the programs really wrote to their logs, cut and wrapped, and errors of other programs."""

import json
import textwrap
from collections.abc import Callable

import pytest

from clawmend.core.explanations import explain
from core.test_explanations import CAPTURED, ENTRIES, ERRORS
from support.logs import Captured, all_logs

UNRELATED = r"""\
docker: Error response from daemon: pull access denied for foo, repository does not exist or may require 'docker login'
Error response from daemon: toomanyrequests: You have reached your pull rate limit.
Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?
docker: invalid reference format: repository name must be lowercase
npm ERR! code E401 npm ERR! Incorrect or missing password.
npm ERR! code E404 npm ERR! 404 Not Found - GET https://registry.npmjs.org/foo - Not found
npm ERR! code EACCES npm ERR! syscall mkdir npm ERR! path /usr/local/lib/node_modules
npm error code ETIMEDOUT npm error network request to https://registry.npmjs.org failed
git: fatal: Authentication failed for 'https://github.com/me/repo.git/'
fatal: unable to access 'https://github.com/': Could not resolve host: github.com
error: Your local changes to the following files would be overwritten by merge
remote: Support for password authentication was removed on August 13, 2021.
json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)
SyntaxError: Unexpected token } in JSON at position 42
KeyError: 'model'
sqlite3.OperationalError: database is locked
asyncio.exceptions.TimeoutError
RecursionError: maximum recursion depth exceeded while calling a Python object
requests.exceptions.ConnectionError: HTTPSConnectionPool(host='example.com', port=443): Max retries exceeded
systemd[1]: nginx.service: Failed with result 'exit-code'.
Failed to restart ssh.service: Unit ssh.service not found.
Job for postgresql.service failed because the control process exited with error code.
systemd-resolved: Using degraded feature set UDP instead of UDP+EDNS0
Failed to connect to bus: No such file or directory
AuthenticationError: Error code: 401 - Incorrect API key
openai.RateLimitError: Error code: 429 - Rate limit reached for gpt-4o in organization org-x on tokens per min
Error 529: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}
{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}
Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing
google.api_core.exceptions.ResourceExhausted: 429 Resource has been exhausted (e.g. check quota).
API key not valid. Please pass a valid API key.
botocore.exceptions.ClientError: An error occurred (ThrottlingException) when calling InvokeModel
The security token included in the request is expired
This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.
Error: model "llama3" not found, try pulling it first
ollama: Error: could not connect to ollama app, is it running?
DeepSeek API: 402 Insufficient Balance
moonshot: Your account is suspended due to insufficient balance
max_tokens is too large: 9000. This model supports at most 4096 completion tokens
Missing required environment variable: DATABASE_URL
Error: listen EADDRINUSE: address already in use :::3000
nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)
client intended to send too large body: 2097152 bytes
curl: (6) Could not resolve host: api.example.com
curl: (28) Operation timed out after 30001 milliseconds with 0 bytes received
x509: certificate signed by unknown authority
kubectl: error: You must be logged in to the server (Unauthorized)
ImagePullBackOff: Back-off pulling image "foo:latest"
terraform: Error: Invalid provider configuration
redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. Connection refused.
error[E0432]: unresolved import `serde`
cargo: failed to select a version for the requirement `tokio = "^9"`
go: module lookup disabled by GOPROXY=off
apt: E: Could not get lock /var/lib/dpkg/lock-frontend
java.net.SocketTimeoutException: Read timed out
Uncaught (in promise) DOMException: The user aborted a request.
WARNING: UNPROTECTED PRIVATE KEY FILE!
Error: Config file /etc/foo.conf invalid
slack: invalid_auth token_revoked
telegram: 409 Conflict: terminated by other getUpdates request
""".splitlines()

# Read and judged one by one: 2026.9 shows most reasons in its own words first, then in the provider's.
LOGS: dict[str, list[str]] = {
    "2026.3 a-stale_baseurl_404": ["wrong-path"],
    "2026.3 a-stale_baseurl_api_changed": ["chat-hangs"],
    "2026.3 a-stale_baseurl_dead": ["chat-hangs"],
    "2026.3 a-stale_baseurl_hang": ["chat-hangs"],
    "2026.3 b-oauth_authjson_legacy": ["oauth-refresh-failed"],
    "2026.3 b-oauth_authprofiles_primary_qwenportal": ["oauth-refresh-failed"],
    "2026.3 b-oauth_profile_for_bailian": ["oauth-refresh-failed"],
    "2026.3 b-qwen_cli_creds": [],
    "2026.3 c-no_prefix": ["unknown-model"],
    "2026.3 c-primary_wrong_case": ["model-not-supported"],
    "2026.3 c-provider_missing": ["unknown-model"],
    "2026.3 c-provider_missing_but_in_modelsjson": ["no-api-key"],
    "2026.3 c-wrong_prefix": ["unknown-model"],
    "2026.3 d-key_empty": ["no-api-key"],
    "2026.3 d-key_envref_unset": ["unset-variable"],
    "2026.3 d-key_general": ["token-refused"],
    "2026.3 d-key_missing": ["no-api-key"],
    "2026.3 d-key_missing_then_modelsjson_has_key": ["no-api-key"],
    "2026.3 d-key_placeholder": ["token-refused"],
    "2026.3 d-key_redacted": ["token-refused"],
    "2026.3 d-key_spaces": ["no-api-key"],
    "2026.3 d-stale_apikey_profile_bailian": ["token-refused"],
    "2026.3 e-hourquota": ["rate-limit"],
    "2026.3 e-rate_general": ["rate-limit"],
    "2026.3 g-auth_profiles_apikey_key": ["auth-profiles-invalid"],
    "2026.3 g-auth_profiles_bad_mode": ["auth-profiles-invalid"],
    "2026.3 gateway-selected": [
        "wrong-path",
        "token-refused",
        "invalid-openclaw-config",
        "auth-profiles-invalid",
        "unknown-model",
        "oauth-refresh-failed",
    ],
    "2026.3 h-401_general_url_plan_key": ["incorrect-api-key"],
    "2026.3 h-403": ["wrong-endpoint"],
    "2026.3 h-baseurl_empty": ["invalid-openclaw-config"],
    "2026.5 refused-config-key": ["incorrect-api-key"],
    "2026.5 refused-stored-key": ["incorrect-api-key"],
    "2026.7 refused-config-key": ["token-refused", "incorrect-api-key"],
    "2026.9 baddomain": ["connection-error"],
    "2026.9 connrefused": ["connection-error"],
    "2026.9 e400agents": ["request-rejected", "coding-agents-only"],
    "2026.9 e400len": ["request-rejected", "input-too-long"],
    "2026.9 e400model": ["unmigrated-credentials", "request-rejected", "model-not-supported"],
    "2026.9 e401": ["token-refused", "incorrect-api-key"],
    "2026.9 e401tok": ["unmigrated-credentials", "token-refused"],
    "2026.9 e403": ["unmigrated-credentials", "wrong-endpoint"],
    "2026.9 e404": ["unmigrated-credentials", "wrong-path"],
    "2026.9 e429": ["billing-error", "quota-5-hours"],
    "2026.9 e429rl": ["rate-limit"],
    "2026.9 modelprefix": ["unknown-model"],
    "2026.9 noprov": ["unknown-model"],
    "2026.9 refused-stored-key": ["token-refused", "incorrect-api-key"],
    "2026.9 restored-from-backup": ["config-auto-restored"],
}

WAYS: dict[str, Callable[[str], str]] = {
    "colours": lambda text: "\x1b[31m" + text.replace(" ", "\x1b[0m \x1b[1m") + "\x1b[0m",
    "lost-escapes": lambda text: text.replace(" ", "[0m [31m"),
    "wrapped-at-40": lambda text: "\n".join(textwrap.wrap(text, 40)),
    "wrapped-in-mid-word": lambda text: "\n".join(text[place : place + 17] for place in range(0, len(text), 17)),
    "in-a-box": lambda text: "\n".join(f"│ {line:<30} │" for line in textwrap.wrap(text, 30)),
    "as-json": json.dumps,
    "in-capitals": str.upper,
    "quoted-in-a-mail": lambda text: "> " + text.replace(" ", "\n> "),
    "crlf": lambda text: text.replace(" ", "\r\n"),
}


def ids(text: str) -> list[str]:
    return [one.id for one in explain(text)]


@pytest.mark.parametrize("log", all_logs(), ids=lambda log: f"{log.version} {log.name}")
def test_what_the_log_of_a_real_failure_says(log: Captured) -> None:
    assert ids("\n".join(log.lines)) == LOGS[f"{log.version} {log.name}"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("name", "text"), CAPTURED, ids=[text[:40] for _, text in CAPTURED])
def test_what_the_programs_print_however_it_was_pasted(name: str, text: str, way: str) -> None:
    assert ids(WAYS[way](text)) == [name]


@pytest.mark.parametrize("text", UNRELATED)
def test_errors_of_other_programs_are_none_of_it(text: str) -> None:
    assert ids(text) == []


def test_there_are_enough_of_those_from_enough_programs() -> None:
    assert len(set(UNRELATED)) >= 50


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Agent failed before reply: OAuth token refresh fail", "oauth-refresh-failed"),
        ("Claude Code has switched from npm to native instal", "native-installer"),
        ("king_budget parameter must be a positive integer and not greater than 38912.", "thinking-budget"),
        ("400 Coding Plan is currently only available for Coding ", "coding-agents-only"),
        ("API key found for provider 'x'.", "no-api-key"),
    ],
)
def test_a_message_that_was_cut_off_at_either_end_beside_something_else(text: str, name: str) -> None:
    assert ids(text) == [name]


def test_the_score() -> None:
    """Every whole text is found in every way; of those cut by a tenth, at either end, most."""
    errors = [(entry["explanation"], entry["text"]) for entry in ENTRIES if entry["kind"] == "error"]
    assert len(errors) == len(ERRORS) == 26
    cut = [
        name in ids(part)
        for name, text in errors
        for part in (text[: int(len(text) * 0.9)], text[int(len(text) * 0.1) :])
    ]
    assert sum(cut) >= 44

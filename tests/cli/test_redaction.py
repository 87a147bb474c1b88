"""No output, and no file of ours outside the backups, holds a secret of the homes that we look at.

Homes that real programs left get random keys of many shapes wherever a key, a password or a token can stand, and
files of the neighbours beside them; then every command that shows something of them is run.
"""

import base64
import json
import os
import random
import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from clawmend.cli.app import Settings
from clawmend.core.notify_options import Target
from clawmend.core.secret import Masker, is_sensitive
from clawmend.loop.daemon import Daemon, Parts
from clawmend.loop.journal import Channels, Log
from clawmend.loop.posting import Post
from clawmend.loop.stopping import StoppableClock
from clawmend.loop.wakes import Reason, Wake
from clawmend.system.channels import RealSender
from clawmend.system.sdnotify import Notifier
from cli.run import CommandLine
from loop.bed import FakeWatching
from repair.home import NEW_KEY, OLD_URL, PLAN_URL, Home, cache, profiles
from support.captured import State, all_states

SEEDS = range(12)
_EXISTING = re.compile(r"""(?<![\w-])(?:sk|ms)-[\w-]{12,}""")
_WINDOW = 12  # so much of a secret in a row is a leak as well
_STATES = [one for one in all_states() if any(_EXISTING.search(data.decode("utf-8", "replace"))
                                              for data in one.files.values())]  # fmt: skip


def _of(alphabet: str, length: int) -> Callable[[random.Random], str]:
    return lambda chance: "".join(chance.choice(alphabet) for _ in range(length))


_WORDS = string.ascii_letters + string.digits
_LOWER = string.ascii_lowercase + string.digits
SHAPES: dict[str, Callable[[random.Random], str]] = {
    "plan": lambda chance: f"sk-sp-{_of(_LOWER, 32)(chance)}",
    "general": lambda chance: f"sk-{_of(_LOWER, 32)(chance)}",
    "anthropic": lambda chance: f"sk-ant-api03-{_of(_WORDS + '-_', 40)(chance)}",
    "modelscope": lambda chance: f"ms-{_of(_LOWER, 36)(chance)}",
    "hex": _of("0123456789abcdef", 32),
    "long hex": _of("0123456789abcdef", 64),
    "telegram": lambda chance: f"{_of(string.digits, 10)(chance)}:{_of(_WORDS, 35)(chance)}",
    "base64": lambda chance: base64.b64encode(chance.randbytes(31)).decode(),
    "zhipu": lambda chance: f"{_of(_LOWER, 32)(chance)}.{_of(_WORDS, 16)(chance)}",
    "jwt": lambda chance: f"eyJ{_of(_WORDS, 20)(chance)}.eyJ{_of(_WORDS, 30)(chance)}.{_of(_WORDS, 30)(chance)}",
    "uuid": lambda chance: "-".join(_of("0123456789abcdef", length)(chance) for length in (8, 4, 4, 4, 12)),
    "letters": _of(string.ascii_lowercase, 24),
    "digits": _of(string.digits, 16),
    "short": lambda chance: f"x{_of(_LOWER, 6)(chance)}",
    "password": lambda chance: f"{_of(_WORDS, 8)(chance)}!$%&*{_of(_WORDS, 8)(chance)}",
    "quotes": lambda chance: f"{_of(_WORDS, 9)(chance)}\"\\'{_of(_WORDS, 9)(chance)}",
    "spaces": lambda chance: f"{_of(_LOWER, 7)(chance)} {_of(_LOWER, 7)(chance)} {_of(_LOWER, 7)(chance)}",
    "other script": lambda chance: f"Schlüssel密钥{_of(_WORDS, 12)(chance)}",
    "path": lambda chance: f"{_of(_WORDS, 10)(chance)}/{_of(_WORDS, 10)(chance)}=={_of(_WORDS, 10)(chance)}",
}


@dataclass
class Planted:
    """A home with random secrets in it, and which they are: secret -> shape and place."""

    home: Home
    chance: random.Random
    secrets: dict[str, str] = field(default_factory=dict)

    def new(self, place: str, *, simple: bool = False) -> str:
        """A secret for a place; a simple one where quotes and spaces would be something else."""
        tricky = {"quotes", "spaces", "password", "path", "other script", "short"}
        shape = self.chance.choice([name for name in SHAPES if not simple or name not in tricky])
        text = SHAPES[shape](self.chance)
        self.secrets[text] = f"{shape}, {place}"
        return text

    def captured(self, state: State) -> None:
        """Lay down a captured state with new secrets in it."""
        known: dict[str, str] = {}
        for name, data in state.files.items():
            for old in _EXISTING.findall(data.decode("utf-8", "replace")):
                known.setdefault(old, self.new(name, simple=name.endswith(".sql")))
        files = {name: self._renewed(name, data, known) for name, data in state.files.items()}
        State(state.name, state.version, files, {}, None, [], "", {}).lay_down(self.home.path)

    def _renewed(self, name: str, data: bytes, known: dict[str, str]) -> bytes:
        try:
            value = json.loads(data)
        except ValueError:
            text = data.decode("utf-8", "surrogateescape")
            for old, new in known.items():
                text = text.replace(old, json.dumps(new)[1:-1].replace("'", "''" if name.endswith(".sql") else "'"))
            return text.encode("utf-8", "surrogateescape")
        return json.dumps(self._swapped(value, "", name, known), indent=2).encode()

    def _swapped(self, value: Any, member: str, name: str, known: dict[str, str]) -> Any:
        if isinstance(value, dict):
            found = {key: self._swapped(child, key, name, known) for key, child in value.items()}
            if "baseUrl" not in found:
                return found
            # Beside what is repaired, so that it stands in the diff, under a name that gives nothing away.
            return {"headers": {"X-Custom": self.new(f"{name} header", simple=True)}, **found}
        if isinstance(value, list):
            return [self._swapped(child, member, name, known) for child in value]
        if isinstance(value, str):
            if value in known:
                return known[value]
            if is_sensitive(member) and len(value) >= 16 and "${" not in value:
                return known.setdefault(value, self.new(f"{name} {member}"))
        return value

    def neighbours(self) -> None:
        """Files of every tool that we look at, each with secrets where its users put them."""
        self._merge(".claude.json", {
            "env": {"ANTHROPIC_AUTH_TOKEN": self.new("env"), "MY_SERVICE": self.new("env", simple=True)},
            "primaryApiKey": self.new("primaryApiKey"),
            "mcpServers": {"x": {"env": {"X_KEY": self.new("mcp env")},
                                 "headers": {"Authorization": f"Bearer {self.new('mcp header', simple=True)}"}}},
        })  # fmt: skip
        base = "https://dashscope.aliyuncs.com/apps/anthropic"
        self._merge(".claude/settings.json", {
            "env": {"ANTHROPIC_AUTH_TOKEN": self.new("settings"), "ANTHROPIC_BASE_URL": base,
                    "ANTHROPIC_API_KEY": self.new("settings")},
        })  # fmt: skip
        self._merge(".config/opencode/opencode.json", {"provider": {"bailian-coding-plan": {
            "npm": "@ai-sdk/anthropic",
            "options": {"baseURL": f"https://user:{self.new('url', simple=True)}@dashscope.aliyuncs.com/v1",
                        "apiKey": self.new("opencode"), "headers": {"x-secret": self.new("opencode header")}},
            "models": {"qwen3.5-plus": {"name": "q"}},
        }}})  # fmt: skip
        self._merge(".local/share/opencode/auth.json", {"bailian": {"type": "api", "key": self.new("opencode auth")}})
        self._merge(".qwen/settings.json", {
            "security": {"auth": {"selectedType": "openai", "apiKey": self.new("qwen"),
                                  "baseUrl": f"https://x.aliyuncs.com/v1?api_key={self.new('query', simple=True)}"}},
            "env": {"BAILIAN_CODING_PLAN_API_KEY": self.new("qwen env")},
            "modelProviders": {"openai": [{"id": "qwen3.5-plus", "envKey": "BAILIAN_CODING_PLAN_API_KEY",
                                           "baseUrl": "https://dashscope.aliyuncs.com/compatible-mode/v1"}]},
        })  # fmt: skip
        for path in (".openclaw/.env", ".qwen/.env", ".env"):
            lines = [f"{name}={self.new(path, simple=True)}" for name in ("OPENAI_API_KEY", "DASHSCOPE_API_KEY")]
            self.home.write(self.home.path / path, "\n".join(lines) + "\n")
        self.home.write(self.home.profiles, profiles(self.new("auth-profiles.json")))

    def config(self) -> None:
        """Our own settings, with channels that hold tokens."""
        targets = ["json://user:{}@127.0.0.1:9/hook", "ntfy://127.0.0.1:9/{}", "jsons://127.0.0.1:9/hook/{}"]
        addresses = [one.format(self.new("channel", simple=True)) for one in targets]
        self.home.write(
            self.home.path / ".config/clawmend/config.toml", f"[notify]\ntargets = {json.dumps(addresses)}\n"
        )

    def _merge(self, name: str, members: dict[str, Any]) -> None:
        path = self.home.path / name
        try:
            value = json.loads(path.read_text())
        except (OSError, ValueError):
            value = {}
        self.home.write(path, json.dumps({**value, **members}, indent=2, ensure_ascii=self.chance.random() < 0.5))

    def leaks(self, text: str, where: str) -> Iterator[str]:
        """Tell, without showing them, which secrets a text holds."""
        for secret, place in self.secrets.items():
            forms = {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
            bare = re.sub(r"^(?:sk-sp-|sk-ant-api03-|sk-|ms-|eyJ|Schlüssel密钥)", "", secret)
            forms |= {bare[start : start + _WINDOW] for start in range(len(bare) - _WINDOW + 1)}
            if any(form in text for form in forms):
                yield f"{where}: {place}"


@pytest.fixture(params=SEEDS)
def planted(request: pytest.FixtureRequest, home: Home, monkeypatch: pytest.MonkeyPatch) -> Planted:
    for name in ("QWEN_HOME", "OPENCODE_CONFIG", "OPENCODE_CONFIG_DIR", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    found = Planted(home, random.Random(request.param))  # noqa: S311 - a failure has to be seen again
    if request.param % 4:
        for path in (home.config, home.models, home.claude):
            path.unlink()
        found.captured(found.chance.choice(_STATES))
    else:
        # A key in a comment and one in the address that is repaired.
        old = f"https://dashscope.aliyuncs.com/compatible-mode/v1?token={found.new('query', simple=True)}"
        # One in a comment too, which no document that is parsed holds.
        key, earlier = (SHAPES["plan"](found.chance) for _ in range(2))
        found.secrets |= {key: "plan, openclaw.json", earlier: "plan, comment"}
        config, comment = home.config.read_text().replace(NEW_KEY, key), f"// was {earlier}"
        home.write(home.config, config.replace("// the new endpoint", comment).replace(PLAN_URL, OLD_URL))
        home.write(home.models, cache(old).replace(NEW_KEY, found.new("models.json", simple=True)))
    found.neighbours()
    found.config()
    return found


def _everything_shown(clawmend: CommandLine) -> Iterator[tuple[str, str]]:
    """Run the commands and tell what each of them said."""
    version = ("--openclaw-version", "2026.3.2")
    looks: list[tuple[str, ...]] = [
        ("check", "-v"), ("check", "--json"), ("repair", "--dry-run", "-v"), ("repair", "--dry-run", "--json"),
        ("explain", "credentials"), ("explain", "credentials", "--json"), ("explain", "opencode"),
        ("explain", "qwen", "--json"), ("explain", "claude"), ("repair", "-v"), ("history",), ("history", "--json"),
        ("history", "show", "2"), ("backups", "list"), ("backups", "show", "2"), ("report",), ("report", "--json"),
        ("config", "show"), ("config", "check"), ("metrics", "show"), ("status",), ("notify", "test"),
        ("notify", "list"), ("undo",), ("repair", "--json"),
    ]  # fmt: skip
    for words in looks:
        run = clawmend(*words, *version)
        assert run.code != 3, f"{words}: a bug of ours"
        yield " ".join(words), run.out + run.err


def _files_of_ours(state: Path) -> Iterator[tuple[str, str]]:
    for folder, _, names in os.walk(state):
        for name in names:
            if os.path.basename(folder) != "blobs":
                path = Path(folder, name)
                yield str(path.relative_to(state)), path.read_bytes().decode("utf-8", "replace")


def _watched(home: Home, configuration: Any) -> None:
    """One turn of the real watcher: its log, its status file, its outbox and its memory."""
    clock = StoppableClock()
    log = Log(Channels.of_process(str(home.state), {}, quiet=True), Masker(b"key"))
    tools = home.tools(clock=clock)
    parts = Parts(
        tools, clock, log, Notifier.take({}), Post(str(home.state), ("true",)), lambda _changed: FakeWatching(),
        lambda: configuration,
    )  # fmt: skip
    daemon = Daemon(parts, configuration)
    try:
        daemon._turn(Wake(frozenset({Reason.START})))
        assert not daemon._status.errors
    finally:
        daemon._watching.close()
        log.close()


def test_no_secret_is_ever_shown_or_kept(
    clawmend: CommandLine, planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_self: RealSender, target: Target, _title: str, _body: str, _event: object) -> str:
        return f"{target.name} is down"

    monkeypatch.setattr(RealSender, "send", refused)
    found = [leak for where, text in _everything_shown(clawmend) for leak in planted.leaks(text, where)]
    _watched(planted.home, Settings().configuration())
    found += [leak for where, text in _files_of_ours(planted.home.state) for leak in planted.leaks(text, where)]
    assert (planted.home.state / "status.json").exists()
    assert not found


def test_what_would_leak_is_found(home: Home) -> None:
    planted = Planted(home, random.Random(1))  # noqa: S311 - as above
    secret = planted.new("here")
    assert list(planted.leaks(f"key {secret}", "there"))
    assert list(planted.leaks(f"key {secret[-14:]}", "there"))
    assert not list(planted.leaks("key sk-sp-…(35 chars, 9f2c)", "there"))

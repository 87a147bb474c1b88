"""Faults that are a few letters in a file that a person writes: openclaw.json, opencode.json, settings.json."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import compress
from pathlib import Path

from e2e.home import KEY
from soak.fault import Fault, Injected, Where, put, says_the_same
from soak.homes import DESK, NEW, OLD, PLAN, URL, SoakHome
from soak.plan import Expect

EVERYWHERE = (OLD, NEW, DESK)
_MODEL = "qwen3.5-plus"


@dataclass(frozen=True, slots=True)
class Letters:
    """What stands in a file, what the fault writes in its place, and what a repair makes of it (by default `old`).

    `{n}` is the number of the step.
    """

    file: Callable[[SoakHome], Path]
    old: str
    new: Callable[[int, random.Random], str]
    mended: str = ""


def config(home: SoakHome) -> Path:
    return home.config


def opencode(home: SoakHome) -> Path:
    return home.opencode


def claude_settings(home: SoakHome) -> Path:
    return home.claude_settings


def written(*forms: str) -> Callable[[int, random.Random], str]:
    """One of these forms, with the step's number where it says {n}, and a number that is too large for {large}."""

    def fill(number: int, chance: random.Random) -> str:
        return chance.choice(forms).replace("{n}", str(number)).replace("{large}", str(9_000_000 + number))

    return fill


def in_other_letters(number: int, _chance: random.Random) -> str:
    """The model's name with some letters large: other ones for each number, 255 in all."""
    letters = [place for place, letter in enumerate(_MODEL) if letter.isalpha()]
    large = set(compress(letters, (bool((number % 255 + 1) >> bit & 1) for bit in range(len(letters)))))
    spelt = "".join(letter.upper() if place in large else letter for place, letter in enumerate(_MODEL))
    return f'"primary": "bailian/{spelt}"'


def inject(letters: Letters, where: Where) -> Injected:
    path = letters.file(where.home)
    good = path.read_text()
    assert good.count(letters.old) == 1, f"{path} has {letters.old} {good.count(letters.old)} times"
    made = good.replace(letters.old, letters.new(where.number, where.chance)).encode()
    mended = good.replace(letters.old, (letters.mended or letters.old).replace("{n}", str(where.number))).encode()
    put(path, made, where.chance)

    def tidy() -> None:
        if not says_the_same(path, good.encode()):
            put(path, good.encode(), where.chance)

    return Injected(path, made, lambda: says_the_same(path, mended), tidy)


def fault(name: str, rule: str, homes: tuple[str, ...], letters: Letters, **options: object) -> Fault:
    return Fault(name, rule, homes, partial(inject, letters), saves=letters.file.__name__, **options)  # type: ignore[arg-type]


_WRONG_PATHS = ("v{n}", "v1/{n}", "compatible-mode/v1/{n}")
_ASKED: dict[str, object] = {"expect": Expect.ASKED}
_PROFILE = '"bailian:default": { "provider": "bailian", "mode": "api_key" }'
_VARIANTS = '"variants": {'
_THINKING = '"thinking": { "type": "enabled", "budgetTokens": 1024 }'
FAULTS = (
    fault(
        "url-malformed", "OC302", EVERYWHERE,
        Letters(config, f'"{URL}"', written(*(f'"{PLAN}/{path}"' for path in _WRONG_PATHS))),
        also=("OC101",),  # the caches have the right URL, and differ from the wrong one
    ),
    fault("model-case", "OC304", EVERYWHERE, Letters(config, f'"primary": "bailian/{_MODEL}"', in_other_letters)),
    fault(
        "auth-entry", "OC307", EVERYWHERE,
        Letters(config, _PROFILE, written(f'"old{{n}}:default": {{ "provider": "old{{n}}" }}, {_PROFILE}')),
    ),
    fault(
        "auth-member", "OC307", EVERYWHERE,
        Letters(config, _PROFILE, written(_PROFILE.replace(" }", ', "token{n}": "x" }'))),
    ),
    fault(
        "key-quoted", "OC206", EVERYWHERE, Letters(config, f"'{KEY}'", written(f"'\"{KEY}\"'")), repeats=True, weight=1
    ),
    fault(
        "key-misnamed", "OC206", EVERYWHERE,
        Letters(config, f"\"apiKey\": '{KEY}', // from", written(f"\"api_key\": '{KEY}', // from")),
        repeats=True, weight=1,
    ),
    fault(
        "limits", "OC308", EVERYWHERE, Letters(config, '"contextWindow": 1000000', written('"contextWindow": {large}')),
        weight=1, **_ASKED,
    ),
    fault(
        "fallback-unknown", "OC303", EVERYWHERE,
        Letters(
            config, f'"primary": "bailian/{_MODEL}"',
            written(f'"primary": "bailian/{_MODEL}", "fallbacks": ["nowhere{{n}}/{_MODEL}"]'),
        ),
        by_hand=True, weight=1, **_ASKED,
    ),
    fault(
        "budget", "OP101", (OLD, DESK), Letters(opencode, '"budgetTokens": 81920', written('"budgetTokens": {large}'))
    ),
    fault(
        "thinking", "OP102", (OLD, DESK),
        Letters(
            opencode, _VARIANTS, written(f'{_VARIANTS} "v{{n}}": {{ {_THINKING} }}, '),
            mended=f'{_VARIANTS} "v{{n}}": {{}}, ',
        ),
    ),
    fault(
        "output", "OP103", (OLD, DESK), Letters(opencode, '"output": 65536', written('"output": {large}')),
        weight=1, **_ASKED,
    ),
    fault(
        "claude-url", "CC105", (DESK,),
        Letters(claude_settings, f'"{PLAN}/apps/anthropic"', written(f'"{PLAN}/apps/anthropic/v1"', f'"{URL}"')),
        weight=1, **_ASKED,
    ),
)  # fmt: skip

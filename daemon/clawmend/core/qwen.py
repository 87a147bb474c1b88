"""Qwen Code's settings as it understands them: which endpoint each model is asked at, and with which key.

Read in Qwen Code 0.24.4: `modelProviders` holds a list of models per protocol, each with its own base URL and the name
of a variable for its key. A variable of the shell wins over one in a `.env` file, and that over `env` in settings.json.
"""

from collections.abc import Iterator
from dataclasses import field

from clawmend.core.document import Json
from clawmend.core.frozen import dataclass
from clawmend.core.neighbours import QwenCode
from clawmend.core.plan_kinds import Region
from clawmend.core.pointer import Pointer
from clawmend.core.providers import text_of
from clawmend.core.secret import Secret
from clawmend.core.state import object_at, value_of

PLAN_VARIABLE = "BAILIAN_CODING_PLAN_API_KEY"
_REGIONS = {"global": Region.INTERNATIONAL, "china": Region.CHINA}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One base URL, where it stands, and what is asked there. `protocol` is Qwen Code's word for it ("openai").

    `variable` names the key, `secret` is the key itself where it can be known, `where` says in which words to call it.
    """

    pointer: Pointer
    url: str
    protocol: str
    variable: str | None
    secret: Secret | None
    where: str
    path: str | None
    model: str | None = None
    entry: dict[str, Json] = field(default_factory=dict, repr=False)


def endpoints_of(qwen: QwenCode) -> Iterator[Endpoint]:
    """Every base URL that Qwen Code may ask, in the order of the file."""
    settings = object_at(value_of(qwen.settings))
    for protocol, models in object_at(settings, "modelProviders").items():
        for index, model in enumerate(models if isinstance(models, list) else []):
            url = text_of(model.get("baseUrl")) if isinstance(model, dict) else None
            if isinstance(model, dict) and url is not None and "$" not in url:
                pointer = ("modelProviders", protocol, index)
                variable = text_of(model.get("envKey"))
                secret, where, path = key_in(qwen, variable)
                yield Endpoint(
                    (*pointer, "baseUrl"), url, protocol, variable, secret, where, path, text_of(model.get("id")), model
                )
    signing_in = object_at(settings, "security", "auth")
    url, key = text_of(signing_in.get("baseUrl")), text_of(signing_in.get("apiKey"))
    if url is not None and "$" not in url and signing_in.get("selectedType") == "openai":
        secret = Secret(key) if key else None
        place = ("security", "auth", "baseUrl")
        yield Endpoint(place, url, "openai", None, secret, "security.auth.apiKey", qwen.settings.path)


def key_in(qwen: QwenCode, name: str | None) -> tuple[Secret | None, str, str | None]:
    """What a variable holds when Qwen Code runs, in words where from, and the file; no secret where it is not known."""
    if name is None:
        return None, "", None
    for variable in qwen.variables:
        if variable.name == name and variable.secret.reveal():
            return variable.secret, name, variable.path
    text = text_of(object_at(value_of(qwen.settings), "env").get(name))
    secret = Secret(text) if text and "$" not in text else None
    return secret, name, qwen.settings.path


def region_of(qwen: QwenCode) -> Region | None:
    """The region that Qwen Code itself noted when the plan was set up; None where it noted none."""
    settings = value_of(qwen.settings)
    for place in (("codingPlan",), ("providerMetadata", "coding-plan")):
        found = _REGIONS.get(str(object_at(settings, *place).get("region")))
        if found is not None:
            return found
    return None

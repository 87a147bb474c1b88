"""What OpenClaw shows. Where its versions differ, the advice says for which it holds."""

from clawmend.core.explanation import Explanation

_CHECK, _REPAIR = "clawmend check", "clawmend repair"
_SEEN = "seen with OpenClaw 2026.3.2 and 2026.9.6"

OPENCLAW: tuple[Explanation, ...] = (
    Explanation(
        id="chat-hangs",
        patterns=(
            "chat responses hang or spin endlessly",
            "shows connected but chat responses hang",
            "llm request timed out!",
            "request timed out before a response was generated",
        ),
        title="OpenClaw is connected, and no answer comes",
        meaning=(
            "Requests go to an address that does not answer: a proxy or VPN holds them back, or the base URL in an "
            "agent's models.json is old. That file beats openclaw.json on OpenClaw 2026.2.26 to 2026.3.2 only."
        ),
        checks=("OC101", "OC302", "OC401"),
        what_you_can_do=(
            _REPAIR,
            "disable the proxy, or let it pass coding.dashscope.aliyuncs.com and coding-intl.dashscope.aliyuncs.com",
        ),
        source=f'Coding Plan FAQ, "OpenClaw shows Connected but chat responses hang"; {_SEEN}',
    ),
    Explanation(
        id="oauth-refresh-failed",
        patterns=("oauth token refresh failed", "no credentials found for profile"),
        title="OpenClaw signs in at another service instead of using the plan's key",
        meaning=(
            "A sign-in (OAuth) of another provider is left over, such as the free qwen-portal, which has been shut "
            "down, and a model still routes to it. A leftover sign-in that nothing routes to is harmless."
        ),
        checks=("OC202", "OC203", "OC305"),
        what_you_can_do=(
            _CHECK,
            "up to OpenClaw 2026.6.1: stop the gateway and remove the profile from the agent's auth-profiles.json",
            "from 2026.6.5 on: openclaw models auth list, then openclaw models auth logout ID",
        ),
        source=f'Coding Plan FAQ, "OAuth token refresh failed"; {_SEEN}',
    ),
    Explanation(
        id="unknown-model",
        patterns=(
            "agent failed before reply: unknown model",
            "failovererror: unknown model",
            "unknown model: */*",
            "specified without provider. falling back to",
        ),
        title="OpenClaw does not know the model, or not under this provider",
        meaning=(
            "agents.defaults.model.primary (or a fallback, or an agent's own model) names a provider that "
            "models.providers lacks: the bailian provider is missing, or the reference has another prefix or none."
        ),
        checks=("OC303", "OC305", "OC304"),
        what_you_can_do=(
            _CHECK,
            "write the model as bailian/qwen3.5-plus, and define it under models.providers.bailian.models",
            "remove providers that you no longer use, such as qwen-portal",
        ),
        source=f'Coding Plan FAQ, "Agent failed before reply: Unknown model"; {_SEEN}',
    ),
    Explanation(
        id="no-api-key",
        patterns=("no api key found for provider",),
        title="OpenClaw has no key for a provider",
        meaning=(
            "models.providers lacks the provider, or its apiKey is missing or blank, and no stored credential and no "
            'variable has one either. For the provider "openai" it is often just a probe of the memory search.'
        ),
        checks=("OC209", "OC207", "OC206", "OC201", "OC204"),
        what_you_can_do=(
            _CHECK,
            "the provider's name in models.providers must be the one in the message",
            "use the plan's key (sk-sp-)",
            "in the web interface, __OPENCLAW_REDACTED__ means that a key is stored, YOUR_API_KEY that none is",
        ),
        source=f'Coding Plan FAQ, "No API key found for provider"; {_SEEN}',
    ),
    Explanation(
        id="rate-limit",
        patterns=("api rate limit reached", "429 requests rate limit exceeded"),
        title="Too many requests, or the quota is used up",
        meaning=(
            "OpenClaw shows the same words for a rate limit and for an exhausted quota of the plan. Requests that go "
            "to the general endpoint instead of the plan's have lower limits, and are billed."
        ),
        checks=("OC208", "OC311", "OC302", "OC405", "OC404"),
        what_you_can_do=(
            _CHECK,
            "look at the usage and the next reset on the Coding Plan page",
            "if neither helps, reset the key on that page and enter the new one in every tool",
        ),
        source=f'Coding Plan FAQ, "API rate limit reached"; {_SEEN}',
    ),
    Explanation(
        id="model-discovery",
        patterns=("failed to discover alibaba cloud models",),
        title="A model list was asked for that the plan does not have",
        meaning="A notice that does not affect normal use. A stored profile alibaba-cloud:default brings it.",
        checks=("OC205",),
        what_you_can_do=("ignore it, or look for other messages if OpenClaw does not run", _CHECK),
        source='Coding Plan FAQ, "Failed to discover Alibaba Cloud models"',
    ),
    Explanation(
        id="auth-profiles-invalid",
        patterns=(
            "auth.profiles * mode: invalid input",
            "auth.profiles * unrecognized key",
            "auth.profiles.xxx errors",
        ),
        title="auth.profiles in openclaw.json holds what does not belong there",
        meaning=(
            "That part names credentials and holds none; with a wrong mode or a key in it the gateway does not start. "
            "The Coding Plan needs nothing there: its key is in models.providers.bailian.apiKey."
        ),
        checks=("OC307",),
        what_you_can_do=(_REPAIR,),
        source=f'Coding Plan FAQ, "OpenClaw shows auth.profiles.xxx errors"; {_SEEN}',
    ),
    Explanation(
        id="unknown-call-records",
        patterns=("call records of models that i never configured",),
        title="Calls of models that you did not configure",
        meaning="openclaw.json does not say which models are allowed, so OpenClaw may use others too.",
        checks=("OC306", "OC311"),
        what_you_can_do=(
            "declare the allowed models in agents.defaults.models",
            "from OpenClaw 2026.8.1 on, in agents.defaults.modelPolicy.allow",
            _CHECK,
        ),
        source='Coding Plan FAQ, "Why do I see call records of models that I never configured in OpenClaw?"',
    ),
    Explanation(
        id="invalid-openclaw-config",
        patterns=(
            "invalid config at * openclaw",
            "failed to read config at * openclaw",
            "config reload skipped (invalid config)",
            "models.providers * baseurl: too small",
        ),
        title="OpenClaw refuses openclaw.json",
        meaning=(
            "The file does not parse, or a member of it is unknown or has a wrong type. The gateway does not start "
            "with it; one that is running goes on with what it has read before."
        ),
        checks=("OC301", "OC307", "OC302", "OC310", "OC312"),
        what_you_can_do=(_CHECK, "openclaw config validate"),
        source=_SEEN,
    ),
    Explanation(
        id="unset-variable",
        patterns=("missing env var * referenced at config path",),
        title="openclaw.json uses a variable that the gateway does not have",
        meaning="${NAME} must resolve in the environment of the gateway, which is not that of your shell.",
        checks=("OC312",),
        what_you_can_do=("put the variable into ~/.openclaw/.env, and restart the gateway", _CHECK),
        source="seen with OpenClaw 2026.3.2",
    ),
    Explanation(
        id="unmigrated-credentials",
        patterns=("requires legacy credential migration",),
        title="OpenClaw 2026.9 does not start beside credentials of older versions",
        meaning="auth-profiles.json or auth.json of an older version have not been taken over into its database yet.",
        checks=("OC204",),
        what_you_can_do=(
            "do not delete them: logins in them would be lost",
            _CHECK,
            "stop the gateway, then: openclaw doctor",
        ),
        source="seen with OpenClaw 2026.9.6",
    ),
    Explanation(
        id="config-auto-restored",
        patterns=("config auto-restored from backup",),
        title="OpenClaw put an older openclaw.json back",
        meaning=(
            "It does so when the file lost meta or gateway.mode, or shrank below half. What stood there is kept as "
            "openclaw.json.clobbered.*"
        ),
        checks=("OC314", "OC310"),
        what_you_can_do=(_CHECK, "put your change into the file again, and keep meta and gateway.mode"),
        source="seen with OpenClaw 2026.9.6",
    ),
    Explanation(
        id="gateway-mode-missing",
        patterns=("gateway start blocked: set gateway.mode", "config is missing gateway.mode"),
        title="The gateway does not start without gateway.mode",
        meaning="openclaw.json does not say gateway.mode. It was never set up, or something dropped a part of it.",
        checks=("OC310", "OC314", "OC402"),
        what_you_can_do=(_CHECK, "openclaw config set gateway.mode local"),
        source=_SEEN,
    ),
    Explanation(
        id="gateway-port-taken",
        patterns=("another gateway instance is already listening on",),
        title="Another gateway has the port already",
        meaning="Mostly the service runs it, and a second one was started by hand. Only one can have the port.",
        checks=("OC402",),
        what_you_can_do=("openclaw gateway status", "stop one of the two: openclaw gateway stop"),
        source="seen with OpenClaw 2026.3.2",
    ),
)

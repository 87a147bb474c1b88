"""Names that OpenClaw knows by itself: providers without an entry in openclaw.json, and the variables that feed them.

Read out of the packages 2026.1.29 to 2026.9.6 (pi-ai catalogues, implicit providers, plugin manifests,
resolveEnvApiKey) and merged over all versions: a name in here is never called unknown, whatever the version.
"""

from clawmend.core.address import host_of
from clawmend.core.frozen import dataclass

# Chat providers that a release carries in its own catalogue or through a bundled or official plugin.
KNOWN_PROVIDERS = frozenset(
    """
    amazon-bedrock amazon-bedrock-mantle anthropic anthropic-vertex apple-fm arcee azure-openai-responses
    bailian-token-plan baseten byteplus byteplus-plan cerebras chutes claude-cli clawrouter cloudflare-ai-gateway
    cloudflare-workers-ai codex cohere comfy copilot-proxy dashscope deepinfra deepseek fal featherless fireworks
    fireworks-ai github-copilot gmi gmi-cloud gmicloud google google-antigravity google-gemini-cli google-vertex groq
    huggingface kilocode kimi kimi-code kimi-coding litellm lmstudio longcat meituan-longcat meta microsoft-foundry
    minimax minimax-cn minimax-portal minimax-portal-cn mistral modelstudio moonshot moonshot-ai moonshotai
    moonshotai-cn novita novita-ai novitaai nvidia ollama ollama-cloud openai openai-codex opencode opencode-go
    opencode-zen openrouter pixverse qianfan qwen qwen-cli qwen-oauth qwen-portal qwen-token-plan qwencloud radius
    sglang stepfun stepfun-plan synthetic tencent-tokenhub tencent-tokenplan together venice vercel-ai-gateway vllm
    volcengine volcengine-plan voyage vydra x-ai xai xiaomi xiaomi-token-plan xiaomi-token-plan-ams
    xiaomi-token-plan-cn xiaomi-token-plan-sgp z-ai z.ai zai
    """.split()  # noqa: SIM905 - a hundred names read better without quotes
)

# Up to 2026.3.7 these exist only while a profile, a variable or models.json brings them in (resolveImplicitProviders).
IMPLICIT_UNTIL_3_7 = frozenset({"qwen-portal", "minimax-portal"})

# Logins that their vendor has ended for OpenClaw: no refresh brings them back (openclaw#49557, 2026-03).
RETIRED_LOGINS = frozenset({"qwen-portal"})

# A service on this machine or the cloud's own sign-in explains these; nothing on disk does.
SELF_EXPLAINED = frozenset(
    {"ollama", "vllm", "lmstudio", "sglang", "litellm", "amazon-bedrock", "google-vertex", "apple-fm"}
)

_VARIABLES = {
    "anthropic": "ANTHROPIC_OAUTH_TOKEN ANTHROPIC_API_KEY",
    "byteplus": "BYTEPLUS_API_KEY",
    "byteplus-plan": "BYTEPLUS_API_KEY",
    "cerebras": "CEREBRAS_API_KEY",
    "chutes": "CHUTES_OAUTH_TOKEN CHUTES_API_KEY",
    "cloudflare-ai-gateway": "CLOUDFLARE_AI_GATEWAY_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "fireworks": "FIREWORKS_API_KEY",
    "github-copilot": "COPILOT_GITHUB_TOKEN GH_TOKEN GITHUB_TOKEN",
    "google": "GEMINI_API_KEY GOOGLE_API_KEY",
    "groq": "GROQ_API_KEY",
    "huggingface": "HUGGINGFACE_HUB_TOKEN HF_TOKEN",
    "kilocode": "KILOCODE_API_KEY",
    "kimi": "KIMI_API_KEY KIMICODE_API_KEY",
    "kimi-coding": "KIMI_API_KEY KIMICODE_API_KEY",
    "minimax": "MINIMAX_API_KEY MINIMAX_CODE_PLAN_KEY MINIMAX_CODING_API_KEY",
    "minimax-portal": "MINIMAX_OAUTH_TOKEN MINIMAX_API_KEY",
    "mistral": "MISTRAL_API_KEY",
    "moonshot": "MOONSHOT_API_KEY KIMI_API_KEY",
    "nvidia": "NVIDIA_API_KEY",
    "openai": "OPENAI_API_KEY CODEX_API_KEY",
    "opencode": "OPENCODE_API_KEY OPENCODE_ZEN_API_KEY",
    "opencode-go": "OPENCODE_API_KEY OPENCODE_ZEN_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
    "qianfan": "QIANFAN_API_KEY",
    "qwen": "QWEN_API_KEY MODELSTUDIO_API_KEY DASHSCOPE_API_KEY",
    "qwen-portal": "QWEN_OAUTH_TOKEN QWEN_PORTAL_API_KEY",
    "stepfun": "STEPFUN_API_KEY",
    "synthetic": "SYNTHETIC_API_KEY",
    "together": "TOGETHER_API_KEY",
    "venice": "VENICE_API_KEY",
    "vercel-ai-gateway": "AI_GATEWAY_API_KEY",
    "volcengine": "VOLCANO_ENGINE_API_KEY",
    "volcengine-plan": "VOLCANO_ENGINE_API_KEY",
    "xai": "XAI_API_KEY",
    "xiaomi": "XIAOMI_API_KEY",
    "zai": "ZAI_API_KEY Z_AI_API_KEY",
}


def variables_of(provider: str) -> tuple[str, ...]:
    """The environment variables that can hold the key of a provider; empty for a provider of one's own."""
    return tuple(_VARIABLES.get(provider, "").split())


@dataclass(frozen=True, slots=True)
class Retired:
    """A provider whose service has ended. `name` is what OpenClaw calls it, `host` where it was; `source` says so."""

    name: str
    host: str
    source: str


RETIRED = (Retired("qwen-portal", "portal.qwen.ai", "openclaw#49557 (Qwen OAuth); Coding Plan FAQ, Unknown model"),)


def retired_provider(name: str, base_url: str | None) -> Retired | None:
    """Tell which ended service a configured provider is: by its URL, or by its name where it has none.

    A name alone proves nothing beside a URL that leads elsewhere: people keep a name and change the endpoint.
    """
    if base_url is None:
        return next((one for one in RETIRED if one.name == name.strip().lower()), None)
    return next((one for one in RETIRED if one.host == host_of(base_url)), None)

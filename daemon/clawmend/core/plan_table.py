"""What the Coding Plan FAQ says, as data; what stands here from elsewhere names its source.

The FAQ bears no date. It speaks of subscriptions of February 2026 that have ended and of OpenClaw 2026.3.2 as the
version to have, hence AS_OF. Its numbers are upper limits to warn about: the tools' own tables differ in places.
"""

from clawmend.core.plan_kinds import Host, PlanModel, Region, Route, Tool
from clawmend.core.quota import Quota, Window

SOURCE = "Alibaba Cloud Model Studio, Coding Plan FAQ"
AS_OF = "2026-03"

_FAQ = "Coding Plan FAQ"
_BASE_URLS = "Alibaba Cloud Model Studio, Base URL overview (2026-10)"
_QWEN_CODE = "Qwen Code 0.24.4's region table; the FAQ names it as the host to let through a proxy"
_TOKENS = "OpenClaw 2026.9.6 (provider qwen-token-plan); Model Studio, Token Plan overview (2026-05)"
_OPENCLAW = "OpenClaw 2026.3.2 to 2026.9.6 drop a trailing /v1 and append /v1/messages; the FAQ is silent"
_AI_SDK = "the SDK appends /chat/completions, as OpenClaw does; the FAQ is silent"

PLAN_HOSTS = (
    Host("coding.dashscope.aliyuncs.com", Region.CHINA, _QWEN_CODE),
    Host("coding-intl.dashscope.aliyuncs.com", Region.INTERNATIONAL, _FAQ),
)

GENERAL_HOSTS = (
    Host("dashscope.aliyuncs.com", Region.CHINA, _BASE_URLS),
    Host("dashscope-intl.aliyuncs.com", Region.INTERNATIONAL, _FAQ),
    Host("dashscope-us.aliyuncs.com", Region.US, _BASE_URLS),
    Host("cn-hongkong.dashscope.aliyuncs.com", Region.HONGKONG, _BASE_URLS),
)

OTHER_PLAN_HOSTS = (
    Host("token-plan.cn-beijing.maas.aliyuncs.com", Region.CHINA, _TOKENS),
    Host("token-plan.ap-southeast-1.maas.aliyuncs.com", Region.INTERNATIONAL, _TOKENS),
)

# Token Plans of further regions, and workspaces with a host of their own, which are pay-as-you-go: none is a fault.
OTHER_PLAN_SUFFIXES = (".maas.aliyuncs.com",)

_OPENAI, _ANTHROPIC, _ANTHROPIC_V1 = "/v1", "/apps/anthropic", "/apps/anthropic/v1"

# The first route of a tool is the one that the FAQ names. It names none for OpenAI's Responses API.
ROUTES = (
    Route(Tool.OPENCLAW, "openai-completions", _OPENAI, _FAQ),
    Route(Tool.OPENCLAW, "anthropic-messages", _ANTHROPIC, _OPENCLAW, also=(_ANTHROPIC_V1,)),
    Route(Tool.OPENCODE, "@ai-sdk/anthropic", _ANTHROPIC_V1, _FAQ),
    Route(Tool.OPENCODE, "@ai-sdk/openai-compatible", _OPENAI, _AI_SDK),
    Route(Tool.CLAUDE_CODE, "anthropic", _ANTHROPIC, _FAQ),
    Route(Tool.CURSOR, "openai", _OPENAI, _FAQ),
    Route(Tool.CLINE, "openai", _OPENAI, _FAQ),
    Route(Tool.QWEN_CODE, "openai", _OPENAI, _FAQ),
)

# Order of the FAQ's table of thinking budgets. It names an output limit for one model, in its OpenClaw sample.
MODELS = (
    PlanModel("qwen3.5-plus", 1_000_000, 81_920, image_input=True),
    PlanModel("qwen3-max-2026-01-23", 262_144, 81_920, max_output=65_536),
    PlanModel("kimi-k2.5", 262_144, 81_920, image_input=True),
    PlanModel("glm-5", 202_752, 32_768),
    PlanModel("glm-4.7", 202_752, 32_768),
    PlanModel("MiniMax-M2.5", 204_800, 32_768, budget_covers_reply=True),
    PlanModel("qwen3-coder-next", 262_144, None),
    PlanModel("qwen3-coder-plus", 1_000_000, None),
)

QUOTAS = (
    Quota(
        Window.FIVE_HOURS,
        "hour allocated quota exceeded",
        "within 5 hours",
        "wait for the reset, or upgrade to Pro",
        "wait for the reset",
    ),
    Quota(
        Window.WEEK,
        "week allocated quota exceeded",
        "on Monday at 00:00 (UTC+8)",
        "wait for the reset, or upgrade to Pro",
        "wait for the reset",
    ),
    Quota(
        Window.MONTH,
        "month allocated quota exceeded",
        "at 00:00 (UTC+8) on the day of the next billing month on which the plan was bought",
        "upgrade to Pro, or wait for the next billing month",
        "wait for the next billing month",
    ),
)

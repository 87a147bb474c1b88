"""What the endpoint answers, and what stands between a tool and the endpoint."""

from clawmend.core.explanation import Explanation

_FAQ = 'Coding Plan FAQ, "Common errors and solutions"'
_SEEN = "seen with OpenClaw 2026.3.2 and 2026.9.6"
_URLS = (
    "OpenClaw, Cursor, Cline and Qwen Code: https://coding-intl.dashscope.aliyuncs.com/v1",
    "Claude Code: https://coding-intl.dashscope.aliyuncs.com/apps/anthropic",
    "OpenCode: https://coding-intl.dashscope.aliyuncs.com/apps/anthropic/v1",
    "in China the host is coding.dashscope.aliyuncs.com",
    "for one tool on this machine: clawmend explain opencode (or cursor, cline, qwen, claude)",
)
_CHECK = "clawmend check"

REQUESTS: tuple[Explanation, ...] = (
    Explanation(
        id="input-too-long",
        patterns=(
            "range of input length should be",
            "what are the context windows for each model",
            "how do i handle inputs that exceed the context window",
        ),
        title="The input is longer than the model's context window",
        meaning="Everything sent along (files, history, tools) has to fit into the model's context window.",
        checks=("OC308", "OP103", "OC406"),
        what_you_can_do=(
            "start a new session (/new), or compress this one (/compact)",
            "take a model with a longer context window: qwen3.5-plus and qwen3-coder-plus have 1,000,000 tokens",
            "start the tool in the folder of the project, and split the task",
        ),
        source=f'{_FAQ}; "What are the context windows for each model?"',
    ),
    Explanation(
        id="token-refused",
        patterns=(
            "invalid access token or token expired",
            "authentication failed (provider returned http 401)",
        ),
        title="The Coding Plan does not accept this key (401)",
        meaning=(
            "The request reached the plan with a key that is not the plan's: a general key (sk-), a placeholder, an "
            "old key from a stored credential that beats the configured one, or the key of a plan that has ended."
        ),
        checks=("OC208", "OC201", "OC207", "OC206", "OP104", "QW101", "CC106"),
        what_you_can_do=(
            _CHECK,
            "compare the key with the one on the Coding Plan page: it begins with sk-sp-, and changes with a new plan",
        ),
        source=f"{_FAQ}; {_SEEN}",
    ),
    Explanation(
        id="model-not-supported",
        patterns=("model '*' is not supported!", "can i use models outside the supported models list"),
        title="The plan has no model of this name",
        meaning=(
            "Model ids are case-sensitive and must be those of the plan's overview; a space before or after one "
            "makes it another."
        ),
        checks=("OC304", "OC303", "OC406"),
        what_you_can_do=(_CHECK, "take a model of the plan: clawmend config show lists those that clawmend knows"),
        source=f'{_FAQ}; "Can I use models outside the supported models list?"',
    ),
    Explanation(
        id="wrong-endpoint",
        patterns=("403 invalid api key!", "403 * invalid api key!", "request failed (authentication failed, http 403)"),
        title="The plan's key was sent to another endpoint (403)",
        meaning="The base URL is that of general Model Studio instead of the Coding Plan's.",
        checks=("OC208", "OC302", "OC101", "CC105", "OP104", "QW101"),
        what_you_can_do=(_CHECK, *_URLS),
        source=f"{_FAQ}; {_SEEN}",
    ),
    Explanation(
        id="wrong-path",
        patterns=("404 status code (no body)", "the selected model was not found by the provider"),
        title="There is nothing at this base URL (404)",
        meaning=(
            "The path of the base URL is wrong for the protocol that the tool speaks. OpenClaw 2026.2.26 to 2026.3.2 "
            "may also take an old URL from an agent's models.json instead of the right one in openclaw.json."
        ),
        checks=("OC302", "OC101", "CC105", "OP104", "QW101"),
        what_you_can_do=(_CHECK, *_URLS),
        source=f"{_FAQ}; {_SEEN}",
    ),
    Explanation(
        id="connection-error",
        patterns=(
            "^connection error$",
            "^error: connection error$",
            "^api error: connection error$",
            "^agent failed before reply: connection error$",
            "iserror=true error=connection error$",
            "rawerror=connection error",
            "connection refused by the provider endpoint",
            "dns lookup for the provider endpoint failed",
        ),
        title="The endpoint cannot be reached",
        meaning="The domain in the base URL is misspelled, or the network or a proxy does not let the request through.",
        checks=("OC302", "OC101", "OC401", "CC105", "OP104", "QW101"),
        what_you_can_do=(
            _CHECK,
            "compare the host with coding-intl.dashscope.aliyuncs.com (China: coding.dashscope.aliyuncs.com)",
            "try without a VPN or proxy, or let that host through it",
        ),
        source=f"{_FAQ}; {_SEEN}",
    ),
    Explanation(
        id="quota-5-hours",
        patterns=("hour allocated quota exceeded",),
        title="The 5-hour quota is used up",
        meaning="The plan counts calls, and those of 5 hours are spent. Nothing on this machine is wrong.",
        checks=("OC405",),
        what_you_can_do=("wait: it comes back within 5 hours", "or upgrade from Lite to Pro"),
        source=_FAQ,
    ),
    Explanation(
        id="quota-week",
        patterns=("week allocated quota exceeded",),
        title="The weekly quota is used up",
        meaning="The plan counts calls, and those of this week are spent. Nothing on this machine is wrong.",
        checks=("OC405",),
        what_you_can_do=("wait until Monday 00:00 (UTC+8)", "or upgrade from Lite to Pro"),
        source=_FAQ,
    ),
    Explanation(
        id="quota-month",
        patterns=("month allocated quota exceeded",),
        title="The monthly quota is used up",
        meaning="The plan counts calls, and those of this month are spent. Nothing on this machine is wrong.",
        checks=("OC405",),
        what_you_can_do=(
            "upgrade from Lite to Pro",
            "or wait until 00:00 (UTC+8) on the same day of the next billing month",
        ),
        source=_FAQ,
    ),
    Explanation(
        id="billing-error",
        patterns=("returned a billing error * your api key has run out of credits",),
        title="OpenClaw takes an exhausted quota for a bill that was not paid",
        meaning=(
            "OpenClaw 2026.9 shows the plan's quota errors like this and does not use the key for 10 minutes. With a "
            "general key it means what it says."
        ),
        checks=("OC405", "OC404", "OC208"),
        what_you_can_do=(
            _CHECK,
            "look at the usage on the Coding Plan page",
            "after 10 minutes OpenClaw tries the key again by itself",
        ),
        source=_SEEN,
    ),
    Explanation(
        id="incorrect-api-key",
        patterns=("incorrect api key provided", "authenticationerror: incorrect api key provided"),
        title="The endpoint refuses the key (401)",
        meaning=(
            "The key is empty, incomplete or has spaces in it; or the subscription has ended; or a key of the plan "
            "goes to the general endpoint; or a general key goes to the plan's; or OpenClaw uses an old cached URL."
        ),
        checks=("OC208", "OC206", "OC207", "OC201", "OC101", "OC302", "QW101", "OP104", "CC106"),
        what_you_can_do=(
            _CHECK,
            "compare the whole key with the one on the Coding Plan page (sk-sp-)",
            "see there whether the subscription is active",
            *_URLS,
        ),
        source='Coding Plan FAQ, "Why do I get HTTP 401: Incorrect API key provided?"',
    ),
    Explanation(
        id="modelscope-token",
        patterns=("make sure that a valid modelscope token is supplied",),
        title="The request went to ModelScope, not to the Coding Plan",
        meaning=(
            "ModelScope and Model Studio are two platforms; their credentials (ms- and sk-) do not work on each other."
        ),
        checks=("OC206", "OC406"),
        what_you_can_do=(
            "for the Coding Plan: set its base URL and its key",
            "for ModelScope: copy its token again, without spaces and line breaks",
            *_URLS,
        ),
        source='Coding Plan FAQ, "Authentication failed, please make sure that a valid ModelScope token is supplied"',
    ),
    Explanation(
        id="coding-agents-only",
        patterns=(
            "currently only available for coding agents",
            "coding plan fail when configured in dify",
            "call coding plan using postman",
        ),
        title="The plan may be used with programming tools only",
        meaning=(
            "The call came from a tool that the plan does not serve, such as curl, Postman, Dify or a script of one's "
            "own. Such use may have the plan suspended."
        ),
        checks=("OC406",),
        what_you_can_do=("use a programming tool (Claude Code, Qwen Code, OpenClaw), or the general API",),
        source='Coding Plan FAQ, "Coding Plan is currently only available for Coding Agents"',
    ),
    Explanation(
        id="data-inspection",
        patterns=("data_inspection_failed",),
        title="A content check refused the request or the answer",
        meaning="The vendor inspects what goes in and out. Nothing on this machine is wrong.",
        checks=("OC406",),
        what_you_can_do=(
            "start a new session without the passage, or word it differently",
            "see Model Studio's page on error messages",
        ),
        source='Coding Plan FAQ, "How do I handle the data_inspection_failed error?"',
    ),
    Explanation(
        id="request-rejected",
        patterns=("provider rejected the request schema or tool payload",),
        title="The endpoint refused the request; the reason is in the log",
        meaning=(
            "OpenClaw 2026.9 shows every 400 like this: a model that the plan does not have, an input that is too "
            "long, a tool that the plan does not serve."
        ),
        checks=("OC304", "OC308", "OC406"),
        what_you_can_do=(
            _CHECK,
            "look for rawError in OpenClaw's log (/tmp/openclaw), and explain that: clawmend explain TEXT",
        ),
        source=_SEEN,
    ),
)

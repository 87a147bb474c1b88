"""What Claude Code, OpenCode and Qwen Code show, and the questions about them."""

from clawmend.core.explanation import Explanation

_CHECK = "clawmend check"

TOOLS: tuple[Explanation, ...] = (
    Explanation(
        id="native-installer",
        patterns=("switched from npm to native installer",),
        title="Claude Code has a new installer",
        meaning="A notice; it does not affect normal use.",
        checks=(),
        what_you_can_do=("claude install",),
        source='Coding Plan FAQ, "Claude Code has switched from npm to native installer"',
    ),
    Explanation(
        id="anthropic-unreachable",
        patterns=("unable to connect to anthropic services", "failed to connect to api.anthropic.com"),
        title="Claude Code wants to sign in at Anthropic, which it cannot reach",
        meaning=(
            'It does so at every start while ~/.claude.json has no "hasCompletedOnboarding": true at its top level and '
            "no key is configured either."
        ),
        checks=("CC101", "CC102", "CC103", "CC106"),
        what_you_can_do=(
            "clawmend repair",
            "set ANTHROPIC_BASE_URL and ANTHROPIC_AUTH_TOKEN in ~/.claude/settings.json",
            "start claude again",
        ),
        source='Coding Plan FAQ, "Unable to connect to Anthropic services"; seen with Claude Code 1.0.128 to 2.1.330',
    ),
    Explanation(
        id="claude-code-without-key",
        patterns=("not logged in * run /login", "missing api key * run /login"),
        title="Claude Code finds no key",
        meaning="The onboarding is done, but no key is where Claude Code looks.",
        checks=("CC106", "CC105"),
        what_you_can_do=(
            _CHECK,
            "set ANTHROPIC_BASE_URL and ANTHROPIC_AUTH_TOKEN under env in ~/.claude/settings.json",
            "that file must be strict JSON: a comment or a trailing comma disables all of it",
        ),
        source="seen with Claude Code 2.1.112 and 2.1.330",
    ),
    Explanation(
        id="request-too-large",
        patterns=("request entity too large",),
        title="The request is larger than the endpoint takes",
        meaning="Code or history sent along exceeds the limit. OpenCode before 1.2.16 sends more than it should.",
        checks=("OP105",),
        what_you_can_do=(
            "start a new conversation (/new), or compress this one (/compact)",
            "update OpenCode to 1.2.16 or later: opencode upgrade",
        ),
        source='Coding Plan FAQ, "OpenCode shows Request Entity Too Large"',
    ),
    Explanation(
        id="thinking-budget",
        patterns=(
            "thinking_budget parameter must be a positive integer",
            "thinking_budget * not greater than",
        ),
        title="The thinking budget is larger than the model allows",
        meaning=(
            "options.thinking.budgetTokens in opencode.json exceeds the model's limit: 81,920 for qwen3.5-plus, "
            "qwen3-max-2026-01-23 and kimi-k2.5; 32,768 for glm-5, glm-4.7 and MiniMax-M2.5, for the last with the "
            "reply in it. qwen3-coder-next and qwen3-coder-plus do not think."
        ),
        checks=("OP101", "OP102"),
        what_you_can_do=(
            _CHECK,
            "lower budgetTokens; remove options.thinking from models that do not think",
        ),
        source='Coding Plan FAQ, "The thinking_budget parameter must be a positive integer"',
    ),
    Explanation(
        id="output-limit",
        patterns=("range of max_tokens should be",),
        title="More output is asked for than the model gives",
        meaning="limit.output in opencode.json, or maxTokens in openclaw.json, exceeds the model's maximum.",
        checks=("OP103", "OC308"),
        what_you_can_do=(_CHECK, "set the limit to the second number in the message"),
        source='Coding Plan FAQ, "Range of max_tokens should be"',
    ),
    Explanation(
        id="thinking-mode",
        patterns=("do coding plan models support thinking mode",),
        title="How to turn thinking on",
        meaning=(
            "Most models of the plan think by default; qwen3-coder-next and qwen3-coder-plus cannot. Each tool has "
            "its own switch."
        ),
        checks=("OC309", "OP101", "OP102", "QW102"),
        what_you_can_do=(
            "Claude Code: /config, Thinking mode; Ctrl+O shows the thoughts",
            'OpenCode: options.thinking = {"type": "enabled", "budgetTokens": 1024} in opencode.json',
            "Qwen Code: generationConfig.extra_body.enable_thinking = true for the model in ~/.qwen/settings.json",
            'OpenClaw 2026.3.2 or later: "reasoning": true and "compat": {"thinkingFormat": "qwen"} for the model',
            "and in its chat: /think high",
        ),
        source='Coding Plan FAQ, "Do Coding Plan models support thinking mode?"',
    ),
    Explanation(
        id="vscode",
        patterns=("use coding plan in vscode",),
        title="The plan in VS Code",
        meaning="Any extension works that speaks OpenAI's or Anthropic's protocol: Cline, Qwen Code, Claude Code.",
        checks=("CC105", "QW101"),
        what_you_can_do=(
            "Cline and Qwen Code: https://coding-intl.dashscope.aliyuncs.com/v1",
            "Claude Code: https://coding-intl.dashscope.aliyuncs.com/apps/anthropic",
            "for this machine: clawmend explain cline",
        ),
        source='Coding Plan FAQ, "How do I use Coding Plan in VSCode?"',
    ),
    Explanation(
        id="qwen-settings-unparseable",
        patterns=(
            "cannot read operator sandbox policy from",
            "please fix the configuration file(s) and try again",
        ),
        title="Qwen Code cannot read its settings",
        meaning=(
            "~/.qwen/settings.json is no JSON: it may have comments, but no comma after the last member. Qwen Code "
            "does not start on it and never restores the copy that an interrupted save leaves (settings.json.orig)."
        ),
        checks=("QW103",),
        what_you_can_do=(_CHECK, "clawmend repair --only QW103 restores the copy, if it is good"),
        source="seen with Qwen Code 0.24.4",
    ),
)

"""The members of openclaw.json that a running gateway takes over (hot), or for which it restarts all the same (cold).

Of those that clawmend never changes only some are listed. Source: `config-reload-plan` and its predecessors in the
packages of 2026.1.29, 2.26, 3.2, 3.7, 4.29, 5.7, 6.5, 7.1, 8.2, 9.1, 9.2 and 9.6, compared with each other; channels
are taken over by a plugin's own word before 2026.9.2, which nobody can know from outside. What is read anew at each
use counts as hot: the gateway says a line for it as well.
"""

_AT_EACH_USE = frozenset({"audio", "bindings", "identity", "logging", "messages", "routing", "session", "skills"})
_APPLIED = frozenset({"agent", "agents", "browser", "cron", "hooks", "models", "talk", "tools", "ui", "wizard"})
_PLUGIN_FILES = frozenset({"plugins.load", "plugins.installs"})

HOT_1_29 = _AT_EACH_USE | _APPLIED | {"gateway.reload", "gateway.remote"}
HOT_2_26 = HOT_1_29 | {"meta", "secrets"}
HOT_4_29 = HOT_2_26 - {"browser"} | {"mcp"}
HOT_5_7 = HOT_4_29 | {"plugins"}
HOT_6_5 = HOT_5_7 | {"auth.cooldowns", "tui"}
HOT_8_1 = HOT_5_7 | {"tui"}
HOT_9_2 = HOT_8_1 | {"acp", "approvals", "auth.order", "auth.profiles", "broadcast", "channels", "commands", "tts"}

COLD_4_29 = frozenset({"models.pricing"})
COLD_5_7 = COLD_4_29 | _PLUGIN_FILES
COLD_8_1 = _PLUGIN_FILES | {"mcp.apps", "secrets.egressProxy"}
COLD_9_2 = COLD_8_1 - _PLUGIN_FILES

"""`clawmend demo`: break a home in a temporary folder, repair it, undo it. Needs no OpenClaw, touches nothing else."""

import json
import os
import tempfile
from typing import Any

import click

from clawmend.cli.app import FINDINGS, OK, Command, Settings, answer, leave
from clawmend.cli.check import exit_code
from clawmend.cli.repair_report import repair_json
from clawmend.cli.report import check_json
from clawmend.repair.cycle import Outcome, repair
from clawmend.repair.looking import Diagnosis
from clawmend.repair.masking import masker_for
from clawmend.repair.planning import Options, look
from clawmend.repair.tools import look_only_tools, real_tools
from clawmend.repair.undo import choose, undo
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.durable import private_folder
from clawmend.system.machine import Place, RealClock, mask_key

VERSION = "2026.3.2"

_CONFIG = """\
// my OpenClaw, set up for the Coding Plan
{
  gateway: { mode: "local", port: 18789 },
  models: {
    mode: "merge",
    providers: {
      /* moved to the international endpoint last week */
      bailian: {
        baseUrl: "https://coding-intl.dashscope.aliyuncs.com/v1",
        apiKey: "sk-sp-demo0000000000000000000000001", // from the console
        api: "openai-completions",
        models: [{ id: "qwen3.5-plus", name: "qwen3.5-plus" }],
      },
    },
  },
  // the qwen-portal sign-in is gone, the model stayed
  agents: { defaults: {
    model: { primary: "bailian/qwen3.5-plus" },
    models: { "bailian/qwen3.5-plus": {} },
  } },
  auth: { profiles: { "qwen-portal:default": { provider: "qwen-portal", mode: "bearer" } } },
}
"""

_CACHE = {
    "providers": {
        "bailian": {
            "baseUrl": "https://dashscope.aliyuncs.com/compatible-mode/v1",
            "apiKey": "sk-sp-demo0000000000000000000000001",
            "api": "openai-completions",
            "models": [{"id": "qwen3.5-plus", "name": "qwen3.5-plus"}],
        }
    }
}

_CLAUDE = {"numStartups": 42, "theme": "dark", "projects": {"/srv/app": {"hasTrustDialogAccepted": True}}}


def lay_down(home: str) -> None:
    """Write the broken home: a stale model cache, invalid auth metadata, a lost onboarding flag."""
    agent = os.path.join(home, ".openclaw", "agents", "main", "agent")
    os.makedirs(agent, mode=0o700)
    texts = {
        os.path.join(home, ".openclaw", "openclaw.json"): _CONFIG,
        os.path.join(agent, "models.json"): json.dumps(_CACHE, indent=2),
        os.path.join(home, ".claude.json"): json.dumps(_CLAUDE, indent=2),
    }
    for path, text in texts.items():
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o600)


@click.command("demo", cls=Command)
@click.pass_obj
def demo(settings: Settings) -> None:
    """Break a home in a temporary folder, repair it, undo it; needs no OpenClaw."""
    clock = RealClock()
    with tempfile.TemporaryDirectory(prefix="clawmend-demo-") as folder:
        home, state = os.path.join(folder, "home"), os.path.join(folder, "state")
        os.mkdir(home, 0o700)
        private_folder(state)
        lay_down(home)
        place = Place(home, state, environment={})
        options = Options(version=VERSION)
        before = look(look_only_tools(place, clock), options)
        outcome = repair(real_tools(place, clock), options, dry_run=False)
        again = repair(real_tools(place, clock), options, dry_run=False)
        store = CheckpointStore(state)
        undone = undo(real_tools(place, clock), store, choose(store, home, None))
        after = look(look_only_tools(place, clock), options)
    same = [item.fingerprint(home) for item in before.findings] == [item.fingerprint(home) for item in after.findings]
    good = exit_code(before) == FINDINGS and not outcome.findings and not again.changes and same
    document = {
        "check": check_json(before, masker_for(before.snapshot, mask_key())),
        "repair": repair_json(outcome, masker_for(outcome.snapshot, mask_key())),
        "second_repair": again.verdict.value,
        "undone": [item.entry.path.removeprefix(home + "/") for item in undone.restored],
        "as_promised": good,
    }
    if settings.json:
        answer(document)
    elif not settings.quiet:
        _show(settings, before, outcome, again, document)
    leave(OK if good else FINDINGS)


def _show(settings: Settings, before: Diagnosis, outcome: Outcome, again: Outcome, document: dict[str, Any]) -> None:
    from clawmend.cli.render import show_change, show_finding  # noqa: PLC0415 - JSON needs no rich

    screen = settings.screen()
    screen.line(f"A home with OpenClaw {VERSION} and Claude Code, broken in {len(before.findings)} ways.", "bold")
    screen.line()
    screen.line("$ clawmend check", "bold")
    for finding in document["check"]["findings"]:
        show_finding(screen, finding)
    screen.line()
    screen.line("$ clawmend repair", "bold")
    for change in document["repair"]["changes"]:
        show_change(screen, change, done=True)
    screen.line(f"verdict: {outcome.verdict.value}, {outcome.seconds:.2f} s, comments and all else intact", "ok")
    screen.line()
    screen.line("$ clawmend repair        (once more)", "bold")
    screen.line(f"verdict: {again.verdict.value}", "ok")
    screen.line()
    screen.line("$ clawmend undo", "bold")
    for path in document["undone"]:
        screen.line(f"put back ~/{path}", "ok")
    screen.line()
    screen.line(
        "The folder is gone again. Your own home was not looked at: try clawmend check."
        if document["as_promised"]
        else "This did not go as it should; please report it.",
        "ok" if document["as_promised"] else "error",
    )

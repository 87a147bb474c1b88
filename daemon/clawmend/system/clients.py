"""Which programs run that hold a file in memory and may write it back."""

import os


def claude_code_runs(uid: int) -> bool:
    """Tell whether a Claude Code of this user runs. What may not be looked at does not count."""
    import psutil  # noqa: PLC0415 - 20 ms that only a repaired .claude.json is worth

    for process in psutil.process_iter(["name", "cmdline", "uids"]):
        uids = process.info["uids"]
        if uids is None or uids.real != uid or process.pid == os.getpid():
            continue
        words = process.info["cmdline"] or []
        names = {os.path.basename(word) for word in words[:2]} | {process.info["name"]}
        if "claude" in names or any("claude-code" in word for word in words[:2]):
            return True
    return False

"""What an end-to-end test did and saw, line by line, fit to be shown: keys are masked."""

import os
import re
import sys
import time
from pathlib import Path

_KEY = re.compile(r"\bsk-sp-[\w-]+")


def mask(text: str) -> str:
    """Return the text with every key cut down to what tells two of them apart."""
    return _KEY.sub(lambda key: f"sk-sp-…{key[0][-4:]} ({len(key[0])} chars)", text)


class Transcript:
    """Collects the lines of one test: pytest shows them when it fails.

    The file that CLAWMEND_E2E_TRANSCRIPT names gets them as well.
    """

    def __init__(self, title: str) -> None:
        self._began = time.monotonic()
        self._lines = [f"== {title}"]

    def say(self, line: str) -> None:
        shown = f"{time.monotonic() - self._began:6.1f} s  {mask(line)}"
        self._lines.append(shown)
        sys.stdout.write(shown + "\n")

    def close(self) -> None:
        """Append the whole test at once: another worker may write to the same file."""
        if target := os.environ.get("CLAWMEND_E2E_TRANSCRIPT"):
            with Path(target).open("a", encoding="utf-8") as file:
                file.write("\n".join(self._lines) + "\n\n")

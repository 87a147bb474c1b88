"""What a test of faults counted, one line each: shown with the test, and kept in a file where one is named."""

import os
import sys
from pathlib import Path

_TARGET = os.environ.get("CLAWMEND_FAULTS_FIGURES")  # now: a test may have forgotten its environment later


def note(text: str) -> None:
    """Print a line, and append it to the file that CLAWMEND_FAULTS_FIGURES names."""
    sys.stdout.write(text + "\n")
    if _TARGET:
        with Path(_TARGET).open("a", encoding="utf-8") as file:
            file.write(text + "\n")

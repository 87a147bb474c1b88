"""A fault-injection soak: real gateways and Claude Code, random faults, and watchers that are killed at random moments.

    PYTHONPATH=daemon:tests python -m soak --seconds 3600 --seed 1 [--resume FOLDER]

The same seed takes the same steps. Exit status 1: something did not hold, and how to see it again is printed.
"""

import argparse
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from soak.running import Options, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600.0, help="for how long new steps are begun")
    parser.add_argument("--steps", type=int, help="end after the step of this number")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where the homes and the ledger are made (default: a new one)")
    parser.add_argument("--resume", type=Path, help="go on with the soak of this folder, after its last step")
    parser.add_argument(
        "--no-kills", action="store_true", help="leave the watchers alone; their memory has to stay flat"
    )
    parser.add_argument("--only", action="append", help="only kinds of steps of this name, or of this home")
    chosen = parser.parse_args()
    folder = chosen.resume or chosen.folder or Path(tempfile.mkdtemp(prefix="clawmend-soak-"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # and nothing that was started is left
    options = Options(
        folder=folder.absolute(), seconds=chosen.seconds, steps=chosen.steps, seed=chosen.seed,
        resume=chosen.resume is not None, kills=not chosen.no_kills, only=tuple(chosen.only or ()),
    )  # fmt: skip
    held = not run(options)
    if held and not (chosen.resume or chosen.folder):
        shutil.rmtree(folder)
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()

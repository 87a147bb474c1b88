"""A home with five broken files, the real command line as a process of its own, and what must hold whatever happens."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cli.run import COMMAND, DAEMON, Run
from faults.five import AGE_NS, NAMES, VERSION, Contents, contents, lay, leftovers, new, old

_OURS = ("OPENCLAW_", "CLAUDE_", "CLAWMEND_", "XDG_", "PYTHON")


@dataclass(frozen=True, slots=True)
class Bed:
    """One home and one state folder; `prefix` of a command is what it is started with, such as a limit."""

    home: Path
    state: Path

    def laid(self) -> "Bed":
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        lay(self.home, old())
        return self

    def run(self, *words: str, prefix: tuple[str, ...] = ()) -> Run:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        environment |= {"PYTHONPATH": DAEMON, "PATH": "/usr/bin:/bin", "HOME": str(self.home), "COLUMNS": "9999"}
        where = ("--home", str(self.home), "--state-dir", str(self.state))
        done = subprocess.run(
            [*prefix, *COMMAND, *words, *where], env=environment, capture_output=True, check=False, timeout=60, cwd="/"
        )
        return Run(done.returncode, os.fsdecode(done.stdout), os.fsdecode(done.stderr))

    def repair(self, *words: str, prefix: tuple[str, ...] = ()) -> Run:
        return self.run("repair", *VERSION, *words, prefix=prefix)

    def undo(self, *words: str, prefix: tuple[str, ...] = ()) -> Run:
        return self.run("undo", *words, prefix=prefix)

    @property
    def contents(self) -> Contents:
        return contents(self.home)

    @property
    def leftovers(self) -> list[str]:
        return leftovers(self.home, self.state)

    def is_refused(self, run: Run, *said: str) -> None:
        """Exit code 2, a sentence with every word of `said` and no report of a bug; nothing was changed or left."""
        self.has_sentence(run, *said)
        assert run.code == 2, run
        assert self.contents == dict(old())
        assert self.leftovers == []

    def is_held(self, run: Run, name: str, *said: str) -> None:
        """What cannot be changed is held with a sentence and the rest can be undone, or everything is refused."""
        if run.code == 2 and self.contents == dict(old()):
            self.is_refused(run, *said)
            return
        self.has_sentence(run, *said)
        assert run.code in {1, 2}, run
        assert self.contents == new() | {name: old()[name]}, self.states()
        undone = self.undo()
        assert undone.code == 0, undone
        assert self.contents == dict(old()), self.states()
        assert self.leftovers == []

    def states(self) -> dict[str, str]:
        """What the files are, in words for a failed assertion."""
        return {
            name: "old" if data == old()[name] else "new" if data == new()[name] else f"other: {data!r:.80}"
            for name, data in self.contents.items()
        }

    def has_sentence(self, run: Run, *said: str) -> None:
        everything = f"{run.out}\n{run.err}"
        assert "Traceback" not in everything, run
        assert "bug of clawmend" not in everything, run
        for words in said:
            assert words in " ".join(everything.split()), (words, run)

    def is_all_or_nothing(self, run: Run) -> bool:
        """Whatever came of a repair: every file is old, or every file is new; tells whether they are new."""
        self.has_sentence(run)
        found = self.contents
        assert found in (dict(old()), new()), (self.states(), run)
        assert self.leftovers == []
        assert (run.code == 0) == (found == new()), run
        assert run.code in {0, 2}, run
        return found == new()

    def works_again(self) -> None:
        """With the obstacle gone a repair succeeds, the backups are whole, and an undo puts everything back."""
        run = self.repair()
        assert run.code == 0, run
        self.is_repaired()
        assert self.run("backups", "verify").code == 0
        self.can_be_undone()

    def is_repaired(self) -> None:
        assert self.contents == new(), self.states()
        assert self.leftovers == []

    def can_be_undone(self) -> None:
        """Bytes, mode and time are what they were."""
        run = self.undo()
        assert run.code == 0, run
        assert self.contents == dict(old()), self.states()
        for name in NAMES:
            status = (self.home / name).stat()
            assert (status.st_mode & 0o7777, status.st_mtime_ns) == (0o600, AGE_NS), name
        assert self.leftovers == []

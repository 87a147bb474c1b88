"""Whatever is done in whatever order, no content that we displaced is lost: a machine that plays all parts at once."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from clawmend.core.errors import ClawmendError
from clawmend.repair.cycle import repair
from clawmend.repair.known_good import promote
from clawmend.repair.planning import Options, look
from clawmend.repair.recovery import recover, recover_if_needed
from clawmend.repair.undo import choose, undo
from clawmend.system.blobs import digest
from clawmend.system.checkpoints import CheckpointStore
from clawmend.system.retention import Policy, surplus
from repair.home import NEW_KEY, OLD_URL, PLAN_URL, Home, cache, profiles
from support.faults import failing_call

_OPTIONS = Options(version="2026.3.2")
_DAY = 86_400.0


class _Killed(BaseException):
    """The process is gone: nothing of it runs any more, not even what tidies up."""


class NeverLost(RuleBasedStateMachine):
    """A home, its user, its programs, a clawmend that is now and then cut off, and a clock that only runs on."""

    @initialize()
    def begin(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="clawmend-test-"))
        self.home = Home(self.root, 1).healthy()  # a port on which nobody listens
        self.tools = self.home.tools()
        self.store = CheckpointStore(str(self.home.state))
        self.files = (self.home.config, self.home.models, self.home.profiles, self.home.claude)
        self.first: dict[Path, bytes] = {}
        self.ours: set[str] = set()  # what clawmend made and nobody else had written: not a person's content

    def teardown(self) -> None:
        shutil.rmtree(getattr(self, "root", Path("/nonexistent")), ignore_errors=True)

    def _contents(self) -> dict[Path, bytes | None]:
        return {path: path.read_bytes() if path.exists() else None for path in self.files}

    def _kept(self) -> set[str]:
        return set(self.store.blobs.sizes())

    def _write(self, path: Path, text: str) -> None:
        """Let somebody write; what they write is theirs, even if clawmend has made the same.

        Except for what a repair that was cut off was about to write there, byte for byte: nobody can tell whose that
        is. Recovery takes it for its own and puts back what was there, and the next repair makes it again.
        """
        self.home.write(path, text)
        written = str(digest(text.encode()))
        announced = {entry.after for one in self.store.unfinished() for entry in one.entries}
        (self.ours.add if written in announced else self.ours.discard)(written)

    def _by_clawmend(self, work: Callable[[], object], fail_at: int | None = None) -> None:
        """Let clawmend work, cut off at a call if asked; what each file held before must then be there or kept."""
        before = self._contents()
        try:
            if fail_at is None:
                work()
            else:
                with failing_call(fail_at, _Killed):
                    work()
        except (ClawmendError, _Killed) as error:
            event(type(error).__name__)
        now, kept = self._contents(), self._kept()
        for path, data in before.items():
            if now[path] is not None and now[path] != data and digest(now[path]) not in kept:
                self.ours.add(str(digest(now[path])))
            if data is not None and now[path] != data and digest(data) not in self.ours:
                assert digest(data) in kept, f"{path.name} is lost: {data!r}"
                self.first.setdefault(path, data)

    @rule(url=st.sampled_from([OLD_URL, PLAN_URL]), word=st.text("abc", max_size=3))
    def the_gateway_writes_its_cache(self, url: str, word: str) -> None:
        self._write(self.home.models, cache(url) + " " * len(word))

    @rule(text=st.sampled_from(["{", "", "null", '{"providers": {}}']))
    def the_cache_breaks(self, text: str) -> None:
        self._write(self.home.models, text)

    @rule(key=st.sampled_from(["YOUR_API_KEY", NEW_KEY]))
    def a_profile_is_written(self, key: str) -> None:
        self._write(self.home.profiles, profiles(key))

    @rule(done=st.booleans(), starts=st.integers(0, 3))
    def claude_code_writes(self, done: bool, starts: int) -> None:
        flag = "true" if done else "false"
        self._write(self.home.claude, f'{{"numStartups": {starts}, "hasCompletedOnboarding": {flag}}}')

    @rule(which=st.integers(0, 3), text=st.text("xyz{}", max_size=4))
    def the_user_edits(self, which: int, text: str) -> None:
        self._write(self.files[which], text)

    @rule(which=st.integers(0, 3))
    def the_user_removes(self, which: int) -> None:
        self.files[which].unlink(missing_ok=True)

    @rule()
    def clawmend_repairs(self) -> None:
        self._by_clawmend(self._repair)

    @rule(fail_at=st.integers(1, 140))
    def a_repair_is_killed(self, fail_at: int) -> None:
        self._by_clawmend(self._repair, fail_at)

    @rule(force=st.booleans())
    def the_last_repair_is_undone(self, force: bool) -> None:
        self._by_clawmend(lambda: self._undo(force=force))

    @rule(force=st.booleans(), fail_at=st.integers(1, 100))
    def an_undo_is_killed(self, force: bool, fail_at: int) -> None:
        self._by_clawmend(lambda: self._undo(force=force), fail_at)

    @precondition(lambda self: self.store.all())
    @rule(which=st.integers(0, 50), force=st.booleans())
    def any_checkpoint_is_undone(self, which: int, force: bool) -> None:
        known = self.store.all()
        self._by_clawmend(lambda: undo(self.tools, self.store, known[which % len(known)], force=force))

    @rule(fail_at=st.integers(1, 60))
    def a_recovery_is_killed(self, fail_at: int) -> None:
        self._by_clawmend(lambda: recover_if_needed(self.tools, self.store), fail_at)

    @rule()
    def clawmend_recovers(self) -> None:
        self._by_clawmend(lambda: recover(self.tools, self.store))
        assert not self.store.unfinished()
        assert not list(self.root.rglob("*.clawmend-*"))

    @rule()
    def what_is_good_is_kept(self) -> None:
        self._by_clawmend(lambda: promote(self.tools, self.store, look(self.tools, _OPTIONS)))

    @rule(days=st.sampled_from([1.0, 100.0]))
    def old_backups_are_pruned(self, days: float) -> None:
        self.tools.clock.sleep(days * _DAY)
        found = surplus(self.store.all(), self.store.blobs.sizes(), self.tools.clock.now(), Policy(checkpoints=25))
        self.store.prune((one.id for one in found.checkpoints), found.blobs)

    @invariant()
    def the_store_is_whole(self) -> None:
        if hasattr(self, "store") and os.path.isdir(self.store.root):
            assert not self.store.damage()

    @invariant()
    def the_first_content_of_every_file_is_kept_for_ever(self) -> None:
        kept = self._kept() if hasattr(self, "store") else set()
        for path, data in getattr(self, "first", {}).items():
            assert digest(data) in kept, f"the first content of {path.name} is gone"

    def _repair(self) -> None:
        recover_if_needed(self.tools, self.store)
        repair(self.tools, _OPTIONS, dry_run=False)

    def _undo(self, *, force: bool) -> None:
        recover_if_needed(self.tools, self.store)
        undo(self.tools, self.store, choose(self.store, str(self.home.path), None), force=force)


TestNeverLost = NeverLost.TestCase
TestNeverLost.settings = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

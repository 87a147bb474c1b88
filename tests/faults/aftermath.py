"""What has to be true after a kill or an error, each as a sentence when it is not."""

from collections.abc import Iterator
from dataclasses import dataclass

from faults.injection import Ended
from faults.stage import RECOVER, REPAIR, UNDO, VERIFY, Look, Stage, bytes_of

Bytes = tuple[bytes | None, ...]
_MAX_UNDOS = 3
_HONEST, _FAILED = frozenset({0, 1, 2, 4}), frozenset({2, 4})
_AT_ONCE = 8.0  # seconds; less than any time after which a lock is said to be stale, much more than a run takes


@dataclass(frozen=True)
class Acts:
    """The home before a repair and after it, as a run without any fault leaves it."""

    stage: Stage
    old: tuple[Look, ...]
    new: tuple[Look, ...]
    others: dict[str, tuple[int, bytes | None]]

    def torn(self) -> Iterator[str]:
        """Every file is wholly old or wholly new, with its mode, and nothing else in the home was touched."""
        for path, look, old, new in zip(self.stage.five, self.stage.looks(), self.old, self.new, strict=True):
            if _lasting(look) not in {_lasting(old), _lasting(new)}:
                yield f"{path.name} is neither old nor new: {look}"
        if self.stage.others() != self.others:
            yield f"something else in the home was changed: {self.stage.others().keys() ^ self.others.keys()}"

    def mixed(self) -> Iterator[str]:
        """All files are old, as they were in every respect, or all are new; nothing of ours lies about."""
        looks = self.stage.looks()
        if bytes_of(looks) == bytes_of(self.old):
            if looks != self.old:
                yield "the bytes are the old ones, a mode or a time is not"
        elif bytes_of(looks) != bytes_of(self.new):
            yield f"some files are old and some are new: {self.which()}"
        if self.stage.litter():
            yield f"left behind: {self.stage.litter()}"
        yield from self.torn()

    def which(self) -> str:
        """Which files are old and which are new."""
        looks = bytes_of(self.stage.looks())
        return " ".join(
            "old" if look == old else "new" if look == new else f"torn: {look!r:.60}"
            for look, old, new in zip(looks, bytes_of(self.old), bytes_of(self.new), strict=True)
        )

    def problems_after_kill(self) -> Iterator[str]:
        """Recovery leaves all or nothing; then backups are whole, a repair works, and an undo brings all back."""
        yield from self.torn()
        yield from self.recovers()
        yield from self.mixed()
        yield from self.goes_on()

    def problems_after_error(
        self, ended: Ended, *, undoing: bool, lasting: bool, looking: bool, on: bool
    ) -> Iterator[str]:
        """The exit code says what happened, and however often the fault came, the way back and onwards is open.

        A fault that lasts may keep the run from putting back what it had done. One that only hides a file leaves a
        repair of the others, or one that could not be looked at in the end, which is code 2 as well. An undo that
        has done everything and could not note it says so with code 2. `on`: see as well that it goes on from there.
        """
        start, goal = (self.new, self.old) if undoing else (self.old, self.new)
        if ended.code not in _HONEST or "Traceback" in ended.said or "this is a bug" in ended.said:
            yield f"ended with {ended.code}: {_end_of(ended)}"
        yield from self.torn()
        looks = bytes_of(self.stage.looks())
        allowed = {bytes_of(start), bytes_of(goal)} if undoing else {bytes_of(start)}
        if ended.code in _FAILED and not lasting and not looking and looks not in allowed:
            yield f"it ended with {ended.code} and not as it began: {self.which()}; {_end_of(ended)}"
        if ended.code == 0 and looks != bytes_of(goal) and not looking:
            yield f"it said that all is done: {self.which()}"
        yield from self.recovers()
        if ended.code == 0 and bytes_of(self.stage.looks()) != looks:
            yield f"recovery took back what was done: {self.which()}"
        if not looking:
            yield from self.mixed()
        elif self.stage.litter():
            yield f"left behind: {self.stage.litter()}"
        if on:
            yield from self.goes_on()

    def recovers(self) -> Iterator[str]:
        yield from _not_done(self.stage.run(*RECOVER), RECOVER)

    def goes_on(self) -> Iterator[str]:
        """Backups are whole, the next repair leaves everything new, undoing everything leaves everything old."""
        yield from _not_done(self.stage.run(*VERIFY, "-q"), VERIFY)
        yield from _not_done(self.stage.run(*REPAIR, "-q"), REPAIR)
        if bytes_of(self.stage.looks()) != bytes_of(self.new):
            yield f"after the next repair: {self.which()}"
        for _ in range(_MAX_UNDOS):
            yield from _not_done(self.stage.run(*UNDO, "-q"), UNDO)
            if bytes_of(self.stage.looks()) == bytes_of(self.old):
                break
        if self.stage.looks() != self.old:
            yield f"after undoing everything a mode, a time or a content is not the old one: {self.which()}"
        yield from self.mixed()


def first(problems: Iterator[str]) -> list[str]:
    """The first problem; what comes after it may only follow from it."""
    for problem in problems:
        return [problem]
    return []


def acts_of(stage: Stage) -> Acts:
    """Play it once without faults."""
    stage.lay()
    old, others = stage.looks(), stage.others()
    ended = stage.run(*REPAIR)
    new = stage.looks()
    assert ended.code == 0, ended.said
    assert all(before != after for before, after in zip(bytes_of(old), bytes_of(new), strict=True)), ended.said
    assert others == stage.others()
    assert stage.litter() == []
    return Acts(stage, old, new, others)


def _lasting(look: Look) -> tuple[bytes, int] | None:
    return look[:2] if look else None


def _not_done(ended: Ended, words: tuple[str, ...]) -> Iterator[str]:
    if ended.code != 0:
        yield f"{' '.join(words)} ended with {ended.code}: {_end_of(ended)}"
    if ended.seconds > _AT_ONCE:
        yield f"{' '.join(words)} waited for something: it took {ended.seconds:.1f} s"


def _end_of(ended: Ended) -> str:
    return " ".join(ended.said.split())[-300:]

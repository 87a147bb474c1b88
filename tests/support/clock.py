"""A clock for tests: it moves only when somebody sleeps on it, and sleeping takes no time."""

NOW = 1_795_500_000.0


class FakeClock:
    def __init__(self, now: float = NOW) -> None:
        self.time = now
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time - NOW

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

"""Everything an end-to-end test needs, and its end: when a lab closes, nothing that it started is left."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

from e2e.gateway import Gateway
from e2e.home import KEY, Home
from e2e.install import Cache, Program
from e2e.processes import end_all
from e2e.provider import Provider
from e2e.transcript import Transcript


class Lab:
    """Makes homes for one test."""

    def __init__(self, folder: Path, cache: Cache, transcript: Transcript) -> None:
        self.folder = folder
        self.cache = cache
        self.transcript = transcript
        self.provider = Provider(KEY)
        self._ending = ExitStack()
        self._ending.callback(transcript.close)
        self._ending.callback(self.provider.close)

    def openclaw(self, version: str) -> Gateway:
        """Make a healthy home of this OpenClaw; its gateway is not started yet."""
        self.transcript.say(f"a home with OpenClaw {version}, its provider at {self.provider.url}/v1")
        home = self.home(self.cache.openclaw(version))
        home.set_up_openclaw()
        gateway = Gateway(home)
        self._ending.callback(gateway.stop)
        return gateway

    def claude(self, version: str) -> Home:
        """Make a home in which this Claude Code is installed."""
        self.transcript.say(f"a home with Claude Code {version}")
        return self.home(self.cache.claude(version))

    def opencode(self, version: str) -> Home:
        """Make a home in which this OpenCode is installed."""
        self.transcript.say(f"a home with OpenCode {version}")
        return self.home(self.cache.opencode(version))

    def qwen(self, version: str) -> Home:
        """Make a home in which this Qwen Code is installed."""
        self.transcript.say(f"a home with Qwen Code {version}")
        return self.home(self.cache.qwen(version))

    def home(self, *programs: Program) -> Home:
        """Make an empty home in which these programs can be run."""
        folder = Path(tempfile.mkdtemp(prefix="home-", dir=self.folder))
        home = Home(folder, programs, self.provider, self.transcript)
        home.lay_down()
        self._ending.callback(end_all, home.mark)
        return home

    def close(self) -> None:
        """End what still runs, and insist that it ended."""
        self._ending.close()

"""OpenClaw's version numbers as they compare: year, month, patch.

`2026.7.1-2` is a rebuild of 2026.7.1 and counts as it; a beta counts as the release it precedes.
Late maintenance builds (2026.7.33) sort after 2026.7.1 and before 2026.8.1, which is how they behave.
Source: facts on eras, "compare version tuples, never dates".
"""

import re
from typing import Self

from clawmend.core.frozen import dataclass

_VERSION = re.compile(r"v?(\d{4})\.(\d{1,3})\.(\d{1,4})(?:-[0-9A-Za-z.-]+)?")


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """Three numbers, for instance 2026, 3, 2."""

    year: int
    month: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read `2026.3.2`, `v2026.3.2` or `2026.7.1-2`; None for anything else."""
        found = _VERSION.fullmatch(text.strip())
        if found is None:
            return None
        year, month, patch = found.groups()
        return cls(int(year), int(month), int(patch))

    def __str__(self) -> str:
        return f"{self.year}.{self.month}.{self.patch}"

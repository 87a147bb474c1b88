"""Breaking text into lines: between words only, because a path has to stay in one piece to be copied."""

import unicodedata
from collections.abc import Callable


def wrapped(text: str, width: int, measure: Callable[[str], int]) -> list[str]:
    """Break a text into lines of at most `width` cells; `measure` tells how many cells a text takes."""
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            if line and measure(line) + 1 + measure(word) > width:
                lines.append(line.rstrip())
                line = word
            else:
                line = f"{line} {word}" if line else word
        lines.append(line.rstrip())
    return lines


def cells(text: str) -> int:
    """Count the cells of a terminal that a text takes, without the tables that rich loads for it."""
    return sum(
        0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )

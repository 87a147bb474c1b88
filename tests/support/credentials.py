"""Which texts of a tree are secrets, found without the product's own masker."""

import re

from support.trees import Tree

_MEMBER = re.compile(rb"""["']?(?:apiKey|key|token|access|refresh|password)["']?\s*:\s*["']([^"'\r\n]{6,})["']""")


def secrets_of(tree: Tree) -> frozenset[str]:
    """The values of all members that hold a credential, in any file that is text."""
    found: set[str] = set()
    for node in tree.values():
        for text in _MEMBER.findall(node.content or b"") if node.kind == "file" else ():
            found.add(text.decode("latin-1").strip())
    return frozenset(text for text in found if not text.startswith("${"))

"""What the text of a TOML file is looked at for before it is parsed, in one pass.

The parser of the standard library needs the square of the parts of a dotted name, in time and memory. Everything here
is linear: no pattern gives back what it has taken.
"""

from __future__ import annotations

import re

from exosim.problems import DEEPEST

STRINGS = re.compile(
    r'''"""(?:[^"\\]|\\.|"{1,2}(?!"))*+(?:"{3,5}|\Z)'''
    r"""|'''(?:[^']|'{1,2}(?!'))*+(?:'{3,5}|\Z)"""
    r"""|"(?:[^"\\\n]|\\[^\n])*+"?"""
    r"""|'[^'\n]*+'?"""
    r"""|\#[^\n]*+""",
    re.DOTALL,
)
PART = r"[\w-]++[ \t]*+\.[ \t]*+"
CHAIN = re.compile(rf"(?<![\w.-])(?:{PART}){{{DEEPEST}}}")


def deep_key(text: str) -> bool:
    """Say whether a dotted name has more than `DEEPEST` parts.

    >>> deep_key("a." * 40 + "b = 1"), deep_key("note = '" + "a." * 40 + "'")
    (True, False)
    """
    bare = STRINGS.sub(lambda found: "" if found[0][0] == "#" else "s", text)
    return any(line.count(".") >= DEEPEST and CHAIN.search(line) for line in bare.split("\n"))

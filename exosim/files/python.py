"""A process of this Python: what it imports is what this one imports."""

import os
import sys


def python(code: str) -> tuple[list[str], dict[str, str]]:
    """Return the command that runs `code`, and what its environment needs; nothing comes from the working folder."""
    return [sys.executable, "-P", "-c", code], {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}

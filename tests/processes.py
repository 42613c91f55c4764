"""Processes below a process, for tests that kill them."""

import os


def children(pid):
    """Processes that a process started itself."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat") as stat:
                parent = int(stat.read().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        if parent == pid:
            found.append(int(entry))
    return found


def descendants(pid):
    """Processes that a process, or one of those, started."""
    return [below for child in children(pid) for below in (child, *descendants(child))]

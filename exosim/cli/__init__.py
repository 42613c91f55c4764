"""The command line: ``exosim VERB``. Results go to stdout, progress and errors to stderr."""

from __future__ import annotations

import errno
import io
import logging
import os
import signal
import sys
import threading
import traceback

EARLY = "interrupted before anything was done"
try:
    from exosim.cli import verbs  # noqa: F401  (its modules add their verbs to `app`)
    from exosim.cli.shell import FAILED, INTERRUPTED, app, interrupted, removed, say
except KeyboardInterrupt:
    print(EARLY, file=sys.stderr)
    raise SystemExit(130) from None


def _again(lost: sys.UnraisableHookArgs) -> None:
    """Send an interruption again that came during a callback, where Python drops exceptions."""
    sent = {SystemExit: signal.SIGTERM, KeyboardInterrupt: signal.SIGINT}.get(lost.exc_type)
    if sent:
        threading.Timer(0.01, os.kill, [os.getpid(), sent]).start()
    else:
        sys.__unraisablehook__(lost)


class Closed(io.TextIOBase):
    """Stands for a stdout that is closed."""

    def write(self, text: str) -> int:
        """Refuse to print."""
        raise OSError(errno.EBADF, "standard output is closed")


class Told(logging.Handler):
    """Says on stderr what the package notes."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say it."""
        say(self.format(record))


def main() -> None:
    """Run the command line; --debug may come anywhere in it."""
    if sys.stdout is None:
        os.open(os.devnull, os.O_RDWR)  # else the next file that is opened would be where children print
        sys.stdout = Closed()
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # what a terminal cannot show is no reason to fail
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a half-written folder is removed
    sys.unraisablehook = _again
    removed[:] = [a for a in sys.argv[1:] if a == "--debug"]
    sys.argv[1:] = [a for a in sys.argv[1:] if a != "--debug"]
    logging.getLogger("exosim").addHandler(Told())
    try:
        app(prog_name="exosim")
    except SystemExit as end:
        if end.code == INTERRUPTED and not interrupted:  # before the verb had begun
            say(EARLY)
        raise
    except Exception as error:  # after --debug, or where not even --version can be printed
        say(traceback.format_exc() if removed else f"error: {error}")
        sys.exit(FAILED)

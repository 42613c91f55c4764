"""What is shown. A display that the environment names and that is not installed, as a notebook's, is no failure."""

import os
from importlib.util import find_spec

_named = os.environ.get("MPLBACKEND", "")
if _named.startswith("module://") and not find_spec(_named.removeprefix("module://").partition(".")[0]):
    del os.environ["MPLBACKEND"]  # matplotlib refuses to be imported with it

"""The verbs: each is a function under ``@app.command()``, whose docstring is its help.

A new verb goes to the file that it is most like, or to a new file that is imported here. The order of imports is the
order of the help.
"""

from exosim.cli.verbs import runs, show, studies, explain, predict, lesson  # noqa: F401, I001

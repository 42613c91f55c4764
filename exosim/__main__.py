"""``python -m exosim``."""

from exosim.cli import main

main()

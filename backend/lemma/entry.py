"""The `lemma` command, before its parts are loaded: that takes seconds, and Ctrl-C must end it in silence."""

import sys

INTERRUPTED = 130


def main() -> None:
    """Loads the command line and runs it. Exit code 130 where it was interrupted."""
    try:
        from lemma.cli import main as command  # noqa: PLC0415  (the very import that may be interrupted)

        command()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)

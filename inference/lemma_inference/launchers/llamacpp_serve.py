"""llama.cpp as an engine that any launcher can start, since it listens where it is told:
`python -m lemma_inference.launchers.llamacpp_serve --host ... --port ...`.

Its key is in the environment, where others on the machine cannot read it.
"""

import argparse
import os
import signal

from lemma_inference.launchers.llamacpp_child import fall_silent, start
from lemma_inference.launchers.llamacpp_command import KEY
from lemma_inference.launchers.spec import Spec


def main() -> None:
    """Loads the model, listens, and stays until it is told to end."""
    parser = argparse.ArgumentParser()
    for name, kind in (("model", str), ("context", int), ("slots", int), ("threads", int)):
        parser.add_argument(f"--{name}", type=kind, required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # Its destructor waits for requests in flight.
    spec = Spec(given.model, given.context, given.slots, given.threads, os.environ.pop(KEY))
    server = start(spec, given.host, given.port)
    fall_silent()
    while server.listening_address:
        signal.pause()


if __name__ == "__main__":
    main()

"""The embedded engine's own process: `python -m lemma_inference.launchers.llamacpp_child`.

llama.cpp is C++: a fault in it ends its process. So it has one of its own, and the service outlives it.
The first line of stdin is the `Spec`; the first line of stdout says where it listens. When stdin ends, the
parent is gone, and so is this, even if the parent was killed.
"""

import json
import os
import signal
import sys

import xllamacpp

from lemma_inference.launchers.spec import Spec


def main() -> None:
    """Loads the model, says where it listens, and stays until stdin ends."""
    # Ctrl-C reaches the whole terminal; the parent stops us in its own order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    spec = Spec(**json.loads(sys.stdin.readline()))
    server = start(spec)
    sys.stdout.write(json.dumps({"url": server.listening_address}) + "\n")
    sys.stdout.flush()
    fall_silent()
    sys.stdin.read()
    # Its destructor waits for requests in flight; the operating system frees the memory faster.
    os._exit(0)


def fall_silent() -> None:
    """From here on llama.cpp may print parts of grammars and prompts, which belong in no log."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)


def start(spec: Spec, host: str = "127.0.0.1", port: int = 0) -> xllamacpp.Server:
    """The running server; by default on a free port of this machine's own. Raises RuntimeError where the
    model cannot be loaded."""
    params = xllamacpp.CommonParams()
    params.model.path = spec.model
    params.hostnames = [host]
    params.port = port
    params.api_keys = [spec.key]
    params.n_parallel = spec.slots
    params.n_ctx = spec.context * spec.slots
    params.cpuparams.n_threads = spec.threads
    params.cpuparams_batch.n_threads = spec.threads
    params.n_threads_http = 2 * spec.slots + 8
    params.fit_params = False
    # By default up to 8 GiB of past prompts are kept in memory; each slot's own last prompt is enough.
    params.cache_ram_mib = 0
    params.ui = False
    params.endpoint_slots = False
    params.offline = True
    params.verbosity = 1
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()

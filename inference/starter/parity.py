"""Whether llama.cpp and PyTorch agree: `python -m starter.parity --weights DIR`.

Compares token ids of invented texts, and greedy answers without a grammar. Needs the `xllamacpp` wheel.
"""

import argparse
import json
import os
import urllib.request
from pathlib import Path
from typing import Any

import torch
import xllamacpp

from starter import tokenizer as tok
from starter.generate import greedy
from starter.model import load_stock
from starter.texts import WEIGHTS, texts


class LlamaCpp:
    """The embedded engine, asked over HTTP."""

    def __init__(self, path: Path, context: int = 4096, threads: int = 2) -> None:
        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.hostnames = ["127.0.0.1"]
        params.port = 0
        params.n_parallel = 1
        params.n_ctx = context
        params.cpuparams.n_threads = threads
        params.cpuparams_batch.n_threads = threads
        params.fit_params = False
        params.cache_ram_mib = 0
        params.ui = False
        params.offline = True
        params.verbosity = 1
        self.server = xllamacpp.Server(params)
        self.url = self.server.listening_address

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310  (always our own loopback server)
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=300) as response:  # noqa: S310
            answer: dict[str, Any] = json.load(response)
        return answer

    def tokens(self, text: str) -> list[int]:
        ids: list[int] = self.post(
            "/tokenize", {"content": text, "add_special": False, "parse_special": True}
        )["tokens"]
        return ids

    def answer(self, prompt: str, most: int, grammar: str | None = None) -> str:
        body: dict[str, Any] = {"prompt": prompt, "n_predict": most, "temperature": 0, "cache_prompt": False}
        if grammar is not None:
            body["grammar"] = "%llguidance {}\n" + grammar
        text: str = self.post("/completion", body)["content"]
        return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--answers", type=int, default=10)
    args = parser.parse_args()
    torch.set_num_threads(2)
    engine = LlamaCpp(args.weights / "starter.gguf")
    tokenizer = tok.load(args.weights / "tokenizer.json")
    different = total = 0
    for lesson in ("invoices.short", "invoices.held_out"):
        for prompt, answer in texts(lesson, args.texts // 2, 424242):
            total += 1
            different += engine.tokens(prompt + answer) != tokenizer.encode(prompt + answer).ids
    print(f"tokenizer: {different} of {total} texts differ")
    model = load_stock(args.weights)
    same = 0
    for prompt, _ in texts("invoices.short", args.answers, 31337):
        mine = greedy(model, tokenizer, prompt, 200)
        same += mine == engine.answer(prompt, 200)
    print(f"greedy answers: {same} of {args.answers} the same")
    os._exit(0)


if __name__ == "__main__":
    main()

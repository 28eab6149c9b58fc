"""llama.cpp's dialect, as of the server inside xllamacpp 2026.10.

Facts that the code rests on, each held by a contract test: a grammar that begins with `%llguidance` is
Lark; probabilities are those before the grammar's mask; `timings_per_token` puts running counts on every
chunk; a closed connection frees the slot within a few tokens.
"""

from typing import Any

from lemma_inference.engines.protocol import Ask, Logprobs, Usage
from lemma_inference.engines.upstream import engine_refused
from lemma_inference.errors import ContextOverflow, ServiceError


class LlamaCpp:
    """The embedded engine, and any llama-server."""

    name = "llama.cpp"
    logprobs: Logprobs = "raw"

    def body(self, ask: Ask) -> dict[str, Any]:
        # Only top_p shapes the distribution: the engine's other defaults (top_k 40, min_p 0.05) are off.
        body: dict[str, Any] = {
            "messages": [dict(message) for message in ask.messages],
            "temperature": ask.temperature,
            "top_p": ask.top_p,
            "top_k": 0,
            "min_p": 0.0,
            "stream": True,
            "stream_options": {"include_usage": True},
            "timings_per_token": True,
            "cache_prompt": True,
        }
        if ask.max_tokens is not None:
            body["max_tokens"] = ask.max_tokens
        if ask.grammar is not None:
            body["grammar"] = "%llguidance {}\n" + ask.grammar
        if ask.stop:
            body["stop"] = list(ask.stop)
        if ask.seed is not None:
            body["seed"] = ask.seed
        if ask.top_logprobs is not None:
            body |= {"logprobs": True, "top_logprobs": ask.top_logprobs}
        return body

    def usage(self, chunk: dict[str, Any]) -> Usage | None:
        if timings := chunk.get("timings"):
            cached = int(timings["cache_n"])
            return Usage(cached + int(timings["prompt_n"]), cached, int(timings["predicted_n"]))
        return None

    def refusal(self, status: int, error: dict[str, Any]) -> ServiceError:
        if error.get("type") == "exceed_context_size_error":
            prompt, context = int(error["n_prompt_tokens"]), int(error["n_ctx"])
            return ContextOverflow(
                f"The prompt has {prompt} tokens; the model's context is {context}.",
                prompt_tokens=prompt,
                context=context,
            )
        return engine_refused(status, error)

    def tokenize(self, text: str) -> dict[str, Any]:
        return {"content": text, "add_special": False, "parse_special": False}

"""llama.cpp's dialect, as of the server inside xllamacpp 2026.10.

Facts that the code rests on, each held by a contract test: a grammar that begins with `%llguidance` is
Lark; probabilities are those before the grammar's mask; `timings_per_token` puts running counts on every
chunk; a closed connection frees the slot within a few tokens.
"""

from typing import Any

from lemma_inference.engines.protocol import Ask, EmbedAsk, Logprobs, Usage
from lemma_inference.engines.upstream import engine_refused, sampling
from lemma_inference.errors import ContextOverflow, InvalidRequest, NotOffered, ServiceError


class LlamaCpp:
    """The embedded engine, and any llama-server."""

    name = "llama.cpp"
    logprobs: Logprobs = "raw"

    def body(self, ask: Ask) -> dict[str, Any]:
        # Only top_p shapes the distribution: the engine's other defaults (top_k 40, min_p 0.05) are off.
        body: dict[str, Any] = {
            "temperature": ask.temperature,
            "top_p": ask.top_p,
            "top_k": 0,
            "min_p": 0.0,
            "stream": True,
            "stream_options": {"include_usage": True},
            "timings_per_token": True,
            "cache_prompt": True,
            **sampling(ask),
        }
        # Its own name for the penalty, and no count of tokens before which an answer may not end.
        if (penalty := body.pop("repetition_penalty", None)) is not None:
            body["repeat_penalty"] = penalty
        if "seed" in body:  # It keeps 32 bits, of which all ones are a seed of its own choice.
            body["seed"] %= 2**32 - 1
        if ask.min_tokens:
            raise NotOffered("min_tokens is not offered by this engine.", param="min_tokens")
        if ask.grammar is not None:
            body["grammar"] = "%llguidance {}\n" + ask.grammar
        if ask.prompt is not None:
            body["prompt"] = list(ask.prompt) if isinstance(ask.prompt, tuple) else ask.prompt
            if ask.top_logprobs is not None:
                body["logprobs"] = max(1, ask.top_logprobs)
            return body
        body["messages"] = [dict(message) for message in ask.messages]
        if ask.top_logprobs is not None:
            # No alternatives would mean no probabilities at all here; the one too many is left out later.
            body |= {"logprobs": True, "top_logprobs": max(1, ask.top_logprobs)}
        return body

    def embed_body(self, ask: EmbedAsk) -> dict[str, Any]:
        if ask.dimensions is not None:
            raise NotOffered("dimensions is not offered by this engine.", param="dimensions")
        if ask.truncate is not None:
            name = "truncate_prompt_tokens"
            raise NotOffered(f"{name} is not offered by this engine.", param=name)
        return {"input": list(ask.inputs)}

    def headers(self, ask: Ask | EmbedAsk) -> dict[str, str]:
        return {}

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
        if "invalid tokens" in str(error.get("message", "")):
            return InvalidRequest("A token id of the prompt is not one of the model's.", param="prompt")
        if status == 501:  # It answers so to embeddings of a model that was started without them.
            return NotOffered("This model does not embed.")
        return engine_refused(status, error)

    def tokenize(self, text: str) -> dict[str, Any]:
        return {"content": text, "add_special": False, "parse_special": False}

"""vLLM's dialect, as of 0.32: `structured_outputs` by the guidance backend, running usage on every chunk."""

import re
from typing import Any

from lemma_inference.engines.protocol import Ask, EmbedAsk, Logprobs, Usage
from lemma_inference.engines.upstream import engine_refused, sampling
from lemma_inference.errors import ContextOverflow, InvalidRequest, NotOffered, ServiceError

# "This model's maximum context length is 2048 tokens. However, you requested ... 3004 input tokens ..."
CONTEXT = re.compile(r"maximum context length is (\d+) tokens")
PROMPT = re.compile(
    r"(\d+) (?:input tokens|tokens in the messages|in the messages)|contains at least (\d+) input"
)


class Vllm:
    """A running `vllm serve`, started with `--structured-outputs-config '{"backend":"guidance"}'`."""

    name = "vllm"
    # The mask is applied before the probabilities are read (vllm v1 sampler).
    logprobs: Logprobs = "masked"

    def __init__(self, model: str) -> None:
        """`model` is the name that the engine serves the model by: our registry's id."""
        self._model = model

    def body(self, ask: Ask) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._model,
            "temperature": ask.temperature,
            "top_p": ask.top_p,
            # What a model's generation_config.json would have instead must not depend on the model.
            "top_k": 0,
            "min_p": 0.0,
            "repetition_penalty": 1.0,
            "stream": True,
            "stream_options": {"include_usage": True, "continuous_usage_stats": True},
            **sampling(ask),
        }
        if ask.grammar is not None:
            body["structured_outputs"] = {"grammar": ask.grammar}
        if ask.cache_salt is not None:
            body["cache_salt"] = ask.cache_salt
        if ask.prompt is not None:
            body["prompt"] = ask.prompt
            if ask.top_logprobs is not None:
                body["logprobs"] = ask.top_logprobs
            return body
        body["messages"] = [dict(message) for message in ask.messages]
        if ask.top_logprobs is not None:
            body |= {"logprobs": True, "top_logprobs": ask.top_logprobs}
        return body

    def embed_body(self, ask: EmbedAsk) -> dict[str, Any]:
        # Embeddings know no priority header, so it stands in the body (vLLM 0.33, entrypoints/pooling).
        body: dict[str, Any] = {
            "model": self._model,
            "input": list(ask.inputs),
            "encoding_format": "base64",
            "priority": ask.priority,
        }
        given = {
            "dimensions": ask.dimensions,
            "truncate_prompt_tokens": ask.truncate,
            "cache_salt": ask.cache_salt,
        }
        return body | {name: value for name, value in given.items() if value is not None}

    def headers(self, ask: Ask | EmbedAsk) -> dict[str, str]:
        headers = {"X-Request-Id": ask.request_id}
        if isinstance(ask, Ask):
            headers["X-Vllm-Priority"] = str(ask.priority)
        if ask.traceparent is not None:
            headers["traceparent"] = ask.traceparent
        return headers

    def usage(self, chunk: dict[str, Any]) -> Usage | None:
        usage = chunk.get("usage")
        if not usage:
            return None
        cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
        return Usage(int(usage["prompt_tokens"]), int(cached), int(usage.get("completion_tokens") or 0))

    def refusal(self, status: int, error: dict[str, Any]) -> ServiceError:
        message = str(error.get("message", ""))
        if context := CONTEXT.search(message):
            prompt = PROMPT.search(message)
            tokens = int(next((g for g in prompt.groups() if g), 0)) if prompt else 0
            return ContextOverflow(
                f"The prompt and the answer asked for do not fit the model's context of {context[1]} tokens.",
                # A text that is far too long is not counted: all that is said is what it goes beyond.
                prompt_tokens=tokens + 1 if "upper bound" in message else tokens,
                context=int(context[1]),
            )
        if "out of vocabulary" in message:
            return InvalidRequest("A token id of the prompt is not one of the model's.", param="prompt")
        if "matryoshka" in message.lower():
            return NotOffered("This model's vectors cannot be shortened.", param="dimensions")
        if status in {404, 501} and "does not exist" not in message:  # A path that this model has not.
            return NotOffered("The model does not do this: it writes text, or it embeds, not both.")
        return engine_refused(status, error)

    def tokenize(self, text: str) -> dict[str, Any]:
        return {"model": self._model, "prompt": text, "add_special_tokens": False}

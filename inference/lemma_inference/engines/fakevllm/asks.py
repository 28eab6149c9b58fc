"""What a client asks for, checked as far as vLLM checks it, and refused in vLLM's words.

Like vLLM, this ignores fields that it does not know, `guided_json` among them. What vLLM could do and this
cannot (several answers, echo, tools) is refused, so that no test takes the one for the other.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from lemma_inference.engines.fakevllm.tokens import ROLES, Tokens
from lemma_inference.engines.grammar import Guard, choice_lark, json_schema_lark, regex_lark
from lemma_inference.errors import GrammarInvalid

Api = Literal["chat", "completion", "embedding"]
MAX_LOGPROBS = 20
SALT_CHARACTERS = 1024
UNSUPPORTED = ("echo", "use_beam_search", "prompt_logprobs", "suffix", "add_generation_prompt")

# What each form's value is, and how it is said in Lark.
FORMS: dict[str, tuple[tuple[type, ...], Callable[[Any], str]]] = {
    "json": ((dict, bool, str), lambda schema: json_schema_lark(_parsed(schema))),
    "regex": ((str,), regex_lark),
    "choice": ((list,), choice_lark),
    "grammar": ((str,), str),
}


class Refused(Exception):
    """An error as vLLM words it."""

    def __init__(
        self, message: str, status: int = 400, kind: str = "BadRequestError", param: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": status}}


@dataclass(frozen=True, slots=True)
class Ask:
    """`logprobs` None is without; `prompt` is the tokens, each of the tokenizer's width."""

    api: Api
    prompt: bytes
    max_tokens: int
    priority: int = 0
    salt: str | None = None
    stream: bool = False
    usage_at_end: bool = False
    usage_in_chunks: bool = False
    stops: tuple[str, ...] = ()
    ignore_eos: bool = False
    min_tokens: int = 0
    seed: int | None = None
    logprobs: int | None = None
    lark: str | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Makes asks of bodies. `priority` is what the header says, which goes before the body."""

    tokens: Tokens
    model: str
    max_model_len: int
    force_usage: bool = False

    def chat(self, body: dict[str, Any], priority: int | None) -> Ask:
        self._check_model(body)
        messages = _messages(body)
        if body.get("tools") and body.get("tool_choice") != "none":
            raise Refused(
                '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
            )
        wanted = _integer(body, "max_completion_tokens", 1) or _integer(body, "max_tokens", 1)
        top = None
        if body.get("top_logprobs") is not None and not body.get("logprobs"):
            raise Refused("when using `top_logprobs`, `logprobs` must be set to true.", param="top_logprobs")
        if body.get("logprobs"):
            top = _integer(body, "top_logprobs", 0) or 0
        return self._ask("chat", body, self.tokens.chat(messages), wanted, top, priority)

    def completion(self, body: dict[str, Any], priority: int | None) -> Ask:
        self._check_model(body)
        wanted = _integer(body, "max_tokens", 1) if body.get("max_tokens") is not None else 16
        prompt = self._prompt(body.get("prompt"), "prompt")
        return self._ask("completion", body, prompt, wanted, _integer(body, "logprobs", 0), priority)

    def embeddings(self, body: dict[str, Any]) -> list[Ask]:
        """One for each input. Their priority is the body's; the header does not count here."""
        self._check_model(body)
        given = body.get("input")
        several = isinstance(given, list) and bool(given) and not isinstance(given[0], int)
        inputs = given if several and isinstance(given, list) else [given]
        salt, priority = _salt(body), _integer(body, "priority") or 0
        asks = [Ask("embedding", self._prompt(one, "input"), 0, priority, salt) for one in inputs]
        for ask in asks:
            self._check_length(self.tokens.count(ask.prompt), 0)
        return asks

    def _ask(
        self,
        api: Api,
        body: dict[str, Any],
        prompt: bytes,
        wanted: int | None,
        logprobs: int | None,
        priority: int | None,
    ) -> Ask:
        for name in UNSUPPORTED:
            if body.get(name):
                raise Refused(f"The fake engine does not know `{name}`.", param=name)
        if (body.get("n") or 1) != 1:
            raise Refused("The fake engine writes one answer: `n` must be 1.", param="n")
        if logprobs is not None and logprobs > MAX_LOGPROBS:
            raise Refused(
                f"Requested sample logprobs of {logprobs}, which is greater than max allowed: {MAX_LOGPROBS}",
                param="logprobs",
            )
        stream = bool(body.get("stream"))
        options = body.get("stream_options")
        if options is not None and not (stream and isinstance(options, dict)):
            raise Refused("Stream options can only be defined when `stream=True`.", param="stream_options")
        # An options object without the field asks for the count (vLLM's default differs from OpenAI's).
        at_end = options is not None and bool(options.get("include_usage", True))
        count = self.tokens.count(prompt)
        self._check_length(count, wanted)
        body_priority = _integer(body, "priority") or 0
        return Ask(
            api=api,
            prompt=prompt,
            max_tokens=wanted or self.max_model_len - count,
            priority=body_priority if priority is None else priority,
            salt=_salt(body),
            stream=stream,
            usage_at_end=self.force_usage or at_end,
            usage_in_chunks=self.force_usage
            or (at_end and bool(options and options.get("continuous_usage_stats"))),
            stops=_stops(body),
            ignore_eos=bool(body.get("ignore_eos")),
            min_tokens=_integer(body, "min_tokens", 0) or 0,
            seed=_integer(body, "seed"),
            logprobs=logprobs,
            lark=_lark(body),
        )

    def _prompt(self, given: Any, param: str) -> bytes:
        """A text or a list of token ids, or a list with one of either."""
        if isinstance(given, list) and len(given) == 1 and isinstance(given[0], str | list):
            given = given[0]
        if isinstance(given, str):
            prompt = self.tokens.text(given)
        elif isinstance(given, list) and all(type(one) is int and one >= 0 for one in given):
            prompt = self.tokens.from_ids(given)
        else:
            raise Refused(
                f"The fake engine takes one text or one list of token ids as `{param}`.", param=param
            )
        if not prompt:
            raise Refused("The decoder prompt cannot be empty", param=param)
        return prompt

    def _check_model(self, body: dict[str, Any]) -> None:
        model = body.get("model")
        if model is not None and model != self.model:
            raise Refused(f"The model `{model}` does not exist.", 404, "NotFoundError", "model")

    def _check_length(self, prompt: int, wanted: int | None) -> None:
        least = 1 if wanted is None else wanted
        if prompt + least > self.max_model_len:
            written = wanted or 0
            raise Refused(
                f"This model's maximum context length is {self.max_model_len} tokens. However, you requested"
                f" {written} output tokens and your prompt contains {prompt} input tokens, for a total of"
                f" {prompt + written} tokens. Please reduce the length of the input prompt or the number of"
                " requested output tokens.",
                param="input_tokens",
            )


def _messages(body: dict[str, Any]) -> list[dict[str, str]]:
    given = body.get("messages")
    if not isinstance(given, list) or not given:
        raise Refused("Field required: messages", kind="Bad Request", param="messages")
    messages = []
    for message in given:
        role = message.get("role") if isinstance(message, dict) else None
        if role not in ROLES:
            raise Refused(f"Input should be one of {', '.join(ROLES)}", kind="Bad Request", param="messages")
        content = message.get("content") or ""
        if isinstance(content, list):
            if not all(isinstance(part, dict) and isinstance(part.get("text"), str) for part in content):
                raise Refused("The fake engine reads text only.", param="messages")
            content = "\n".join(part["text"] for part in content)
        if not isinstance(content, str):
            raise Refused("Input should be a valid string", kind="Bad Request", param="messages")
        messages.append({"role": role, "content": content})
    return messages


def _integer(body: dict[str, Any], name: str, least: int | None = None) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if type(value) is not int:
        raise Refused(f"Input should be a valid integer: {name}", kind="Bad Request", param=name)
    if least is not None and value < least:
        raise Refused(f"{name} must be at least {least}, got {value}.", param=name)
    return value


def _stops(body: dict[str, Any]) -> tuple[str, ...]:
    given = body.get("stop")
    stops = [] if given is None else [given] if isinstance(given, str) else given
    if not isinstance(stops, list) or not all(isinstance(stop, str) for stop in stops):
        raise Refused("Input should be a valid string or list: stop", kind="Bad Request", param="stop")
    if not all(stops):
        raise Refused("stop cannot contain an empty string.", param="stop")
    return tuple(stops)


def _salt(body: dict[str, Any]) -> str | None:
    salt: str | None = body.get("cache_salt")
    if salt is None or (isinstance(salt, str) and 0 < len(salt) <= SALT_CHARACTERS):
        return salt
    raise Refused("Parameter 'cache_salt' must be a non-empty string if provided.", param="cache_salt")


def _lark(body: dict[str, Any]) -> str | None:
    """What the answer must be, as Lark: vLLM with `{"backend": "guidance"}`."""
    wish = _response_format(body.get("response_format"))
    if body.get("structured_outputs") is not None:
        wish = body["structured_outputs"]
    if wish is None:
        return None
    given = (
        {name: value for name, value in wish.items() if value is not None} if isinstance(wish, dict) else {}
    )
    if given.pop("json_object", False):
        given["json"] = {"type": "object"}
    if len(given) != 1 or not given.keys() <= FORMS.keys():
        raise Refused(
            "You must use one kind of structured outputs constraint (json, regex, choice, grammar,"
            f" json_object) but got {sorted(given)}.",
            param="structured_outputs",
        )
    [(name, value)] = given.items()
    kinds, as_lark = FORMS[name]
    texts = value if name == "choice" and isinstance(value, list) else []
    if not isinstance(value, kinds) or not all(isinstance(text, str) for text in texts):
        raise Refused(f"{value!r} is no {name}.", kind="Bad Request", param="structured_outputs")
    try:
        lark = as_lark(value)
        _check_grammar(lark)
    except GrammarInvalid as error:
        raise Refused(f"Failed to compile the grammar: {error}", param="structured_outputs") from error
    return lark


def _response_format(wish: Any) -> dict[str, Any] | None:
    if not isinstance(wish, dict) or wish.get("type") == "text":
        return None
    if wish.get("type") == "json_schema":
        schema = wish.get("json_schema")
        return {"json": schema.get("schema") if isinstance(schema, dict) else None}
    return {"json_object": wish.get("type") == "json_object"}


def _parsed(schema: Any) -> Any:
    """vLLM takes a schema as an object or as its text."""
    try:
        return json.loads(schema) if isinstance(schema, str) else schema
    except ValueError as error:
        raise GrammarInvalid(f"The JSON schema is no JSON: {error}") from error


@lru_cache(maxsize=256)
def _check_grammar(lark: str) -> None:
    """Raises `GrammarInvalid`. Compiling takes milliseconds, and the same grammars come again."""
    Guard(lark)

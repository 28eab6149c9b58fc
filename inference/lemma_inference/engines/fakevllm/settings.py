"""The command line: vLLM's own flags by their own names, and what only a fake can do."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass

from lemma_inference.engines.fakevllm.faults import Faults
from lemma_inference.engines.fakevllm.scheduler import Limits
from lemma_inference.engines.fakevllm.timing import KV_BLOCKS, PRESETS

VERSION = "0.33.0"
# Flags of `vllm serve` that change nothing here, so that a launcher may start the fake by the same line.
WITHOUT_EFFECT = (
    "dtype", "load-format", "gpu-memory-utilization", "tensor-parallel-size", "revision", "tokenizer",
    "structured-outputs-config", "logprobs-mode", "otlp-traces-endpoint", "generation-config", "seed",
)  # fmt: skip
EPILOG = """
When it listens, one line on stdout says so: {"url": "http://127.0.0.1:40123", "pid": 4711, "model": "fake"}.
It ends when stdin ends, unless --foreground. With --faults, each line on stdin is faults as JSON, as is the
body of POST /fault: {"stall_after": 5, "share": 0.5}. {} ends all faults. README.md lists them.
"""


@dataclass(frozen=True, slots=True)
class Settings:
    """`tokens_width` is bytes a token; `answer_tokens` is how long an answer is that nothing else bounds."""

    host: str
    port: int
    model: str
    api_key: str | None
    preset: str
    speed: float
    limits: Limits
    force_usage: bool
    prompt_details: bool
    request_ids: bool
    server_load: bool
    tokens_width: int
    answer_tokens: int
    embedding_size: int
    idle_seconds: float
    start_seconds: float
    faults_allowed: bool
    faults: Faults
    foreground: bool


def read(arguments: Sequence[str] | None = None) -> Settings:
    """Ends the process with a sentence where the command line makes no sense."""
    parser = command_line()
    given = parser.parse_args(arguments)
    if given.command not in (None, "serve"):
        parser.error(f"there is no command {given.command!r}; say `serve MODEL`, or nothing")
    if given.speed <= 0 or given.embedding_size < 1 or given.answer_tokens < 0:
        parser.error("--speed and --embedding-size must be above 0, and --answer-tokens not below it")
    try:
        limits = Limits(
            policy=given.scheduling_policy,
            max_num_batched_tokens=given.max_num_batched_tokens,
            max_num_seqs=given.max_num_seqs,
            max_model_len=given.max_model_len,
            long_prefill_token_threshold=given.long_prefill_token_threshold,
            kv_blocks=given.num_gpu_blocks_override or KV_BLOCKS[given.preset],
            watermark=given.watermark,
            max_num_queued_reqs=given.max_num_queued_reqs,
            prefix_caching=given.enable_prefix_caching,
            chunked_prefill=given.enable_chunked_prefill,
            reserve_full_prompt=given.scheduler_reserve_full_isl,
        )
        faults = Faults.from_json(given.fault)
    except ValueError as error:
        parser.error(str(error))
    return Settings(
        host=given.host,
        port=given.port,
        model=given.served_model_name or given.model or given.folder or "fake",
        api_key=given.api_key or os.environ.get("VLLM_API_KEY"),
        preset=given.preset,
        speed=given.speed,
        limits=limits,
        force_usage=given.enable_force_include_usage,
        prompt_details=given.enable_prompt_tokens_details,
        request_ids=given.enable_request_id_headers,
        server_load=given.enable_server_load_tracking,
        tokens_width=given.bytes_per_token,
        answer_tokens=given.answer_tokens,
        embedding_size=given.embedding_size,
        idle_seconds=given.keep_alive_seconds,
        start_seconds=given.start_seconds,
        faults_allowed=given.faults or given.fault != "{}",
        faults=faults,
        foreground=given.foreground,
    )


def command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lemma_inference.engines.fakevllm",
        description="Looks like `vllm serve` 0.33 to a client, schedules like it, and has no model.",
        epilog=EPILOG,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "command", nargs="?", metavar="serve", help="nothing; for `vllm serve MODEL` as it is"
    )
    parser.add_argument("folder", nargs="?", metavar="MODEL", help="the model's name, if none is given below")
    _add_vllm(parser.add_argument_group("as in vLLM"))
    _add_own(parser.add_argument_group("of the fake alone"))
    for flag in WITHOUT_EFFECT:
        parser.add_argument(f"--{flag}", help=argparse.SUPPRESS)
    parser.add_argument("--enforce-eager", action="store_true", help=argparse.SUPPRESS)
    return parser


def _add_vllm(group: argparse._ArgumentGroup) -> None:
    default = Limits()
    yes_or_no = argparse.BooleanOptionalAction
    group.add_argument("--host", default="127.0.0.1", help="address to listen on")
    group.add_argument("--port", type=int, default=0, help="port; 0 is any free one")
    group.add_argument("--model", help="the model's name")
    group.add_argument("--served-model-name", help="the model's name, before --model")
    group.add_argument("--api-key", help="guards /v1 and no other path; VLLM_API_KEY otherwise")
    group.add_argument(
        "--scheduling-policy",
        choices=["fcfs", "priority"],
        default=default.policy,
        help="the queue's order; under fcfs priorities are ignored",
    )
    group.add_argument(
        "--max-model-len", type=int, default=default.max_model_len, help="tokens of prompt and answer"
    )
    group.add_argument(
        "--max-num-batched-tokens", type=int, default=default.max_num_batched_tokens, help="tokens in a step"
    )
    group.add_argument(
        "--max-num-seqs", type=int, default=default.max_num_seqs, help="requests that run at once"
    )
    group.add_argument(
        "--long-prefill-token-threshold",
        type=int,
        default=0,
        help="tokens of one prompt in a step; 0 for no limit",
    )
    group.add_argument(
        "--watermark", type=float, default=0.0, help="share of KV blocks kept for those that run"
    )
    group.add_argument(
        "--max-num-queued-reqs", type=int, help="unfinished requests above which all are refused with 503"
    )
    group.add_argument(
        "--num-gpu-blocks-override", type=int, help="KV blocks of 16 tokens; by the preset otherwise"
    )
    group.add_argument(
        "--enable-prefix-caching", action=yes_or_no, default=True, help="find blocks again by their hash"
    )
    group.add_argument(
        "--enable-chunked-prefill", action=yes_or_no, default=True, help="read prompts in parts"
    )
    group.add_argument(
        "--scheduler-reserve-full-isl",
        action=yes_or_no,
        default=True,
        help="join only if the whole prompt has room",
    )
    group.add_argument(
        "--enable-force-include-usage", action="store_true", help="usage on every chunk, asked for or not"
    )
    group.add_argument(
        "--enable-prompt-tokens-details", action="store_true", help="cached_tokens in the usage"
    )
    group.add_argument("--enable-request-id-headers", action="store_true", help="X-Request-Id on answers")
    group.add_argument("--enable-server-load-tracking", action="store_true", help="count requests for /load")


def _add_own(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--preset", choices=sorted(PRESETS), default="instant", help="how long a step takes")
    group.add_argument("--speed", type=float, default=1.0, help="how many times as fast as the preset")
    group.add_argument("--bytes-per-token", type=int, choices=[1, 4], default=4, help="the tokenizer")
    group.add_argument(
        "--answer-tokens", type=int, default=64, help="length of an answer that may end by itself"
    )
    group.add_argument("--embedding-size", type=int, default=256, help="numbers in an embedding")
    group.add_argument(
        "--keep-alive-seconds", type=float, default=5.0, help="after which an idle connection is closed"
    )
    group.add_argument(
        "--start-seconds", type=float, default=0.0, help="wait before listening, as loading does"
    )
    group.add_argument("--faults", action="store_true", help="allow POST /fault and faults on stdin")
    group.add_argument(
        "--fault", default="{}", metavar="JSON", help="faults from the start; implies --faults"
    )
    group.add_argument("--foreground", action="store_true", help="do not end when stdin ends")

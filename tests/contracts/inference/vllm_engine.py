"""A real vLLM on this machine's CPU, with random weights. Only `make test-vllm` installs one.

It is started as a module: its `vllm` command looks for a distribution of another name than the CPU wheel's.
"""

import asyncio
import hashlib
import json
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from lemma_inference.assembly import build
from lemma_inference.settings import Settings
from tests.contracts.inference.service import Running, serving
from tests.contracts.inference.tiny_model import SPECIAL, TEMPLATE, write_tokenizer

PYTHON = os.environ.get("LEMMA_VLLM_PYTHON")
CONTEXT = 2048
START_SECONDS = 1800.0


def write_folder(folder: Path) -> Path:
    """The folder of a Llama without weights (`--load-format dummy` invents them), and its `models.toml`."""
    folder.mkdir()
    tokenizer = write_tokenizer(folder / "tokenizer.json")
    _write(folder / "tokenizer_config.json", tokenizer_class="PreTrainedTokenizerFast", eos_token=SPECIAL[-1])
    (folder / "chat_template.jinja").write_text(TEMPLATE, encoding="utf-8")
    end = tokenizer.token_to_id(SPECIAL[-1])
    _write(
        folder / "config.json",
        architectures=["LlamaForCausalLM"],
        model_type="llama",
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=32,
        vocab_size=tokenizer.get_vocab_size(),
        max_position_embeddings=CONTEXT,
        rms_norm_eps=1e-5,
        rope_theta=10_000.0,
        eos_token_id=end,
        tie_word_embeddings=False,
        torch_dtype="float32",
    )
    files = "\n".join(
        f'{{ path = "{folder.name}/{name}", role = "{role}", sha256 = "{_sha256(folder / name)}" }},'
        for name, role in [
            ("config.json", "config"),
            ("tokenizer.json", "tokenizer"),
            ("tokenizer_config.json", "config"),
            ("chat_template.jinja", "config"),
        ]
    )
    registry = folder.parent / "vllm-models.toml"
    registry.write_text(
        f"""
[[model]]
id = "tiny"
title = "Random weights"
repository = "tests"
licence = "Apache-2.0"
parameters = 400_000
context = {CONTEXT}
style = "compact"
files = [{files}]
""",
        encoding="utf-8",
    )
    return registry


@asynccontextmanager
async def serving_vllm(folder: Path) -> AsyncIterator[Running]:
    """The service before a vLLM that this starts, warms up and ends."""
    registry = write_folder(folder / "tiny")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    engine = await asyncio.create_subprocess_exec(
        *_command(folder / "tiny", port),
        env=os.environ
        | {
            "HF_HUB_OFFLINE": "1",
            "VLLM_CPU_KVCACHE_SPACE": "1",
            "VLLM_API_KEY": "engine-key",
            "VLLM_NO_USAGE_STATS": "1",
        },
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        await _warm_up(url, engine)
        settings = Settings(
            engine="vllm",
            model="tiny",
            models_file=registry,
            upstream_url=url,
            upstream_key="engine-key",
            upstream_slots=2,
        )
        async with serving(settings, build(settings)) as running:
            yield running
    finally:
        engine.terminate()
        await engine.wait()


def _command(folder: Path, port: int) -> list[str]:
    options = {
        "model": str(folder),
        "served-model-name": "tiny",
        "host": "127.0.0.1",
        "port": str(port),
        "load-format": "dummy",
        "dtype": "float32",
        "max-model-len": str(CONTEXT),
        "max-num-seqs": "4",
        "structured-outputs-config": '{"backend": "guidance"}',
        "logprobs-mode": "processed_logprobs",
        "scheduling-policy": "priority",
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    assert PYTHON is not None
    return [PYTHON, "-m", "vllm.entrypoints.openai.api_server", *flags, "--enforce-eager"]


async def _warm_up(url: str, engine: asyncio.subprocess.Process) -> None:
    """Waits for the engine and asks once under a grammar, which the first time takes over 30 seconds."""
    async with asyncio.timeout(START_SECONDS), httpx.AsyncClient(timeout=START_SECONDS) as client:
        while True:
            assert engine.returncode is None, "vLLM ended before it was ready"
            try:
                if (await client.get(f"{url}/health")).status_code == 200:
                    break
            except httpx.TransportError:
                await asyncio.sleep(1.0)
        body: dict[str, Any] = {
            "model": "tiny",
            "messages": [{"role": "user", "content": "hello"}],
            "max_tokens": 5,
            "structured_outputs": {"grammar": 'start: "a" /[b-z]+/'},
        }
        headers = {"Authorization": "Bearer engine-key"}
        response = await client.post(f"{url}/v1/chat/completions", json=body, headers=headers)
        assert response.status_code == 200, response.text


def _write(path: Path, **values: Any) -> None:
    path.write_text(json.dumps(values), encoding="utf-8")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

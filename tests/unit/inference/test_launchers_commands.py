"""The command that starts an engine, made of a model card and a deployment, and the cards that it gets."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from lemma_inference.errors import SettingsWrong
from lemma_inference.launchers.cards import Cards
from lemma_inference.launchers.llamacpp_command import KEY, llamacpp_spec
from lemma_inference.launchers.process import unrecognized, without
from lemma_inference.launchers.protocol import EngineSpec
from lemma_inference.launchers.vllm_command import (
    FORBIDDEN,
    OPERATORS,
    OPTIONAL,
    VllmNumbers,
    operators,
    vllm_spec,
)


def spec_of(environ: dict[str, str] | None = None, gpus: float = 1.0, **numbers: Any) -> EngineSpec:
    given = VllmNumbers(**({"seats": 32, "batched_tokens": 2048, "context": 8192} | numbers))
    return vllm_spec("a", "small", Path("/models/small"), given, environ=environ or {}, gpus=gpus)


def test_vllm_is_started_with_priorities_parts_usage_and_a_private_port() -> None:
    spec = spec_of(extra={"reasoning-parser": "qwen3"}, otlp_endpoint="http://127.0.0.1:4318")
    line = " ".join(spec.argv)
    for flag in (
        "-m vllm.entrypoints.openai.api_server",
        "--model /models/small",
        "--served-model-name small",
        "--host {host}",
        "--port {port}",
        "--scheduling-policy priority",
        "--max-num-batched-tokens 2048",
        "--long-prefill-token-threshold 512",
        "--max-num-seqs 32",
        "--enable-force-include-usage",
        "--enable-prompt-tokens-details",
        "--logprobs-mode processed_logprobs",
        "--reasoning-parser qwen3",
        "--otlp-traces-endpoint http://127.0.0.1:4318/v1/traces",
    ):
        assert flag in line
    assert spec.key not in line
    assert spec.env["VLLM_API_KEY"] == spec.key
    assert spec.env["HF_HUB_OFFLINE"] == "1"


def test_keys_are_made_anew_for_each_engine() -> None:
    assert spec_of().key != spec_of().key
    assert len(spec_of().key) == 32


@pytest.mark.parametrize("variable", FORBIDDEN)
def test_an_environment_that_opens_the_engine_is_refused(variable: str) -> None:
    with pytest.raises(SettingsWrong, match=variable):
        spec_of({variable: "1"})


def test_only_vllms_own_settings_for_processors_are_passed_on() -> None:
    env = spec_of({"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_LOGGING_LEVEL": "DEBUG", "SECRET": "x"}).env
    assert env["VLLM_CPU_KVCACHE_SPACE"] == "1"
    assert "VLLM_LOGGING_LEVEL" not in env
    assert "SECRET" not in env


def test_no_flag_lets_an_engine_run_code_or_serve_what_was_not_approved() -> None:
    line = " ".join(spec_of().argv)
    for word in ("trust-remote-code", "lora", "api-key", "download-dir", "middleware"):
        assert word not in line


def test_several_cards_work_together_unless_the_operator_says_how() -> None:
    assert "--tensor-parallel-size" not in spec_of(gpus=0.5).argv
    argv = spec_of(gpus=4.0).argv
    assert argv[argv.index("--tensor-parallel-size") + 1] == "4"
    argv = spec_of(gpus=4.0, extra=operators({"tensor_parallel_size": 2, "data_parallel_size": 2})).argv
    assert argv[argv.index("--tensor-parallel-size") + 1] == "2"
    assert argv[argv.index("--data-parallel-size") + 1] == "2"


def test_switches_have_no_value() -> None:
    on = spec_of(extra=operators({"enforce-eager": True})).argv
    assert "--enforce-eager" in on
    assert "True" not in on
    assert "--enforce-eager" not in spec_of(extra=operators({"enforce_eager": False})).argv


@pytest.mark.parametrize(
    "option",
    ["trust_remote_code", "enable-lora", "model", "host", "scheduling-policy", "load-format", "hf-overrides"],
)
def test_an_operator_cannot_change_what_is_served(option: str) -> None:
    with pytest.raises(SettingsWrong, match=option.replace("_", "-")):
        operators({option: "x"})


def test_what_an_operator_may_set_and_what_is_relied_on_are_apart() -> None:
    argv = spec_of(extra={"reasoning-parser": "qwen3"}).argv
    relied_on = {part for part in argv if part.startswith("--")} - set(OPTIONAL)
    assert not relied_on & {f"--{name}" for name in OPERATORS} - {"--dtype"}


def test_what_argparse_does_not_know_is_taken_out_with_its_value() -> None:
    said = "api_server.py: error: unrecognized arguments: --watermark 0.02 --enable-request-id-headers --a=b"
    assert unrecognized(said) == {"--watermark", "--enable-request-id-headers", "--a"}
    assert unrecognized("ValueError: no such weights --model x") == set()
    argv = ("python", "-m", "vllm", "--watermark", "0.02", "--host", "h", "--enable-request-id-headers")
    unknown = frozenset({"--watermark", "--enable-request-id-headers"})
    assert without(argv, unknown) == ["python", "-m", "vllm", "--host", "h"]
    assert without(argv, frozenset()) == list(argv)


def test_llama_cpp_gets_its_key_where_others_cannot_read_it() -> None:
    spec = llamacpp_spec("a", Path("/models/a.gguf"), context=4096, slots=2, threads=1)
    line = " ".join(spec.argv)
    assert "--model /models/a.gguf --context 4096 --slots 2 --threads 1 --host {host} --port {port}" in line
    assert spec.key not in line
    assert spec.env[KEY] == spec.key
    assert spec.argv[0] == sys.executable


def test_a_spec_survives_json() -> None:
    spec = spec_of()
    found = json.loads(json.dumps({name: getattr(spec, name) for name in spec.__slots__}))
    assert EngineSpec.of(found) == spec


def test_cards_are_dealt_out_once() -> None:
    cards = Cards()
    assert [list(cards.take(gpus, "a")) for gpus in (1.0, 2.0, 0.0, 1.0)] == [["0"], ["1", "2"], [], ["3"]]


def test_parts_of_a_card_are_shared_and_whole_cards_are_not() -> None:
    cards = Cards()
    dealt = [list(cards.take(gpus, "a")) for gpus in (0.5, 0.5, 0.6, 0.6, 1.0, 0.25)]
    assert dealt == [["0"], ["0"], ["1"], ["2"], ["3"], ["4"]]


def test_only_cards_that_may_be_used_are_dealt_out() -> None:
    cards = Cards("GPU-a,GPU-b,GPU-c")
    assert list(cards.take(2.0, "a")) == ["GPU-a", "GPU-b"]
    assert list(cards.take(1.0, "b")) == ["GPU-c"]
    with pytest.raises(SettingsWrong, match=r"Engine c needs 1 GPUs, and of 3 .* 3 are taken"):
        cards.take(1.0, "c")

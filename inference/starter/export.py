"""Exports a checkpoint for engines: `python -m starter.export`.

Writes `weights/`: safetensors and tokenizer in the stock Llama layout (loads in transformers and vLLM
without our code), and a GGUF with 8-bit matrices for llama.cpp. Then brings the hashes in
`../models.toml` up to date.
"""

import argparse
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer

from starter import tokenizer as tok
from starter.model import Shape
from starter.texts import BUILD, ROOT, WEIGHTS

REGISTRY = ROOT.parent / "models.toml"
CONTEXT = 4096


def shape_of(state: dict[str, Any]) -> Shape:
    return Shape(**{k: v if k in ("rope_theta", "eps") else int(v) for k, v in state["shape"].items()})


def config_of(shape: Shape, tokenizer: Tokenizer) -> dict[str, Any]:
    end = tok.end_id(tokenizer)
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "torch_dtype": "bfloat16",
        "vocab_size": shape.vocab,
        "hidden_size": shape.width,
        "intermediate_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "head_dim": shape.head,
        "hidden_act": "silu",
        "max_position_embeddings": CONTEXT,
        "rms_norm_eps": shape.eps,
        "rope_theta": shape.rope_theta,
        "rope_parameters": {"rope_type": "default", "rope_theta": shape.rope_theta},
        "tie_word_embeddings": True,
        "attention_bias": False,
        "mlp_bias": False,
        "attention_dropout": 0.0,
        "initializer_range": 0.02,
        "pretraining_tp": 1,
        "use_cache": True,
        "bos_token_id": None,
        "eos_token_id": end,
        "pad_token_id": end,
    }


def write_stock(weights: dict[str, torch.Tensor], shape: Shape, tokenizer: Tokenizer, folder: Path) -> None:
    """The Hugging Face layout: safetensors in bfloat16, configuration, tokenizer with its chat template."""
    named = {f"model.{name}": tensor.to(torch.bfloat16).contiguous() for name, tensor in weights.items()}
    path = folder / "model.safetensors"
    save_file(named, str(path), metadata={"format": "pt"})
    path.chmod(0o644)  # The library makes it private.
    _json(folder / "config.json", config_of(shape, tokenizer))
    end = tok.end_id(tokenizer)
    _json(folder / "generation_config.json", {"do_sample": False, "eos_token_id": end, "pad_token_id": end})
    tokenizer.save(str(folder / "tokenizer.json"))
    _json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": CONTEXT,
            "clean_up_tokenization_spaces": False,
            "eos_token": "<|end|>",
            "pad_token": "<|end|>",
            "additional_special_tokens": list(tok.SPECIAL),
            "chat_template": tok.TEMPLATE,
        },
    )


def _json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _interleaved(weight: "np.ndarray[Any, Any]", heads: int) -> "np.ndarray[Any, Any]":
    """Rows of a query or key matrix in the order of llama.cpp's rotary pairs."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}


def gguf_name(name: str) -> str:
    if name == "embed_tokens.weight":
        return "token_embd.weight"
    if name == "norm.weight":
        return "output_norm.weight"
    match = re.fullmatch(r"layers\.(\d+)\.(.+)\.weight", name)
    if match is None:
        raise ValueError(f"no GGUF name for {name}")
    return f"blk.{match.group(1)}.{NAMES[match.group(2)]}.weight"


def write_gguf(weights: dict[str, torch.Tensor], shape: Shape, tokenizer: Tokenizer, path: Path) -> None:
    """One file for llama.cpp: Q8_0 matrices, 32-bit gains."""
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name("Lemma starter")
    writer.add_license("Apache-2.0")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_layer_norm_rms_eps(shape.eps)
    writer.add_rope_freq_base(shape.rope_theta)
    writer.add_rope_dimension_count(shape.head)
    writer.add_vocab_size(shape.vocab)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    _add_tokenizer(writer, tokenizer)
    for name, tensor in weights.items():
        array = tensor.float().numpy()
        if ".q_proj" in name or ".k_proj" in name:
            array = _interleaved(array, shape.heads if ".q_proj" in name else shape.kv_heads)
        if array.ndim == 2:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(
                gguf_name(name), gguf.quants.quantize(np.ascontiguousarray(array), kind), raw_dtype=kind
            )
        else:
            writer.add_tensor(gguf_name(name), array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tokenizer(writer: gguf.GGUFWriter, tokenizer: Tokenizer) -> None:
    model = json.loads(tokenizer.to_str())["model"]
    ids = tokenizer.get_vocab()
    pieces = sorted(ids, key=lambda piece: ids[piece])
    whole = tok.whole_of(tokenizer)
    kinds = [gguf.TokenType.USER_DEFINED if n in whole else gguf.TokenType.NORMAL for n in range(len(pieces))]
    for piece in tok.SPECIAL:
        kinds[ids[piece]] = gguf.TokenType.CONTROL
    end = tok.end_id(tokenizer)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(pieces)
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(m) for m in model["merges"]])
    writer.add_eos_token_id(end)
    writer.add_eot_token_id(end)
    writer.add_pad_token_id(end)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    writer.add_chat_template(tok.TEMPLATE)


def update_registry(registry: Path, folder: Path, parameters: int) -> list[str]:
    """Puts the hashes of the exported files where the registry names these files, and the number of
    parameters; returns the names of the files."""
    if not registry.exists():
        return []
    text, changed = registry.read_text(encoding="utf-8"), []
    text = re.sub(r'(id = "starter"\n(?:[^\[\n]*\n)*?parameters = )[\d_]+', rf"\g<1>{parameters:_}", text)
    for path in sorted(folder.iterdir()):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        # The whole path, because other models of the registry have files of the same name.
        pinned = re.escape(f"{folder.parent.name}/{folder.name}/{path.name}")
        pattern = re.compile(rf'("{pinned}"[^\n]*?")([0-9a-f]{{64}})(")')
        text, count = pattern.subn(rf"\g<1>{digest}\g<3>", text)
        if count:
            changed.append(path.name)
    registry.write_text(text, encoding="utf-8")
    return changed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=BUILD / "run" / "checkpoint.pt")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    args = parser.parse_args()
    state = torch.load(args.checkpoint, map_location="cpu", weights_only=True)
    shape, tokenizer = shape_of(state), tok.load(BUILD / "tokenizer.json")
    args.out.mkdir(parents=True, exist_ok=True)
    write_stock(state["model"], shape, tokenizer, args.out)
    write_gguf(state["model"], shape, tokenizer, args.out / "starter.gguf")
    for path in sorted(args.out.iterdir()):
        print(f"{path.name}  {path.stat().st_size}  {hashlib.sha256(path.read_bytes()).hexdigest()}")
    if args.out == WEIGHTS:
        parameters = sum(tensor.numel() for tensor in state["model"].values())
        changed = update_registry(REGISTRY, args.out, parameters)
        print("registry:", ", ".join(changed) or "names none of these files")


if __name__ == "__main__":
    main()

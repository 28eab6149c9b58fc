"""What the files of a model may be: formats that lie, code, links, and what lies beside."""

import json
import struct
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lemma_inference.errors import ModelRefused
from lemma_inference.registry import check, load_cards, local_folder, require_in
from lemma_inference.registry.headers import HeaderInvalid, read_gguf, read_safetensors
from lemma_inference.settings import ModelSettings
from tests.unit.inference.weights import (
    CONTENT,
    REVISION,
    as_json,
    gguf,
    registry_text,
    safetensors,
    sha,
    write_registry,
)


def found(registry: Path) -> list[tuple[str, str]]:
    card = load_cards(registry)["small"]
    return [(finding.rule, finding.detail) for finding in check(card, folder_of(registry))]


def folder_of(registry: Path) -> Path:
    return registry.parent / "models" / "small" / REVISION


def test_files_that_keep_every_rule_have_no_breach(tmp_path: Path) -> None:
    assert found(write_registry(tmp_path)) == []


@pytest.mark.parametrize("name", list(CONTENT))
def test_one_altered_byte_of_any_file_is_seen(tmp_path: Path, name: str) -> None:
    registry = write_registry(tmp_path)
    path = folder_of(registry) / name
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert ("sha256", name) in [(rule, detail.split()[0]) for rule, detail in found(registry)]


def test_another_size_is_told_beside_the_hash(tmp_path: Path) -> None:
    registry = write_registry(tmp_path)
    with (folder_of(registry) / "tokenizer.json").open("ab") as stream:
        stream.write(b" ")
    assert [rule for rule, _ in found(registry)] == ["bytes", "sha256"]


@pytest.mark.parametrize(
    "name",
    [
        "modeling.py",
        "pytorch_model.bin",
        "extra.safetensors",
        "generation_config.json",
        "sub/tokenizer_config.json",
    ],
)
def test_a_file_beside_the_pinned_ones_is_refused(tmp_path: Path, name: str) -> None:
    registry = write_registry(tmp_path)
    stray = folder_of(registry) / name
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"x")
    assert found(registry) == [("unpinned", f"{name} lies in the model's folder and is not pinned")]


@pytest.mark.parametrize("name", ["README.md", "LICENSE", "NOTICE.txt"])
def test_documents_may_lie_beside(tmp_path: Path, name: str) -> None:
    registry = write_registry(tmp_path)
    (folder_of(registry) / name).write_text("words", encoding="utf-8")
    assert found(registry) == []


def test_our_own_folders_are_held_to_the_same(tmp_path: Path) -> None:
    text = registry_text({f"ours/{name}": data for name, data in CONTENT.items()})
    text = text.replace(f'revision = "{REVISION}"', 'data = "made up"').replace(
        'role = "config"', 'role = "config"'
    )
    for name, role in {"model.safetensors": "safetensors", "tokenizer.json": "tokenizer"}.items():
        text = text.replace(f'"ours/{name}", role = "config"', f'"ours/{name}", role = "{role}"')
    registry = tmp_path / "models.toml"
    registry.write_text(text, encoding="utf-8")
    (tmp_path / "ours").mkdir()
    for name, data in CONTENT.items():
        (tmp_path / "ours" / name).write_bytes(data)
    card = load_cards(registry)["small"]
    assert check(card, tmp_path) == []
    (tmp_path / "ours" / "weights.pt").write_bytes(b"\x80\x02")
    assert [finding.rule for finding in check(card, tmp_path)] == ["unpinned"]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"auto_map": {"AutoModel": "modeling.Evil"}}, "auto_map"),
        ({"text_config": {"parts": [{"trust_remote_code": True}]}}, "trust_remote_code = true"),
        ({"custom_pipelines": {"x": {"impl": "x.Y"}}}, "custom_pipelines"),
    ],
)
def test_a_configuration_that_asks_for_code_is_refused(
    tmp_path: Path, config: dict[str, object], words: str
) -> None:
    registry = write_registry(tmp_path, CONTENT | {"config.json": as_json(**config)})
    [(rule, detail)] = found(registry)
    assert rule == "code"
    assert words in detail


def test_a_configuration_is_known_by_its_name_whatever_role_it_is_given(tmp_path: Path) -> None:
    content = CONTENT | {"tokenizer_config.json": as_json(auto_map={"AutoTokenizer": ["x.Y", None]})}
    registry = write_registry(tmp_path, content)
    text = registry.read_text(encoding="utf-8")
    text = text.replace(
        '"tokenizer_config.json", role = "config"', '"tokenizer_config.json", role = "tokenizer"'
    )
    registry.write_text(text, encoding="utf-8")
    assert [rule for rule, _ in found(registry)] == ["code"]


def test_a_context_that_the_configuration_does_not_claim_is_refused(tmp_path: Path) -> None:
    config = as_json(text_config={"max_position_embeddings": 2048})
    registry = write_registry(tmp_path, CONTENT | {"config.json": config})
    assert found(registry) == [("context", "4096 tokens are more than the 2048 of config.json")]


def test_parameters_are_counted(tmp_path: Path) -> None:
    registry = write_registry(tmp_path, CONTENT | {"model.safetensors": safetensors((8, 9))})
    assert found(registry) == [("parameters", "64 are stated, the safetensors files hold 72")]


def test_a_toy_on_paper_cannot_hold_a_large_model(tmp_path: Path) -> None:
    """Toys need no scores, so what calls itself one must be one."""
    registry = write_registry(tmp_path)
    text = registry.read_text(encoding="utf-8").replace("parameters = 64\n", "parameters = 9\n")
    registry.write_text(text, encoding="utf-8")
    assert ("parameters", "9 are stated, the safetensors files hold 64") in found(registry)


def test_an_index_cannot_point_to_other_files(tmp_path: Path) -> None:
    index = as_json(weight_map={"a": "model.safetensors", "b": "../evil.safetensors"})
    registry = write_registry(tmp_path, CONTENT | {"model.safetensors.index.json": index})
    assert found(registry) == [
        ("unpinned", "model.safetensors.index.json points to ../evil.safetensors, which is not pinned")
    ]


@pytest.mark.parametrize("where", ["file", "folder"])
def test_links_are_refused_even_to_the_right_bytes(tmp_path: Path, where: str) -> None:
    registry = write_registry(tmp_path, {f"in/{name}": data for name, data in CONTENT.items()})
    folder = folder_of(registry)
    target = folder / "in" / "config.json" if where == "file" else folder / "in"
    target.rename(tmp_path / "elsewhere")
    target.symlink_to(tmp_path / "elsewhere")
    assert "path" in [rule for rule, _ in found(registry)]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x80\x04\x95 a pickle that calls itself safetensors", "its header would be"),
        (b"PK\x03\x04" + bytes(100), "its header would be"),
        (struct.pack("<Q", 4) + b"nope", "not JSON"),
        (struct.pack("<Q", 2) + b"[]", "not an object"),
        (struct.pack("<Q", 2), "its header would be"),
        (b"abc", "ends within its header"),
        (safetensors() + b"and code", "its tensors are 128 bytes, its data 136"),
        (safetensors()[:-1], "its tensors are 128 bytes, its data 127"),
    ],
)
def test_what_is_no_safetensors_is_seen_through(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(data)
    with pytest.raises(HeaderInvalid, match=words):
        read_safetensors(path)
    registry = write_registry(tmp_path, CONTENT | {"model.safetensors": data})
    assert ("format", "model.safetensors is not what its name says") in [
        (rule, detail.split(":")[0]) for rule, detail in found(registry)
    ]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}, "does not add up"),
        ({"dtype": "F32", "shape": [-1], "data_offsets": [0, -4]}, "does not add up"),
        ({"dtype": "PICKLE", "shape": [1], "data_offsets": [0, 4]}, "does not add up"),
        ({"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}, "overlap or leave gaps"),
        ({"dtype": "F32", "shape": [1]}, "no dtype, shape and offsets"),
        ("text", "no dtype, shape and offsets"),
    ],
)
def test_a_safetensors_header_must_account_for_every_byte(tmp_path: Path, entry: object, words: str) -> None:
    header = json.dumps({"w": entry}).encode()
    path = tmp_path / "x.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(8))
    with pytest.raises(HeaderInvalid, match=words):
        read_safetensors(path)


def test_packed_weights_count_what_they_stand_for(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(safetensors((4, 16), "U8", "mlp.gate_up_proj_blocks"))
    assert read_safetensors(path).parameters == 128
    path.write_bytes(safetensors((1001, 1000), "I32", "mlp.qweight"))
    assert read_safetensors(path).parameters is None


def test_a_gguf_says_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(gguf((4, 8), context=2048))
    header = read_gguf(path)
    assert (header.parameters, header.context) == (32, 2048)
    assert header.facts["tokenizer.ggml.scores"] == [0.5, 1.5]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"GGML" + bytes(40), "does not begin with GGUF"),
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0), "of version 1"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 0), "claims to hold"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1 << 60), "claims to hold"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1 << 40), "a text of"),
        (gguf()[:60], "ends within its header"),
        (b"GGUF" + struct.pack("<IQQQcI", 3, 0, 1, 1, b"a", 99), "unknown type 99"),
        (
            b"GGUF" + struct.pack("<IQQQcI", 3, 0, 1, 1, b"a", 9) + struct.pack("<IQ", 9, 1) * 6,
            "unknown type 9",
        ),
    ],
)
def test_a_gguf_that_lies_about_itself_costs_nothing(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(data)
    with pytest.raises(HeaderInvalid, match=words):
        read_gguf(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
ENTRIES = st.fixed_dictionaries(
    {"dtype": st.sampled_from(["F32", "U8"]) | JSON, "shape": st.lists(st.integers(-1, 9)) | JSON},
    optional={"data_offsets": st.lists(st.integers(-1, 99), max_size=3) | JSON},
)


@settings(max_examples=200, deadline=None)
@given(entries=st.dictionaries(st.text(max_size=8), ENTRIES | JSON, max_size=4), data=st.binary(max_size=64))
def test_no_safetensors_header_does_more_than_be_refused(
    tmp_path_factory: pytest.TempPathFactory, entries: dict[str, object], data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.safetensors"
    header = json.dumps(entries).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + data)
    with suppress(HeaderInvalid):
        assert read_safetensors(path).parameters is not False


@settings(max_examples=200, deadline=None)
@given(at=st.integers(0, len(gguf()) - 1), noise=st.binary(min_size=1, max_size=16), cut=st.integers(0, 300))
def test_no_gguf_header_does_more_than_be_refused(
    tmp_path_factory: pytest.TempPathFactory, at: int, noise: bytes, cut: int
) -> None:
    whole = gguf()
    path = tmp_path_factory.getbasetemp() / "fuzz.gguf"
    path.write_bytes((whole[:at] + noise + whole[at + len(noise) :])[: max(cut, at)])
    with suppress(HeaderInvalid):
        read_gguf(path)


def adapter_registry(folder: Path, **config: object) -> Path:
    """The model of `write_registry`, and an adapter for it beside `models.toml`."""
    registry = write_registry(folder)
    content = {
        "lora/adapter_model.safetensors": safetensors((2, 8)),
        "lora/adapter_config.json": as_json(**{"base_model_name_or_path": "us/small", **config}),
    }
    (folder / "lora").mkdir()
    for name, data in content.items():
        (folder / name).write_bytes(data)
    roles = {name: "adapter" if name.endswith("safetensors") else "config" for name in content}
    files = "\n".join(
        f'{{ path = "{name}", role = "{roles[name]}", sha256 = "{sha(data)}" }},'
        for name, data in content.items()
    )
    text = f"""
[[model]]
id = "tuned"
title = "Tuned"
repository = "lora"
licence = "Apache-2.0"
parameters = 16
context = 4096
style = "full"
dtype = "F32"
memory = 100_000
released = 2026-02-03
base = "small"
data = "made up"
scores = [{{ benchmark = "GPQA Diamond", value = 60.0, source = "docs/x.md" }}]
files = [
{files}
]
"""
    registry.write_text(registry.read_text(encoding="utf-8") + text, encoding="utf-8")
    return registry


def tuned(registry: Path) -> list[tuple[str, str]]:
    card = load_cards(registry)["tuned"]
    found = check(card, registry.parent, folder_of(registry))
    return [(finding.rule, finding.detail) for finding in found]


def test_an_adapter_over_an_approved_base_may_be_served(tmp_path: Path) -> None:
    assert tuned(adapter_registry(tmp_path)) == []


def test_files_are_looked_for_where_the_settings_say(tmp_path: Path) -> None:
    registry = adapter_registry(tmp_path)
    cards = load_cards(registry)
    places = ModelSettings(models_file=registry, models_folder=tmp_path / "models")
    assert local_folder(cards["tuned"], places) == tmp_path
    assert local_folder(cards["small"], places) == folder_of(registry)
    for card in cards.values():
        require_in(card, places)
    elsewhere = ModelSettings(models_file=registry, models_folder=tmp_path / "none")
    with pytest.raises(ModelRefused, match=r"small: missing: model\.safetensors is not there"):
        require_in(cards["tuned"], elsewhere)


def test_an_adapter_over_an_altered_base_is_refused(tmp_path: Path) -> None:
    registry = adapter_registry(tmp_path)
    path = folder_of(registry) / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    [(rule, detail)] = tuned(registry)
    assert rule == "base"
    assert detail.startswith("small: sha256: model.safetensors has SHA-256")


def test_an_adapter_over_a_base_that_is_not_approved_is_refused(tmp_path: Path) -> None:
    registry = adapter_registry(tmp_path)
    text = registry.read_text(encoding="utf-8").replace('licence = "MIT"', 'licence = "llama3.1"')
    registry.write_text(text, encoding="utf-8")
    [(rule, detail)] = tuned(registry)
    assert rule == "base"
    assert detail.startswith("small is not approved: licence: llama3.1")


def test_an_adapter_is_as_large_as_what_it_is_laid_over(tmp_path: Path) -> None:
    """So that it is held to the frontier, however few numbers it has itself."""
    registry = adapter_registry(tmp_path)
    text = registry.read_text(encoding="utf-8").replace("value = 60.0", "value = 89.0")
    registry.write_text(text, encoding="utf-8")
    assert [rule for rule, _ in tuned(registry)] == ["frontier"]


@pytest.mark.parametrize(
    ("config", "rule", "words"),
    [
        ({"base_model_name_or_path": "us/other"}, "base", "was tuned from 'us/other'"),
        ({"revision": "main"}, "base", "was tuned from revision 'main'"),
        ({"auto_mapping": {"parent_library": "evil"}}, "code", "auto_mapping"),
    ],
)
def test_an_adapter_must_be_of_its_base(
    tmp_path: Path, config: dict[str, object], rule: str, words: str
) -> None:
    [(told, detail)] = tuned(adapter_registry(tmp_path, **config))
    assert told == rule
    assert words in detail

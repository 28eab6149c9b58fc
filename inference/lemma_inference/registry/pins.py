"""Writes hashes into the text of `models.toml`, and leaves every other character as it is."""

import re

from lemma_inference.errors import ModelRefused


def write_pin(text: str, model: str, path: str, sha256: str, size: int) -> str:
    """The text with the SHA-256 and the size of one file of one model. Raises `ModelRefused` where the file
    does not stand on a line of its own. The size is written for files that say where they come from only: of
    our own weights the disk knows it."""
    start, end = _block(text, model)
    line = re.compile(rf'^([ \t]*\{{ path = "{re.escape(path)}",)([^\n]*?)( \}},?)$', re.MULTILINE)
    found = line.search(text, start, end)
    if found is None:
        raise ModelRefused(f"{path} of {model} must stand on a line of its own, path first.", rule="registry")
    members = _put(found[2], "sha256", f'"{sha256}"')
    if "revision = " in text[start:end]:
        members = _put(members, "bytes", f"{size:_}")
    return text[: found.start()] + found[1] + members + found[3] + text[found.end() :]


def _block(text: str, model: str) -> tuple[int, int]:
    """Where the model's part of the text begins and ends."""
    head = re.search(rf'^id = "{re.escape(model)}"[ \t]*$', text, re.MULTILINE)
    if head is None:
        raise ModelRefused(f"{model} has no line `id = ...`.", rule="registry")
    following = re.compile(r"^\[", re.MULTILINE).search(text, head.end())
    return head.start(), following.start() if following else len(text)


def _put(members: str, name: str, value: str) -> str:
    """The members of an inline table with this one set."""
    changed, count = re.subn(rf'({name} = )("[^"]*"|[\d_]+)', rf"\g<1>{value}", members)
    return changed if count else f"{members}, {name} = {value}"

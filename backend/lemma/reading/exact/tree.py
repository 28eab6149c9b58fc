"""The XML lines of a source as a tree, and the few path expressions that a task file may use.

An XML line is `path/of/element  value`: local names with indexes for repeated elements, two spaces, the
text of the element or (`/@name`) of an attribute.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lemma.reading.source import Line, Source

_SEGMENT = re.compile(r"([^\[\]]+)(?:\[([0-9]+)\])?")
_STEP = re.compile(
    r"(?P<name>@?[\w.-]+|\*)(?:\[(?P<path>[@\w./-]+)\s*(?P<op>!?=)\s*(?:'(?P<one>[^']*)'|\"(?P<two>[^\"]*)\")\])?"
)


@dataclass(slots=True)
class Node:
    """An element or attribute. `line` holds its text, from `start` on; None where it has none."""

    name: str
    children: dict[tuple[str, int], "Node"] = field(default_factory=dict)
    line: Line | None = None
    start: int = 0

    @property
    def text(self) -> str:
        """The text of the element; empty where it has none."""
        return "" if self.line is None else self.line.text[self.start :]


def xml_tree(source: Source) -> Node | None:
    """The tree of the source's embedded XML, under a root without a name; None where it has none."""
    pages = {page.number for page in source.pages if page.kind == "xml"}
    if not pages:
        return None
    root = Node("")
    for line in source.lines:
        path, gap, value = line.text.partition("  ")
        if line.page not in pages or not gap or not value:
            continue
        node = root
        for segment in path.split("/"):
            match = _SEGMENT.fullmatch(segment)
            if match is None:
                break
            key = (match.group(1), int(match.group(2) or 1))
            node = node.children.setdefault(key, Node(key[0]))
        else:
            node.line, node.start = line, len(path) + len(gap)
    return root


def find(node: Node, path: str) -> list[Node]:
    """The nodes below `node` at this path, in the order of the document.

    A path is steps with `/` between them; a step is a local name, `@attribute` or `*`, and may demand
    `[path='value']` or `[path!='value']` of its element. A step that is not of this form finds nothing.
    """
    steps = _steps(path)
    found = [node] if steps else []
    for step in steps:
        found = [child for parent in found for child in _matching(parent, step)]
    return found


def first_text(node: Node, paths: Sequence[str]) -> Node | None:
    """The first node with text, trying the paths in order."""
    return next((found for path in paths for found in find(node, path) if found.text), None)


def _steps(path: str) -> list[re.Match[str]]:
    """The steps of a path; none where a part of it is not a step."""
    steps: list[re.Match[str]] = []
    at = 0
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            return []
        steps.append(match)
        at = match.end()
        if at < len(path):
            if path[at] != "/":
                return []
            at += 1
    return steps


def _matching(parent: Node, step: re.Match[str]) -> Iterator[Node]:
    for child in parent.children.values():
        if step["name"] in {child.name, "*"} and _demand(child, step):
            yield child


def _demand(node: Node, step: re.Match[str]) -> bool:
    if step["path"] is None:
        return True
    wanted = step["one"] if step["one"] is not None else step["two"]
    equal = any(found.text == wanted for found in find(node, step["path"]))
    return equal if step["op"] == "=" else not equal

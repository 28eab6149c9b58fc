"""The docs say what the code does: error codes, routes, commands and links."""

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
CODE = re.compile(r"^[a-z][a-z0-9_]*$")


def _declared_codes() -> dict[str, str]:
    """Every stable code that a class of errors declares, and where."""
    found = {}
    for path in (ROOT / "backend/lemma").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for code in _codes_of(node):
                found[code] = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
    return found


def _codes_of(node: ast.AST) -> list[str]:
    """The values of `code = "..."` in the body of a class."""
    codes = []
    for statement in node.body if isinstance(node, ast.ClassDef) else []:
        target: ast.expr | None = statement.target if isinstance(statement, ast.AnnAssign) else None
        if isinstance(statement, ast.Assign):
            target = statement.targets[0]
        value = getattr(statement, "value", None)
        named = isinstance(target, ast.Name) and target.id == "code"
        if named and isinstance(value, ast.Constant) and CODE.match(str(value.value)):
            codes.append(str(value.value))
    return codes


def test_every_error_code_is_documented() -> None:
    page = (ROOT / "docs/guides/errors.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([a-z0-9_]+)` \|", page, re.MULTILINE))
    declared = _declared_codes()
    missing = {code: place for code, place in declared.items() if code not in documented}
    assert not missing, f"docs/guides/errors.md lacks {missing}"
    stale = documented - declared.keys()
    assert not stale, f"docs/guides/errors.md has codes that no code declares: {stale}"


def test_every_route_is_documented() -> None:
    page = (ROOT / "docs/guides/api.md").read_text(encoding="utf-8")
    openapi = json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))
    missing = [
        f"{method.upper()} {path}"
        for path, operations in openapi["paths"].items()
        for method in operations
        if f"`{method.upper()} {path}`" not in page
    ]
    assert not missing, f"docs/guides/api.md lacks {missing}"


@pytest.mark.parametrize("page", DOCS, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"


def test_commands_of_the_readme_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z0-9-]+):", makefile, re.MULTILINE))
    code = "\n".join(re.findall(r"```.*?```|`[^`]+`", readme, re.DOTALL))
    for target in re.findall(r"\bmake ([a-z-]+)\b", code):
        assert target in targets, f"README names `make {target}`, which the Makefile lacks"

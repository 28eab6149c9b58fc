"""The docs say what the code does: error codes, routes, commands and links."""

import json
import re
from pathlib import Path

import pytest

from lemma import error_codes

ROOT = Path(__file__).parents[2]
DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_page_of_errors_is_fresh() -> None:
    page = (ROOT / "docs/guides/errors.md").read_text(encoding="utf-8")
    assert page == error_codes.page(), "errors changed; run `make generate`"


def test_every_code_means_one_thing() -> None:
    codes = re.findall(r"^\| `([a-z0-9_]+)` \|", error_codes.page(), re.MULTILINE)
    assert len(codes) > 30
    assert len(codes) == len(set(codes)), "one code with two statuses or titles"


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

"""A task file is read whole, and every mistake in it is named with its line."""

from pathlib import Path

import pytest

from lemma.reading.schema import SchemaError, load_task, parse_task
from lemma.reading.schema.positions import positions

GOOD = """\
id = "t"            # 1
title = "T"
version = 2

[[field]]           # 5
name = "kind"
kind = "choice"
options = [         # 8
  "a",
  { name = "b", words = ["B", "bee"], codes = ["380"] },
]

[[field]]           # 13
name = "lines"
kind = "rows"
max_rows = 7

[[field.column]]    # 18
name = "amount"
kind = "amount"

[[field]]           # 22
name = "net"
kind = "amount"
required = true

[[rule]]            # 27
code = "adds_up"
kind = "sum"
parts = ["lines.amount"]
equals = "net"
tolerance = "0.05"
"""


def issues(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(SchemaError) as caught:
        parse_task(text, file="t.toml")
    return [(issue.line, issue.field, issue.message) for issue in caught.value.issues]


def test_a_good_file_becomes_a_task() -> None:
    task = parse_task(GOOD)
    assert [field.name for field in task.fields] == ["kind", "lines", "net"]
    assert task.field("kind").options[1].words == ("B", "bee")
    assert task.field("lines.amount").kind == "amount"
    assert task.field("net").required
    assert task.field("net").label == "Net"
    assert task.rules[0].decimal("tolerance", "1").as_tuple().digits == (5,)
    assert [path for path, _ in task.all_fields()] == ["kind", "lines", "lines.amount", "net"]


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "words"),
    [
        ('id = "t"', 'id = "T x"', 1, "task.id", "lower-case"),
        ('title = "T"', "", 1, "task.title", "missing"),
        ("version = 2", "version = 0", 3, "task.version", "whole number"),
        ("version = 2", "vresion = 2", 3, "task.vresion", "not known"),
        ('kind = "choice"', 'kind = "chioce"', 7, "field.kind.kind", "not a kind"),
        ('  "a",', '  "-",', 9, "field.kind.options[0]", "cannot be a label"),
        ('  "a",', '  "b",', 8, "field.kind.options", "twice"),
        ('codes = ["380"]', "codes = [380]", 10, "field.kind.options[1].codes", "list of texts"),
        ("max_rows = 7", "max_rows = 7.5", 16, "field.lines.max_rows", "whole number"),
        (
            'name = "amount"\n',
            'name = "amount"\npointers = 99\n',
            20,
            "field.lines.column.amount.pointers",
            "40",
        ),
        (
            'kind = "amount"\n\n',
            'kind = "rows"\n\n',
            20,
            "field.lines.column.amount.kind",
            "cannot be of kind",
        ),
        ('name = "net"', 'name = "kind"', 23, "field.kind.name", "used twice"),
        ("required = true", 'required = "yes"', 25, "field.net.required", "true or false"),
        ("required = true", "options = []", 25, "field.net.options", "not known here"),
        ('"lines.amount"]', '"lines.amuont"]', 30, "rule.adds_up.parts", "no field 'lines.amuont'"),
        ('equals = "net"', 'equals = "kind"', 31, "rule.adds_up.equals", "of kind choice"),
        ('equals = "net"', "", 27, "rule.adds_up.equals", "missing"),
        ('tolerance = "0.05"', "tolerance = 0.05", 32, "rule.adds_up.tolerance", "in quotes"),
        ('kind = "sum"', 'kind = "som"', 29, "rule.adds_up.kind", "not a kind of rule"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_field(
    old: str, new: str, line: int, field: str, words: str
) -> None:
    found = issues(GOOD.replace(old, new, 1))
    assert any(at == line and name == field and words in message for at, name, message in found), found


def test_every_mistake_is_reported_at_once() -> None:
    text = GOOD.replace("version = 2", "version = -1").replace("max_rows = 7", "max_rows = 0")
    assert len(issues(text)) == 2


def test_broken_toml_names_its_line() -> None:
    assert issues('id = "t"\ntitle = \n')[0][:2] == (2, "toml")
    assert issues('id = "t"\nid = "u"\n')[0][0] == 2


def test_the_error_is_a_problem_that_names_the_file() -> None:
    with pytest.raises(SchemaError) as caught:
        parse_task("", file="mine.toml")
    assert "mine.toml:1: field: a task needs at least one [[field]]" in caught.value.detail
    assert caught.value.problem()["code"] == "task_schema_invalid"


def test_a_file_that_is_not_text_is_a_schema_error(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SchemaError, match="cannot be read"):
        load_task(tmp_path / "t.toml")
    with pytest.raises(SchemaError, match="cannot be read"):
        load_task(tmp_path / "none.toml")


def test_the_format_in_the_readme_is_valid() -> None:
    readme = Path(__file__).parents[3] / "backend" / "lemma" / "reading" / "README.md"
    toml = readme.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    task = parse_task(toml + '\n[[field]]\nname = "net"\nkind = "amount"\n')
    assert task.id == "invoices"


def test_positions_follow_strings_comments_and_nesting() -> None:
    text = '''# [[a]]
s = """
x = 1
[[b]]
"""
[a."b c"]   # comment = 1
list = [ # no = 1
  { k = "}" , m = ']' },
  [1,
   2],
]
'''
    found = positions(text)
    assert found[("s",)] == 2
    assert ("x",) not in found
    assert found[("a", "b c")] == 6
    assert found[("a", "b c", "list", 0, "m")] == 8
    assert found[("a", "b c", "list", 1, 1)] == 10

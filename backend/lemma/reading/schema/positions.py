"""Where each key of a TOML file stands, so that an error can name its line.

`tomllib` keeps no positions. This walks text that `tomllib` has already accepted, so it need not
validate: it only follows strings, comments, brackets and table headers.
"""

import re

Path = tuple[str | int, ...]

_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|' r"'''.*?'{3,5}|" r'"(?:\\.|[^"\\])*"|' r"'[^']*'",
    re.DOTALL,
)
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*'""")
_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")


def positions(text: str) -> dict[Path, int]:
    """Each path of the file (keys, and indexes into arrays) with the line, from 1, where it starts."""
    return _Walk(text).run()


class _Walk:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}
        self.table: Path = ()

    def run(self) -> dict[Path, int]:
        self.skip()
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                self.header()
            else:
                self.pair(self.table)
            self.skip()
        return self.found

    def skip(self) -> None:
        match = _SPACE.match(self.text, self.at)
        if match:
            self.at = match.end()

    def mark(self, path: Path, at: int) -> None:
        self.found.setdefault(path, self.text.count("\n", 0, at) + 1)

    def keys(self) -> list[str]:
        names: list[str] = []
        while match := _KEY.match(self.text, self.at):
            names.append(match.group().strip("\"'"))
            self.at = match.end()
            self.skip()
            if self.text[self.at : self.at + 1] != ".":
                break
            self.at += 1
            self.skip()
        return names

    def header(self) -> None:
        """`[a.b]` or `[[a.b]]`; a name that is an array of tables stands for its latest table."""
        start = self.at
        array = self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        self.skip()
        names = self.keys()
        self.at += 2 if array else 1
        path: Path = ()
        for position, name in enumerate(names):
            path = (*path, name)
            if array and position == len(names) - 1:
                self.counts[path] = self.counts.get(path, 0) + 1
            self.mark(path, start)
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
        self.mark(path, start)
        self.table = path

    def pair(self, table: Path) -> None:
        start = self.at
        names = self.keys()
        if not names:  # Not TOML that tomllib accepts; step on rather than loop.
            self.at += 1
            return
        path: Path = table
        for name in names:
            path = (*path, name)
            self.mark(path, start)
        self.at += 1  # the equals sign
        self.skip()
        self.value(path)

    def value(self, path: Path) -> None:
        self.mark(path, self.at)
        first = self.text[self.at : self.at + 1]
        if first == "[":
            self.at += 1
            self.items(path)
        elif first == "{":
            self.at += 1
            self.inline(path)
        elif string := _STRING.match(self.text, self.at):
            self.at = string.end()
        else:
            while self.at < len(self.text) and self.text[self.at] not in ",]}#\n":
                self.at += 1

    def items(self, path: Path) -> None:
        index = 0
        self.skip()
        while self.at < len(self.text) and self.text[self.at] != "]":
            self.value((*path, index))
            index += 1
            self.skip()
            if self.text[self.at : self.at + 1] == ",":
                self.at += 1
                self.skip()
        self.at += 1

    def inline(self, path: Path) -> None:
        self.skip()
        while self.at < len(self.text) and self.text[self.at] != "}":
            self.pair(path)
            self.skip()
            if self.text[self.at : self.at + 1] == ",":
                self.at += 1
                self.skip()
        self.at += 1

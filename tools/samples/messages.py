"""Messages of customers, as text files and e-mails. What they say is marked in `texts/tickets`.

Before the message stand the labels, `@ path = value | words that say so`, a draft of the reply with ` || `
between its sentences, and for an e-mail its headers, `@@ Subject: ...`.
"""

from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from tools.samples.marked import FOLDER, TIED, Marked, marked_text
from tools.samples.truth import GERMAN, Truth

Drawn = tuple[bytes, Truth]
_FLAGS: dict[str, Any] = {"true": True, "false": False}


def message(name: str) -> Callable[[], Drawn]:
    """A message as a text file."""

    def draw() -> Drawn:
        truth, _, text = _read(name)
        return _shown(text).encode(), truth

    return draw


def mail(name: str, sent: str) -> Callable[[], Drawn]:
    """A message as an e-mail of that date."""

    def draw() -> Drawn:
        truth, headers, text = _read(name)
        made = EmailMessage(policy=SMTP)
        for key, value in headers.items():
            made[key] = value
        made["Date"] = sent
        made["Message-ID"] = f"<{name.partition('.')[0]}@mail.example>"
        made.set_content(_shown(text), cte="quoted-printable")
        return made.as_bytes(), truth

    return draw


def _read(name: str) -> tuple[Truth, dict[str, str], Marked]:
    """The truth of a message, its headers, and its text."""
    rows = (FOLDER / "tickets" / name).read_text(encoding="utf-8").splitlines()
    headers = dict(row[3:].split(": ", 1) for row in rows if row.startswith("@@ "))
    text = marked_text("\n".join(row for row in rows if not row.startswith("@")), by_line=True)
    truth = Truth(GERMAN)
    for row in rows:
        if row.startswith("@ "):
            path, _, said = row[2:].partition(" = ")
            _label(truth, path, said)
    truth.cells |= text.cells
    truth.printed |= text.printed
    return truth, headers, text


def _label(truth: Truth, path: str, said: str) -> None:
    if path == "reply":
        sentences = said.split(" || ")
        truth.cells[path], truth.printed[path] = " ".join(sentences), sentences
        return
    value, _, words = said.partition(" | ")
    truth.cells[path] = _FLAGS.get(value, value)
    truth.printed[path] = [words] if words else []


def _shown(text: Marked) -> str:
    lines: list[str] = []
    for number, paragraph in enumerate(text.paragraphs):
        if number and paragraph.blank:
            lines.append("")
        lines.append(paragraph.text.replace(TIED, " "))
    return "\n".join(lines) + "\n"


TICKETS: dict[str, Callable[[], Drawn]] = {
    "boat-question.eml": mail("boat-question.txt", "Mon, 04 May 2026 19:20:11 +0200"),
    "chaqueta-talla.txt": message("chaqueta-talla.txt"),
    "danke.txt": message("danke.txt"),
    "garantie-oder-storno.txt": message("garantie-oder-storno.txt"),
    "ignore-all-instructions.txt": message("ignore-all-instructions.txt"),
    "remboursement-et-adresse.eml": mail("remboursement-et-adresse.txt", "Tue, 28 Apr 2026 08:02:45 +0200"),
    "schlafsack-ironisch.txt": message("schlafsack-ironisch.txt"),
    "tent-has-not-come.eml": mail("tent-has-not-come.txt", "Tue, 09 Jun 2026 21:47:03 +0100"),
    "thread-another-order.eml": mail("thread-another-order.txt", "Wed, 06 May 2026 12:31:58 +0100"),
    "unknown-charge.txt": message("unknown-charge.txt"),
}

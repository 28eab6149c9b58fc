"""E-mail: the lines of its head, its body, then its attachments as further pages."""

import email
import email.errors
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage, Message, MIMEPart
from email.policy import default
from typing import Protocol

from lemma.core.errors import LemmaError
from lemma.ingest.clean import one_spaced
from lemma.ingest.drafts import Draft, Note, Part, Things
from lemma.ingest.errors import (
    ArchiveBomb,
    FileTypeUnsupported,
    NestedTooDeep,
    TooManyPages,
    TooMuchText,
    broken,
)
from lemma.ingest.formats.html import visible_lines
from lemma.ingest.formats.plain import clean_keeping_tabs, decoded, laid_out, plain_lines
from lemma.ingest.limits import Budget

_HEAD = ("From", "To", "Cc", "Date", "Subject", "Reply-To")
_OF_THE_WHOLE = (TooManyPages, TooMuchText, ArchiveBomb, NestedTooDeep)
_MOST_ATTACHMENTS = 200


class Opener(Protocol):
    """Reads an attachment of any kind; given in, because it reads messages too."""

    def __call__(self, data: bytes, name: str | None, budget: Budget, depth: int) -> Things: ...


def read(data: bytes, name: str | None, budget: Budget, depth: int, opener: Opener) -> Things:
    """One page for the message, then the pages of what is attached."""
    if depth > budget.limits.depth:
        raise NestedTooDeep(
            f"Messages are attached to messages more than {budget.limits.depth} deep. Send the inner one by "
            "itself."
        )
    message, attachments = parse(data)
    lines = tuple(plain_lines(message))
    if not lines and not attachments:
        raise broken("e-mail")
    budget.page(len(lines), sum(len(line.text) for line in lines))
    yield Draft("plain", lines)
    for attachment in attachments:
        yield attachment
        yield from _opened(attachment, budget, depth, opener)


def _opened(part: Part, budget: Budget, depth: int, opener: Opener) -> Iterator[Draft | Note]:
    try:
        for thing in opener(part.data, part.name, budget, depth + 1):
            if isinstance(thing, Draft):
                name = f"{part.name}: {thing.name}" if thing.name else part.name
                yield replace(thing, name=name[:200])
            elif isinstance(thing, Note):
                yield thing
    except _OF_THE_WHOLE:
        raise
    except FileTypeUnsupported:
        yield Note("An attachment is of a type that cannot be read and was left out.")
    except LemmaError as error:
        yield Note(f"An attachment was left out: {error.detail}")


def parse(data: bytes) -> tuple[list[str], list[Part]]:
    """Lines of the head and body, and the attachments. Raises FileBroken."""
    try:
        message = email.message_from_bytes(data.lstrip(b"\r\n"), policy=default)
        if not isinstance(message, EmailMessage):
            raise broken("e-mail")
        lines = [f"{key}: {one_spaced(str(message[key]))}" for key in _HEAD if message[key]]
        body = _body(message)
        attachments = list(_attachments(message))
    except (
        email.errors.MessageError,
        LookupError,
        ValueError,
        AttributeError,
        TypeError,
        IndexError,
    ) as error:
        raise broken("e-mail") from error
    return lines + body, attachments


def _body(message: EmailMessage) -> list[str]:
    plain = message.get_body(("plain",))
    rich = message.get_body(("html",))
    plain_rows = _rows(plain) if plain is not None else []
    rich_rows = visible_lines(_text(rich)) if rich is not None else []
    # Some senders put only "this message is in HTML" in the plain part.
    short = sum(map(len, plain_rows)) < 0.3 * sum(map(len, rich_rows))
    return rich_rows if short or not plain_rows else plain_rows


def _rows(part: MIMEPart) -> list[str]:
    return [laid_out(clean_keeping_tabs(row)) for row in _text(part).splitlines()]


def _text(part: MIMEPart) -> str:
    payload = part.get_payload(decode=True)
    declared = part.get_content_charset()
    return decoded(payload, declared) if isinstance(payload, bytes) else ""


def _attachments(message: EmailMessage) -> Iterator[Part]:
    """Attached files and messages; pictures that belong to the body's layout are none."""
    bodies = {id(part) for part in (message.get_body(("plain",)), message.get_body(("html",)))}
    count = 0
    stack = [message]
    while stack and count < _MOST_ATTACHMENTS:
        part = stack.pop()
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload()
            if isinstance(inner, list) and inner and isinstance(inner[0], Message):
                count += 1
                subject = one_spaced(str(inner[0]["Subject"] or "message"))
                yield Part(f"{subject[:100]}.eml", inner[0].as_bytes(policy=default))
        elif part.is_multipart():
            stack += [p for p in reversed(list(part.iter_parts())) if isinstance(p, EmailMessage)]
        elif id(part) not in bodies and not _is_decoration(part):
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes) and payload:
                count += 1
                name = one_spaced(str(part.get_filename() or f"attachment {count}"))
                yield Part(name[:150], payload)


def _is_decoration(part: EmailMessage) -> bool:
    if part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment":
        return part.get_filename() is None  # Another form of the body.
    inline = part.get_content_disposition() == "inline" or part["Content-ID"] is not None
    return part.get_content_maintype() == "image" and inline

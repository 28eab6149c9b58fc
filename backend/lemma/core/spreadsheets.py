"""Text that spreadsheets take for text."""

_TRIGGERS = tuple("=+-@\t\r\n\0＝＋－＠")
"""What makes a spreadsheet take a text for a formula, full-width forms included (OWASP, CSV injection)."""


def safe(text: str) -> str:
    """The text, with a `'` before it where a spreadsheet would run it as a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_TRIGGERS) else text

"""What to do instead, for fields that we do not take as other services do."""

_TOOLS = "Tools are not offered here. Leave {field} out; for an answer in JSON use response_format."
_GUIDED = 'Use structured_outputs, for example {{"structured_outputs": {{"{form}": ...}}}}.'

HINTS = {
    **{f"guided_{form}": _GUIDED.format(form=form) for form in ("json", "regex", "choice", "grammar")},
    "guided_decoding_backend": "The service compiles grammars itself. Leave guided_decoding_backend out.",
    "guided_whitespace_pattern": "Say it in the grammar: structured_outputs takes one.",
    "structured_outputs.structural_tag": "Use grammar, json, regex or choice.",
    "structured_outputs.json_object": 'Use response_format: {"type": "json_object"}.',
    "cache_salt": "Whose prompts share a cache, the key says. Leave cache_salt out.",
    **{field: _TOOLS.format(field=field) for field in ("tools", "tool_choice", "functions", "function_call")},
    "n": "One request has one answer. Send the request n times.",
    "best_of": "One request has one answer. Leave best_of out.",
    "echo": "The prompt is not repeated. Leave echo out.",
    "suffix": "Text is continued, not filled in. Leave suffix out.",
    "store": "Nothing is stored. Leave store out.",
    "logit_bias": "Tokens cannot be favoured. A grammar can exclude: structured_outputs takes one.",
}


def hint(field: str) -> str:
    """A sentence about this field with a space before it, or nothing."""
    return f" {HINTS[field]}" if field in HINTS else ""

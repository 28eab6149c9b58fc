"""Rules between fields, as JSON schema says them, so that the document forbids what the service refuses."""

from pydantic.config import JsonDict

_NULL: JsonDict = {"type": "null"}
_GIVEN: JsonDict = {"not": _NULL}


def needs_true(field: str, given: JsonDict, other: str) -> JsonDict:
    """Where `field` is like this, `other` must be true."""
    return {
        "if": {"properties": {field: given}, "required": [field]},
        "then": {"properties": {other: {"const": True}}, "required": [other]},
    }


def not_both(one: str, other: str) -> JsonDict:
    """At most one of two fields is given."""
    return {"not": {"properties": {one: _GIVEN, other: _GIVEN}, "required": [one, other]}}


def exactly_one(*fields: str) -> JsonDict:
    """One of these is given, and the others are null or left out."""
    return {
        "oneOf": [
            {
                "required": [name],
                "properties": {field: _GIVEN if field == name else _NULL for field in fields},
            }
            for name in fields
        ]
    }


def belongs_to(field: str, kind: str, value: str) -> JsonDict:
    """`field` is given where `kind` has this value, and only there."""
    return {
        "if": {"properties": {kind: {"const": value}}},
        "then": {"properties": {field: _GIVEN}, "required": [field]},
        "else": {"properties": {field: _NULL}},
    }

"""The classes of requests, most urgent first."""

from typing import Literal, get_args

RequestClass = Literal["research", "interactive", "batch"]

CLASSES: tuple[RequestClass, ...] = get_args(RequestClass)

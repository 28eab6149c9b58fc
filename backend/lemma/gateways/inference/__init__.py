"""Text in, tokens out: the one door to the inference service.

`protocol.py` says what the rest of the backend may ask; `http.py` is the real client, `fake.py` the
honest stand-in that obeys grammars; `errors.py` says what can go wrong.
"""

from lemma.gateways.inference.errors import (
    ContextOverflow,
    InferenceBusy,
    InferenceInterrupted,
    InferenceRefused,
    InferenceTimedOut,
    InferenceUnavailable,
    ModelUnknown,
)
from lemma.gateways.inference.fake import FakeInference, FakeUsage
from lemma.gateways.inference.http import HttpInference, Retries, Timeouts
from lemma.gateways.inference.protocol import (
    Call,
    Completion,
    InferenceGateway,
    ModelInfo,
    TokenLogprob,
    UsageFeed,
    UsagePage,
)

__all__ = [
    "Call",
    "Completion",
    "ContextOverflow",
    "FakeInference",
    "FakeUsage",
    "HttpInference",
    "InferenceBusy",
    "InferenceGateway",
    "InferenceInterrupted",
    "InferenceRefused",
    "InferenceTimedOut",
    "InferenceUnavailable",
    "ModelInfo",
    "ModelUnknown",
    "Retries",
    "Timeouts",
    "TokenLogprob",
    "UsageFeed",
    "UsagePage",
]

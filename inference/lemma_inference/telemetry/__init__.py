"""What can be seen of the service from outside: metrics, traces, logs; never a word of a prompt or an answer.

`metrics.py` counts events, kept and written by `series.py`. `following.py` follows each request for its span
and its line in the log, as `tracing.py` notes them; `otel.py` sends spans. `logs.py` says what may be logged.
"""

from lemma_inference.telemetry.following import Follow
from lemma_inference.telemetry.metrics import Telemetry
from lemma_inference.telemetry.tracing import tracing_to

__all__ = ["Follow", "Telemetry", "tracing_to"]

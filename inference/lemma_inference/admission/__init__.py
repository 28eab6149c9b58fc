"""Who may use the engine now: research, then interactive, then batch."""

from lemma_inference.admission.queue import Admission

__all__ = ["Admission"]

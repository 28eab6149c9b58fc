"""Who may use which replica now: research as if it were alone, then interactive, then batch.

Read `policy.py` (the numbers), `ticket.py` (what waits and runs), `line.py` with `fairness.py` (who is
next), `ledger.py` and `placing.py` (where there is room), `yank.py` (who gives way), and last `admission.py`,
where a request goes through all of them.
"""

from lemma_inference.admission.admission import Admission, Seat, Yanked
from lemma_inference.admission.ledger import Books
from lemma_inference.admission.policy import ENGINE_PRIORITY, Ceilings, Mode, Policy
from lemma_inference.admission.ticket import Flight, Ticket

__all__ = [
    "ENGINE_PRIORITY",
    "Admission",
    "Books",
    "Ceilings",
    "Flight",
    "Mode",
    "Policy",
    "Seat",
    "Ticket",
    "Yanked",
]

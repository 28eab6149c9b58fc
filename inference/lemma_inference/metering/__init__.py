"""Who used what: reserved, counted, settled, and written down so that it is neither lost nor counted twice.

`meter.py` is the story of one account and `budgets.py` what may be used. On disk, `keeper.py` holds a folder:
`flights.py` is what survives a kill, `journal.py` with `record.py` and `segments.py` what is kept, and
`reader.py` how it is read. `reconcile.py` asks whether the engines counted the same.
"""

from lemma_inference.metering.budgets import Limit, Standing
from lemma_inference.metering.journal import Journal
from lemma_inference.metering.meter import Account, Metering, Totals, Worked
from lemma_inference.metering.record import Finish, Record

__all__ = ["Account", "Finish", "Journal", "Limit", "Metering", "Record", "Standing", "Totals", "Worked"]

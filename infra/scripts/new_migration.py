"""Writes a new migration with what the models have and the migrations lack, for a person to finish.

uv run python infra/scripts/new_migration.py "what it does"
"""

import sys
import tempfile
from pathlib import Path

import lemma.main
import lemma.worker  # noqa: F401  (together they bring every table)
from lemma.db import migrate
from lemma.db.base import Base
from lemma.local.postgres import EmbeddedPostgres

if len(sys.argv) != 2:
    sys.exit(__doc__)
with tempfile.TemporaryDirectory(prefix="lemma-migration-") as directory:
    Path(directory).chmod(0o711)
    with EmbeddedPostgres(Path(directory)) as server:
        owner = server.addresses().owner
        migrate.upgrade(owner)
        migrate.revision(owner, Base.metadata, sys.argv[1])

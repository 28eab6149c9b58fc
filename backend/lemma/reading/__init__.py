"""Reading with evidence: the heart, pure. No database, no HTTP, no clock."""

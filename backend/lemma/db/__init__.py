"""The database: where it is, whose each transaction is, and how the schema grows."""

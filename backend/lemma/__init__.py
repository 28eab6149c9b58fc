"""The business-task backend."""

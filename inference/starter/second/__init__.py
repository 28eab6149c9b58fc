"""Fits the second reading of paper (`lemma.second`) on what the starter model learns from."""

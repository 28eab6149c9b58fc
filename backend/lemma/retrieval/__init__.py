"""Finds the passages of a customer's own documents that fit a text: BM25 over words cut to their stems."""

from lemma.retrieval.bm25 import Retriever

__all__ = ["Retriever"]

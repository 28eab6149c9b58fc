"""A second reading of paper: every word is marked as what it is, by its form and by what stands around it.

It is made quite differently from the model that answers (no prompt, no grammar, no generation), so that where
the two agree there is reason to believe them. Its words are words of the source by construction: it marks,
and never writes. `features.py` says what it knows of a word, `marker.py` is the model, `marks.py` makes
values of marked words, `opinion.py` says whose answer counts. Fitted by `inference/starter/second`.
"""

from lemma.second.opinion import second_opinion

__all__ = ["second_opinion"]

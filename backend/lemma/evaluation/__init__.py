"""How well readings are: sets of labelled documents, splits, metrics, baselines and reports."""

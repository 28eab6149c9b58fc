"""The built-in business tasks, one folder each: what is asked, sample documents, what they say."""

from lemma.tasks.builtin import Sample, TaskNotFound, builtin, samples, task

__all__ = ["Sample", "TaskNotFound", "builtin", "samples", "task"]

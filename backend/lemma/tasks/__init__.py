"""The built-in business tasks, their samples and their material."""

from lemma.tasks.builtin import (
    FOLDER,
    DefaultMaterial,
    Sample,
    TaskNotFound,
    builtin,
    default_material,
    samples,
    task,
)

__all__ = [
    "FOLDER",
    "DefaultMaterial",
    "Sample",
    "TaskNotFound",
    "builtin",
    "default_material",
    "samples",
    "task",
]

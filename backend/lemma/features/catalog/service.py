"""The tasks that are offered, read once when the process starts, and their sample documents."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from lemma.features.catalog.errors import SampleNotFound, TaskNotFound
from lemma.reading.schema import Task, parse_task

_SAMPLE_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "webp": "image/webp",
    "eml": "message/rfc822",
    "txt": "text/plain",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A document of our own making that shows what a task does. `name` is its file's name."""

    name: str
    media_type: str
    file: Traversable

    def data(self) -> bytes:
        """The document itself."""
        return self.file.read_bytes()


@dataclass(frozen=True, slots=True)
class Offer:
    """A task and its samples."""

    task: Task
    samples: tuple[Sample, ...] = ()

    def sample(self, name: str) -> Sample:
        """The sample of this name. Raises SampleNotFound."""
        for sample in self.samples:
            if sample.name == name:
                return sample
        raise SampleNotFound("This task has no sample of that name. List its samples to see their names.")


class Catalog:
    """The tasks by their ids."""

    def __init__(self, offers: Iterable[Offer]) -> None:
        self._offers = {offer.task.id: offer for offer in offers}

    @classmethod
    def builtin(cls) -> "Catalog":
        """The tasks of `lemma/tasks`. Raises SchemaError where one of them is not valid."""
        folders = (each for each in files("lemma.tasks").iterdir() if each.joinpath("task.toml").is_file())
        return cls(_offer(folder) for folder in sorted(folders, key=lambda folder: folder.name))

    def offers(self) -> list[Offer]:
        """Every task, by id."""
        return [self._offers[task_id] for task_id in sorted(self._offers)]

    def offer(self, task_id: str) -> Offer:
        """The task with its samples. Raises TaskNotFound."""
        try:
            return self._offers[task_id]
        except KeyError:
            known = ", ".join(sorted(self._offers))
            raise TaskNotFound(f"No task has this id. The tasks are: {known}.") from None

    def task(self, task_id: str) -> Task:
        """The task. Raises TaskNotFound."""
        return self.offer(task_id).task


def _offer(folder: Traversable) -> Offer:
    toml = folder.joinpath("task.toml")
    task = parse_task(toml.read_text(encoding="utf-8"), file=str(toml))
    samples = folder.joinpath("samples")
    found = sorted(samples.iterdir(), key=lambda file: file.name) if samples.is_dir() else []
    return Offer(
        task,
        tuple(
            Sample(file.name, media_type, file)
            for file in found
            if (media_type := _SAMPLE_TYPES.get(file.name.rpartition(".")[2].lower())) is not None
        ),
    )

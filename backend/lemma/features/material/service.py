"""Material shown and changed, for one organisation and one task."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from lemma.features.material.content import label_json, passage_json
from lemma.features.material.errors import MaterialRefused, PassagesNotFound
from lemma.features.material.limits import LIMITS, within
from lemma.features.material.passages import Cut
from lemma.features.material.repository import MaterialRepository
from lemma.features.material.schemas import (
    LabelIn,
    LabelledView,
    MaterialUpdate,
    MaterialView,
    PassageFileDetail,
    PassageFileList,
    PassageFileView,
    PassageView,
    material_view,
    uses,
)
from lemma.features.material.shelf import counting, default_stock, own_lists
from lemma.reading.material import (
    EXAMPLES,
    PLAYBOOK,
    Labelled,
    Material,
    MaterialError,
    check_examples,
    over,
    parse_material,
    with_lists,
)
from lemma.reading.playbook import unknown_fields
from lemma.reading.schema import SchemaIssue, Task
from lemma.reading.schema.tables import Tables
from lemma.tasks import task as find_task


async def task_for(session: AsyncSession, organisation_id: UUID, task_id: str) -> Task:
    """The task with the organisation's own lists in it. Raises TaskNotFound."""
    own = await MaterialRepository(session, organisation_id, find_task(task_id).id).own()
    ours = default_stock(task_id).material
    return with_lists(find_task(task_id), over(Material(lists=ours.lists), own_lists(own)))


@dataclass(frozen=True, slots=True)
class MaterialService:
    """The material of one organisation for one task, within the caller's transaction."""

    session: AsyncSession
    organisation_id: UUID
    task: Task

    @property
    def _rows(self) -> MaterialRepository:
        return MaterialRepository(self.session, self.organisation_id, self.task.id)

    async def view(self) -> MaterialView:
        """What counts now, and whose it is."""
        own = await self._rows.own()
        mine = {f"lists.{name}" for name in (own.lists if own else None) or {}}
        mine |= {part for part in ("playbook", "examples") if own and getattr(own, part) is not None}
        if await self._rows.files():
            mine.add("passages")
        found = await counting(self.session, self.organisation_id, self.task.id)
        return material_view(self.task, found, own=mine, playbook=self._has_playbook)

    @property
    def _has_playbook(self) -> bool:
        return default_stock(self.task.id).playbook is not None

    async def update(self, wanted: MaterialUpdate) -> MaterialView:
        """Changes the parts that are given. Raises MaterialRefused, TooMuchMaterial."""
        try:
            return await self._update(wanted)
        except MaterialError as error:
            raise MaterialRefused(error) from error

    async def _update(self, wanted: MaterialUpdate) -> MaterialView:
        own = await self._rows.make_own()
        given = wanted.model_fields_set
        if "lists" in given:
            own.lists = None if wanted.lists is None else self._checked_lists(wanted.lists)
        if "playbook" in given:
            own.playbook = None if wanted.playbook is None else self._checked_playbook(wanted.playbook)
        if "examples" in given:
            own.examples = [each.model_dump() for each in wanted.examples] if wanted.examples else None
        if own.examples is not None:
            self._check_examples([LabelledView(**each) for each in own.examples], own_lists(own))
        own.updated_at = func.clock_timestamp()
        await self.session.flush()
        return await self.view()

    def _checked_lists(self, lists: dict[str, list[str | LabelIn]]) -> dict[str, Any] | None:
        known = uses(self.task, playbook=False).lists
        tables = Tables({})
        checked: dict[str, Any] = {}
        for name, labels in lists.items():
            place = f"lists.{name}"
            if name not in known:
                there_are = f"there are {', '.join(known)}" if known else "this task has no lists"
                tables.issue(("lists", name), f"is not a list of this task; {there_are}", called=place)
                continue
            if not labels:
                tables.issue(("lists", name), "must have at least one label", called=place)
            within(len(labels), LIMITS.labels, f"A list has at most {{limit}} labels; {name} has more.")
            options = tables.labels([_plain(label) for label in labels], ("lists", name), place)
            longest = max((len(option.name) for option in options), default=0)
            within(
                longest, LIMITS.label, f"A label has at most {{limit}} characters; one of {name} has more."
            )
            checked[name] = [label_json(option) for option in options]
        if tables.issues:
            raise MaterialError("lists", tuple(tables.issues))
        return checked or None

    def _checked_playbook(self, text: str) -> str:
        within(len(text), LIMITS.playbook, "A playbook has at most {limit} characters.")
        if not self._has_playbook:
            raise MaterialError(PLAYBOOK, (SchemaIssue(1, "playbook", "this task has no use for one"),))
        playbook = parse_material(text, name=PLAYBOOK).playbook
        wrong = unknown_fields(self.task, playbook) if playbook else ()
        if wrong:
            raise MaterialError(PLAYBOOK, tuple(wrong))
        return text

    def _check_examples(self, examples: Sequence[LabelledView], lists: Material) -> None:
        """Labels that a list no longer has would never be learned: who takes one off is told."""
        within(len(examples), LIMITS.examples, "A task keeps at most {limit} examples.")
        longest = max((len(each.text) for each in examples), default=0)
        within(longest, LIMITS.example, "The text of an example has at most {limit} characters.")
        shown = with_lists(self.task, over(default_stock(self.task.id).material, lists))
        labelled = tuple(Labelled(each.text, each.values) for each in examples)
        wrong = check_examples(shown, Material(examples=labelled))
        if wrong:
            raise MaterialError(EXAMPLES, tuple(SchemaIssue(1, "examples", words) for words in wrong[:20]))

    # Passages ----------------------------------------------------------------------------------

    async def files(self) -> PassageFileList:
        """The organisation's files of passages; the task's own where it has none."""
        files = await self._rows.files()
        if files:
            return PassageFileList(own=True, items=[PassageFileView.of(file) for file in files])
        counted: dict[str, list[int]] = {}
        for passage in default_stock(self.task.id).material.passages:
            name = passage.id.rpartition("#")[0]
            counted.setdefault(name, []).append(len(passage.text.encode()))
        items = [
            PassageFileView(id=None, name=name, size=sum(sizes), passages=len(sizes), created_at=None)
            for name, sizes in counted.items()
        ]
        return PassageFileList(own=False, items=items)

    async def file(self, file_id: UUID) -> PassageFileDetail:
        """One file with its passages. Raises PassagesNotFound."""
        file = await self._rows.file(file_id)
        if file is None:
            raise PassagesNotFound("There is no file of passages with this id. List them to find it.")
        items = [PassageView(**each) for each in file.passages]
        return PassageFileDetail(**PassageFileView.of(file).model_dump(exclude={"passages"}),
                                 passages=len(items), items=items)  # fmt: skip

    async def add_files(self, cuts: Sequence[Cut]) -> PassageFileList:
        """Keeps these files, each in the place of one of the same name. Raises TooMuchMaterial."""
        await self._rows.make_own()  # Locked: two uploads at once must not pass the limits together.
        for each in cuts:
            passages = [passage_json(passage) for passage in each.passages]
            await self._rows.put_file(
                name=each.name,
                size=each.size,
                sha256=each.sha256,
                characters=each.characters,
                passages=passages,
            )
        files = await self._rows.files()
        within(len(files), LIMITS.files, "A task keeps at most {limit} files of passages. Delete some first.")
        within(
            sum(len(file.passages) for file in files),
            LIMITS.passages,
            "A task keeps at most {limit} passages. Delete some files first.",
        )
        within(
            sum(file.characters for file in files),
            LIMITS.characters,
            "A task keeps at most {limit} characters of passages. Delete some files first.",
        )
        return await self.files()

    async def delete_file(self, file_id: UUID) -> None:
        """Forgets a file. Raises PassagesNotFound."""
        if not await self._rows.delete_file(file_id):
            raise PassagesNotFound("There is no file of passages with this id. List them to find it.")


def _plain(label: str | LabelIn) -> Any:
    return label if isinstance(label, str) else label.model_dump(exclude_defaults=True)

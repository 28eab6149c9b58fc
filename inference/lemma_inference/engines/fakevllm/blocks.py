"""KV memory as vLLM keeps it: blocks of equal size, and full ones that can be found again by their hash.

A block that nobody uses keeps its content until it is needed for something else, the longest unused first.
So a prompt that was computed before, or half of it, need not be computed again. (vLLM 0.33:
`v1/core/block_pool.py`, `kv_cache_manager.py`.)
"""

from collections import OrderedDict
from collections.abc import Sequence


class BlockPool:
    """`count` blocks. Where two blocks have the same content, only the first can be found."""

    def __init__(self, count: int, *, caching: bool = True) -> None:
        self.count = count
        self._caching = caching
        self._users = [0] * count
        self._hash: list[int | None] = [None] * count
        self._found: dict[int, int] = {}
        self._free: OrderedDict[int, None] = OrderedDict.fromkeys(range(count))

    @property
    def free(self) -> int:
        """Blocks that nobody uses, those that can still be found among them."""
        return len(self._free)

    @property
    def usage(self) -> float:
        """The share of blocks in use, from 0 to 1."""
        return 1.0 - len(self._free) / self.count

    @property
    def findable(self) -> int:
        """Blocks that can be found by their hash."""
        return len(self._found)

    def find(self, hashes: Sequence[int], most: int) -> list[int]:
        """The blocks of the longest known beginning, at most so many. Nothing is taken yet."""
        blocks: list[int] = []
        for content in hashes[:most]:
            block = self._found.get(content)
            if block is None:
                break
            blocks.append(block)
        return blocks

    def idle(self, blocks: Sequence[int]) -> int:
        """How many of these nobody uses, so that using them leaves fewer free."""
        return sum(not self._users[block] for block in blocks)

    def share(self, blocks: Sequence[int]) -> None:
        """One more user for each of these."""
        for block in blocks:
            if not self._users[block]:
                del self._free[block]
            self._users[block] += 1

    def take(self, count: int) -> list[int]:
        """Blocks for new content; what the longest unused held is forgotten. The caller saw to `free`."""
        taken = []
        for _ in range(count):
            block, _nothing = self._free.popitem(last=False)
            content = self._hash[block]
            if content is not None:
                del self._found[content]
                self._hash[block] = None
            self._users[block] = 1
            taken.append(block)
        return taken

    def name(self, block: int, content: int) -> None:
        """From now on the block can be found by the hash of its content and of all before it."""
        if self._caching and content not in self._found:
            self._found[content] = block
            self._hash[block] = content

    def give_back(self, blocks: Sequence[int]) -> None:
        """One user fewer. The end of a text is forgotten before its beginning, which others may share."""
        for block in reversed(blocks):
            self._users[block] -= 1
            if not self._users[block]:
                self._free[block] = None

    def forget(self) -> None:
        """Nothing can be found any more; blocks in use stay in use."""
        for block in self._found.values():
            self._hash[block] = None
        self._found.clear()

"""Which graphics cards of this machine go to which engine."""

from collections.abc import Sequence

from lemma_inference.errors import SettingsWrong


class Cards:
    """Deals them out in order, to all deployments of this gateway that start engines on this machine."""

    def __init__(self, visible: str | None = None) -> None:
        """`visible` is what CUDA_VISIBLE_DEVICES says, where it is set: a list of numbers or names."""
        self._visible = [card for card in visible.split(",") if card] if visible is not None else None
        self._dealt = 0.0

    def take(self, gpus: float, engine: str) -> Sequence[str]:
        """So many cards for one engine; a part of one is shared with the next who wants a part. Raises
        `SettingsWrong` where that many are not there."""
        if not gpus:
            return ()
        if gpus >= 1:
            self._dealt = float(-(-self._dealt // 1))  # What is left of a shared card is too little.
        elif self._dealt % 1 + gpus > 1:
            self._dealt = float(int(self._dealt) + 1)
        first, self._dealt = int(self._dealt), self._dealt + gpus
        numbers = range(first, first + max(1, int(gpus)))
        if self._visible is None:
            return [str(number) for number in numbers]
        if numbers[-1] >= len(self._visible):
            raise SettingsWrong(
                f"Engine {engine} needs {gpus:g} GPUs, and of {len(self._visible)} on this machine "
                f"(CUDA_VISIBLE_DEVICES) {first} are taken. Lower `count` or `gpus`."
            )
        return [self._visible[number] for number in numbers]

"""How long one step takes: a straight line in what the step has to do.

The constants of `8b-h100` are fitted to the toy model of our research, which itself is a guess for an
8B-class model on one H100; README.md has both side by side. They rank mechanisms, they measure no GPU.
"""

from dataclasses import dataclass

from lemma_inference.engines.fakevllm.scheduler import Step


@dataclass(frozen=True, slots=True)
class StepTime:
    """Milliseconds: for any step, for each token of a prompt, for each sequence that gets its next token,
    and for each token of context that such a sequence attends to."""

    base: float = 0.0
    prompt_token: float = 0.0
    sequence: float = 0.0
    context_token: float = 0.0

    def seconds(self, step: Step) -> float:
        ms = (
            self.base
            + self.prompt_token * step.prompt_tokens
            + self.sequence * step.sequences
            + self.context_token * step.context_tokens
        )
        return ms / 1000.0


PRESETS = {
    "instant": StepTime(),
    "8b-h100": StepTime(base=5.95, prompt_token=0.04, sequence=0.02, context_token=1.6e-5),
}

# 80 GB, of which 90 % less 16 GB of weights, at 128 KiB a token: 430,000 tokens.
KV_BLOCKS = {"instant": 16_384, "8b-h100": 26_880}

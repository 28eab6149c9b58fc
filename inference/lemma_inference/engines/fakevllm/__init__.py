"""A process that a client tells from `vllm serve` by its answers only. README.md says what it keeps to."""

"""`python -m lemma_inference`: the same as the `lemma-inference` command."""

from lemma_inference.cli import main

main()

"""`make faults-inference`: the gateway, its engines and its clients, real processes and real connections, and
everything that can go wrong between them.

Read `stage.py` (what is played with), `clients.py` (what a client sees), `books.py` (what must then stand in
the journal), and the scenarios beside them, each a promise of `docs/guides/inference-gateway.md`.
"""

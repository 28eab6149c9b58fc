"""`make bench-inference`: what the gateway costs, what it protects, and how fair it is.

Read `run.py` (what is measured), then one measurement: `overhead.py`, `contention.py`, `fairness.py`,
`simulated.py`, `real_vllm.py`. `client.py` asks, `processes.py` starts what is asked, `figures.py` counts.
"""

"""POST /v1/replicas/drain and /v1/replicas/resume."""

"""GET /v1/usage and POST /v1/usage/acknowledge."""

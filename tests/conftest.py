"""What all tests share."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.fixtures.database"]

# A busy machine is slow, not wrong: neither one example nor the making of it has a deadline.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

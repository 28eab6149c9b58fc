"""Property tests here have no deadline for one example: a busy machine is not a wrong answer."""

from hypothesis import settings

settings.register_profile("reading", deadline=None)
settings.load_profile("reading")

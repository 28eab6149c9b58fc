"""Settings: documented, frozen, and unwilling to open a door by accident."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from lemma.settings import Settings, SettingsUnusable, is_loopback, read_settings
from lemma_inference.settings import Settings as InferenceSettings

EXAMPLE = Path(__file__).parents[3] / ".env.example"


def names(model: type[BaseModel], prefix: str) -> set[str]:
    """Every environment variable of a settings class."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found |= names(kind, f"{prefix}{name.upper()}__")
        elif isinstance(field.validation_alias, str):
            found.add(field.validation_alias)
        else:
            found.add(f"{prefix}{name.upper()}")
    return found


def test_every_setting_is_in_the_example_and_nothing_else() -> None:
    documented = set(re.findall(r"^#?([A-Z][A-Z_]+)=", EXAMPLE.read_text(), re.MULTILINE))
    assert documented == names(Settings, "LEMMA_") | names(InferenceSettings, "LEMMA_INFERENCE_")


def test_the_example_shows_the_defaults() -> None:
    shown = dict(re.findall(r"^#([A-Z][A-Z_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE))
    settings = Settings(_env_file=None)
    for name, default in settings.model_dump(exclude={"limits"}).items():
        if default is not None:
            assert shown[f"LEMMA_{name.upper()}"] == str(default)
    for name, default in settings.limits.model_dump().items():
        assert shown[f"LEMMA_LIMITS__{name.upper()}"] == str(default)


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/lemma")
    monkeypatch.setenv("LEMMA_PORT", "8123")
    monkeypatch.setenv("LEMMA_LIMITS__FILES", "7")
    settings = Settings(_env_file=None)
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://somewhere/lemma"
    assert (settings.port, settings.limits.files, settings.limits.streams) == (8123, 7, 200)
    assert "somewhere" not in repr(settings)


@pytest.mark.parametrize("host", ["::", "10.0.0.1", "192.168.1.5", "example.org", "127.0.0.1.example.org"])
def test_local_access_refuses_to_listen_to_others(host: str) -> None:
    with pytest.raises(ValidationError, match=r"Set LEMMA_HOST=127\.0\.0\.1"):
        Settings(_env_file=None, host=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "::1", "[::1]", "localhost"])
def test_loopback_is_this_machine(host: str) -> None:
    assert is_loopback(host)
    assert Settings(_env_file=None, host=host).host == host


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(Settings(_env_file=None), "port", 1)  # noqa: B010  (mypy knows that it is frozen)


def test_what_is_wrong_is_said_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEMMA_PORT", "s3cret")
    monkeypatch.setenv("LEMMA_DATABASE_POOL", "0")
    with pytest.raises(SettingsUnusable) as refused:
        read_settings()
    assert refused.value.detail.count("\n") == 1
    assert "s3cret" not in str(refused.value.problem())

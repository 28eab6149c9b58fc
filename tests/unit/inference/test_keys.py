"""Who may ask for what: the file of keys, and the headers of a request."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lemma_inference.callers import Budget
from lemma_inference.errors import Forbidden, InvalidRequest, SettingsWrong, Unauthorized
from lemma_inference.keys import CacheSalt, Keys, Wish, digest, new_key
from lemma_inference.keys_cli import app

TODAY = datetime(2026, 11, 28, tzinfo=UTC)
LAB, SHOP, OLD = new_key("lab"), new_key("shop"), new_key("old")
FILE = f"""
[[tenant]]
id = "research"
[[tenant.key]]
id = "lab"
sha256 = "{digest(LAB)}"
classes = ["research"]

[[tenant]]
id = "product"
weight = 2.0
customers = true
budget = {{ tokens_per_day = 1000 }}
[[tenant.key]]
id = "shop"
sha256 = "{digest(SHOP)}"
classes = ["interactive", "batch"]
budget = {{ requests_per_minute = 5 }}
admin = true
[[tenant.key]]
id = "old"
sha256 = "{digest(OLD)}"
expires = 2026-11-28T00:00:00Z
"""


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    path = tmp_path / "keys.toml"
    path.write_text(FILE, encoding="utf-8")
    return Keys.load(path)


def test_a_key_says_tenant_class_weight_and_budgets(keys: Keys) -> None:
    caller = keys.caller(Wish(SHOP))
    assert (caller.tenant, caller.key, caller.request_class, caller.weight) == (
        "product",
        "shop",
        "interactive",
        2.0,
    )
    assert caller.key_budget == Budget(requests_per_minute=5)
    assert caller.tenant_budget == Budget(tokens_per_day=1000)
    assert keys.caller(Wish(LAB)).request_class == "research"


def test_the_class_of_a_request_is_one_of_the_keys(keys: Keys) -> None:
    assert keys.caller(Wish(SHOP, "batch")).request_class == "batch"
    with pytest.raises(Forbidden, match="interactive, batch, not for research"):
        keys.caller(Wish(SHOP, "research"))
    with pytest.raises(InvalidRequest, match="X-Lemma-Class is one of"):
        keys.caller(Wish(SHOP, "urgent"))


def test_only_a_tenant_with_customers_names_one(keys: Keys) -> None:
    assert keys.caller(Wish(SHOP, customer="org-1")).account == "product/org-1"
    assert keys.caller(Wish(LAB)).account == "research"
    with pytest.raises(Forbidden, match="asks for itself"):
        keys.caller(Wish(LAB, customer="org-1"))


@pytest.mark.parametrize("name", ["a b", "ü", "a/b", "x" * 65, "a\n"])
def test_a_customer_is_an_opaque_id(keys: Keys, name: str) -> None:
    with pytest.raises(InvalidRequest, match="X-Lemma-Customer"):
        keys.caller(Wish(SHOP, customer=name))


@pytest.mark.parametrize("within", ["soon", "-1", "nan", "inf", "1e300"])
def test_a_time_is_a_number_of_seconds(keys: Keys, within: str) -> None:
    assert keys.caller(Wish(SHOP, within="30")).within == 30.0
    with pytest.raises(InvalidRequest, match="X-Lemma-Within"):
        keys.caller(Wish(SHOP, within=within))


@pytest.mark.parametrize("key", [None, "", "wrong", LAB[:-1], LAB + "x", digest(LAB)])
def test_a_missing_or_wrong_key_is_refused(keys: Keys, key: str | None) -> None:
    with pytest.raises(Unauthorized):
        keys.caller(Wish(key))


def test_a_key_ends_on_its_day(keys: Keys, tmp_path: Path) -> None:
    with pytest.raises(Unauthorized, match="'old' expired on 2026-11-28"):
        keys.caller(Wish(OLD))


def test_without_a_file_whoever_is_here_chooses() -> None:
    anyone = Keys.single(None)
    assert anyone.caller(Wish()).request_class == "interactive"
    assert anyone.caller(Wish(request_class="research", customer="a")).account == "local/a"
    one = Keys.single("secret")
    assert one.caller(Wish("secret", "batch")).request_class == "batch"
    with pytest.raises(Unauthorized):
        one.caller(Wish("other"))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[[tenant]]\nid = 'a b'", "tenant.0.id"),
        ("[[tenant]]\nid = 'a'\nclases = []", "tenant.0.clases"),
        ("[[tenant]]\nid = 'a'\n[[tenant]]\nid = 'a'", "tenant 'a' twice"),
        ("[[tenant]]\nid = 'a'\n[[tenant.key]]\nid = 'k'\nsha256 = 'short'", "tenant.0.key.0.sha256"),
        ("[[tenant]\n", "not TOML"),
    ],
)
def test_a_wrong_file_is_told_with_its_place(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsWrong, match=complaint):
        Keys.load(path)
    with pytest.raises(SettingsWrong, match="cannot be read"):
        Keys.load(tmp_path / "none.toml")


def test_a_new_key_works_with_the_lines_that_are_printed_for_it(tmp_path: Path) -> None:
    made = CliRunner().invoke(app, ["new", "backend", "--class", "interactive", "--class", "batch"])
    assert made.exit_code == 0
    path = tmp_path / "keys.toml"
    path.write_text('[[tenant]]\nid = "product"\n' + made.stderr, encoding="utf-8")
    caller = Keys.load(path).caller(Wish(made.stdout.strip(), "batch"))
    assert (caller.tenant, caller.key) == ("product", "backend")
    listed = CliRunner().invoke(app, ["list", str(path)])
    assert "product" in listed.stdout
    assert "interactive,batch" in listed.stdout
    assert CliRunner().invoke(app, ["new", "a", "--class", "urgent"]).exit_code == 2
    assert CliRunner().invoke(app, ["new", "a b"]).exit_code == 2
    assert CliRunner().invoke(app, ["list", str(tmp_path / "none")]).exit_code == 1


def test_caches_are_apart_between_accounts_and_not_to_be_guessed(keys: Keys) -> None:
    salt = CacheSalt(b"s" * 32)
    one, other = keys.caller(Wish(SHOP, customer="a")), keys.caller(Wish(SHOP, customer="b"))
    assert salt.of(one) == salt.of(keys.caller(Wish(SHOP, "batch", customer="a")))
    assert salt.of(one) != salt.of(other)
    assert salt.of(one) != CacheSalt(b"t" * 32).of(one)

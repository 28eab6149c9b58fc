"""Who may ask: the tenants and their keys, from a TOML file that holds hashes of keys and no key.

A key stands for a tenant and for classes of requests, so that no client chooses how urgent it is. Without a
file there is one tenant, `local`, and the header says the class: right for one's own machine.
"""

import hashlib
import hmac
import secrets
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from lemma_inference.callers import Budget, Caller
from lemma_inference.classes import CLASSES, RequestClass
from lemma_inference.errors import Forbidden, InvalidRequest, SettingsWrong, Unauthorized

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
# What a tenant may call its customers: its own opaque ids, no names.
CUSTOMER_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
LONGEST_CUSTOMER = 64
PREFIX = "lmi"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BudgetEntry(_Strict):
    requests_per_minute: int | None = Field(None, ge=1)
    tokens_per_minute: int | None = Field(None, ge=1)
    tokens_per_day: int | None = Field(None, ge=1)

    def budget(self) -> Budget:
        return Budget(self.requests_per_minute, self.tokens_per_minute, self.tokens_per_day)


class KeyEntry(_Strict):
    """A key. The first class is the one that a request without `X-Lemma-Class` gets. `admin` may read the
    usage of all tenants and the metrics."""

    id: Id
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    classes: Annotated[tuple[RequestClass, ...], Field(min_length=1)] = ("interactive",)
    budget: BudgetEntry = BudgetEntry()
    expires: AwareDatetime | None = None
    admin: bool = False


class TenantEntry(_Strict):
    """A tenant. `customers` lets it name, by `X-Lemma-Customer`, the organisation that it asks for."""

    id: Id
    weight: float = Field(1.0, gt=0.0, allow_inf_nan=False)
    budget: BudgetEntry = BudgetEntry()
    customers: bool = False
    key: tuple[KeyEntry, ...] = ()


class _File(_Strict):
    tenant: tuple[TenantEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Holder:
    """What a key stands for."""

    caller: Caller
    classes: tuple[RequestClass, ...]
    customers: bool = False
    admin: bool = False
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request says of itself in its headers, unchecked."""

    key: str | None = None
    request_class: str | None = None
    customer: str | None = None
    within: str | None = None


class Keys:
    """From a request's headers to its caller."""

    def __init__(
        self,
        holders: dict[str, Holder],
        *,
        anyone: Holder | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`holders` by the SHA-256 of their key; `anyone` is who asks without one, where that is allowed."""
        self._holders = holders
        self._anyone = anyone
        self._clock = clock

    @classmethod
    def single(cls, key: str | None) -> "Keys":
        """One key for all, or none: whoever has it chooses the class and names customers."""
        holder = Holder(Caller("local", "local", "interactive"), CLASSES, customers=True, admin=True)
        if key is None:
            return cls({}, anyone=holder)
        return cls({digest(key): holder})

    @classmethod
    def load(cls, path: Path) -> "Keys":
        """The tenants of this file. Raises `SettingsWrong` with the place where the file is wrong."""
        try:
            file = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except OSError as error:
            raise SettingsWrong(f"{path} cannot be read: {error.strerror}.") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsWrong(f"{path} is not TOML: {error}.") from error
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise SettingsWrong(f"{path}: {where}: {first['msg']}.") from error
        _refuse_twice(path, (tenant.id for tenant in file.tenant), "tenant")
        _refuse_twice(path, (key.id for tenant in file.tenant for key in tenant.key), "key id")
        _refuse_twice(path, (key.sha256 for tenant in file.tenant for key in tenant.key), "sha256")
        return cls({key.sha256: _holder(tenant, key) for tenant in file.tenant for key in tenant.key})

    @property
    def holders(self) -> list[Holder]:
        """All that may ask."""
        return [*self._holders.values(), *([self._anyone] if self._anyone else [])]

    def holder(self, key: str | None) -> Holder:
        """Whose key it is. Raises `Unauthorized`."""
        if self._anyone is not None:
            return self._anyone
        # Looking a hash up tells no attacker how much of a key was right.
        holder = self._holders.get(digest(key)) if key else None
        if holder is None:
            raise Unauthorized("Send the service's key as `Authorization: Bearer KEY`.")
        if holder.expires is not None and holder.expires <= self._clock():
            raise Unauthorized(f"The key {holder.caller.key!r} expired on {holder.expires:%Y-%m-%d}.")
        return holder

    def caller(self, wish: Wish) -> Caller:
        """Who asks. Raises `Unauthorized`, `Forbidden` and `InvalidRequest`."""
        holder = self.holder(wish.key)
        caller = replace(holder.caller, request_class=_class(wish.request_class, holder))
        if wish.customer:
            caller = replace(caller, customer=_customer(wish.customer, holder))
        if wish.within:
            caller = replace(caller, within=_seconds(wish.within))
        return caller


def digest(key: str) -> str:
    """What a file holds in place of a key. A key has 256 random bits, so a plain hash cannot be turned."""
    return hashlib.sha256(key.encode()).hexdigest()


def new_key(key_id: str) -> str:
    """A fresh key. The id in it lets a leaked one be found in the file."""
    return f"{PREFIX}_{key_id}_{secrets.token_urlsafe(32)}"


class CacheSalt:
    """A value for each account that keeps the prefix caches of accounts apart, so that nobody learns from the
    speed of an answer what others have asked. Not to be guessed from the account."""

    def __init__(self, secret: bytes | None = None) -> None:
        self._secret = secret or secrets.token_bytes(32)
        self._of = lru_cache(maxsize=4096)(self._salt)

    def of(self, caller: Caller) -> str:
        return self._of(caller.account)

    def _salt(self, account: str) -> str:
        return hmac.new(self._secret, account.encode(), hashlib.sha256).hexdigest()[:32]


def _holder(tenant: TenantEntry, key: KeyEntry) -> Holder:
    caller = Caller(
        tenant=tenant.id,
        key=key.id,
        request_class=key.classes[0],
        weight=tenant.weight,
        key_budget=key.budget.budget(),
        tenant_budget=tenant.budget.budget(),
    )
    return Holder(caller, key.classes, tenant.customers, key.admin, key.expires)


def _class(wish: str | None, holder: Holder) -> RequestClass:
    if not wish:
        return holder.caller.request_class
    known = next((name for name in CLASSES if name == wish), None)
    if known is None:
        raise InvalidRequest(f"X-Lemma-Class is one of {', '.join(CLASSES)}.", param="x-lemma-class")
    if known not in holder.classes:
        allowed = ", ".join(holder.classes)
        raise Forbidden(f"The key {holder.caller.key!r} is for {allowed}, not for {known}.")
    return known


def _customer(wish: str, holder: Holder) -> str:
    if not holder.customers:
        raise Forbidden(f"The tenant {holder.caller.tenant!r} asks for itself; leave X-Lemma-Customer out.")
    if len(wish) > LONGEST_CUSTOMER or not set(wish) <= CUSTOMER_CHARACTERS:
        raise InvalidRequest(
            f"X-Lemma-Customer has at most {LONGEST_CUSTOMER} letters, digits, dots, dashes, underscores.",
            param="x-lemma-customer",
        )
    return wish


def _seconds(wish: str) -> float:
    try:
        seconds = float(wish)
    except ValueError:
        seconds = -1.0
    if not 0.0 <= seconds <= 365 * 86_400:  # Not for NaN either, which is in no range.
        raise InvalidRequest(
            "X-Lemma-Within is the time in seconds in which the answer is wanted.", param="x-lemma-within"
        )
    return seconds


def _refuse_twice(path: Path, names: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise SettingsWrong(f"{path} has the {what} {name!r} twice.")
        seen.add(name)

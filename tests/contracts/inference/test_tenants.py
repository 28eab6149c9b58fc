"""Keys, budgets and usage over HTTP: who is let in, as what, and what is left of a budget."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from lemma_inference.engines.fake import FakeEngine
from lemma_inference.keys import digest
from tests.contracts.inference.service import Running, serving_fake

CHAT = "/v1/chat/completions"
KEYS = f"""
[[tenant]]
id = "lab"
[[tenant.key]]
id = "lab"
sha256 = "{digest("lab-key")}"
classes = ["research"]
[[tenant]]
id = "shop"
customers = true
[[tenant.key]]
id = "shop"
sha256 = "{digest("shop-key")}"
classes = ["interactive", "batch"]
budget = {{ requests_per_minute = 3, tokens_per_day = 1000 }}
[[tenant]]
id = "desk"
[[tenant.key]]
id = "desk"
sha256 = "{digest("desk-key")}"
admin = true
"""


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Running]:
    path = folder / "keys.toml"
    path.write_text(KEYS, encoding="utf-8")
    async with serving_fake(FakeEngine(), keys_file=path, journal_folder=folder / "journal") as running:
        yield running


async def post(running: Running, key: str, **headers: str) -> httpx.Response:
    body: dict[str, Any] = {
        "model": running.model,
        "messages": [{"role": "user", "content": "hi"}],
        "max_tokens": 5,
    }
    async with running.client(headers={"Authorization": f"Bearer {key}"} | headers) as client:
        return await client.post(CHAT, json=body)


async def test_a_key_decides_the_class_and_a_header_chooses_among_its_own(tmp_path: Path) -> None:
    async with serving(tmp_path) as running:
        assert (await post(running, "lab-key")).status_code == 200
        assert (await post(running, "shop-key", **{"X-Lemma-Class": "batch"})).status_code == 200
        refused = await post(running, "shop-key", **{"X-Lemma-Class": "research"})
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        assert (await post(running, "nobody")).status_code == 401
        used = (await running.health())["used"]
        assert {name: totals["requests"] for name, totals in used.items()} == {"research": 1, "batch": 1}


async def test_a_budget_is_told_while_there_is_one_and_when_it_is_used_up(tmp_path: Path) -> None:
    async with serving(tmp_path) as running:
        answers = [await post(running, "shop-key", **{"X-Lemma-Customer": "org-1"}) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        left = [int(answer.headers["x-ratelimit-remaining-requests"]) for answer in answers[:3]]
        assert left == [2, 1, 0]
        assert answers[0].headers["x-ratelimit-limit-tokens"] == "1000"
        assert answers[3].json()["code"] == "over_budget"
        assert 1 <= int(answers[3].headers["Retry-After"]) <= 60
        assert "x-ratelimit-limit-requests" not in (await post(running, "lab-key")).headers


async def test_only_an_admin_reads_what_all_used(tmp_path: Path) -> None:
    async with serving(tmp_path) as running:
        for customer in ("org-1", "org-2"):
            await post(running, "shop-key", **{"X-Lemma-Customer": customer})
        for path in ("/v1/usage", "/metrics"):
            async with running.client(headers={"Authorization": "Bearer shop-key"}) as client:
                assert (await client.get(path)).status_code == 403
        async with running.client(headers={"Authorization": "Bearer shop-key"}) as client:
            named = {"model": running.model, "replica": "1"}
            for path in ("/v1/replicas/drain", "/v1/replicas/resume"):
                assert (await client.post(path, json=named)).status_code == 403
        async with running.client(headers={"Authorization": "Bearer desk-key"}) as client:
            page = (await client.get("/v1/usage?wait=20&limit=1000")).json()
            while len(page["data"]) < 2:
                page = (await client.get("/v1/usage?wait=1")).json()
            assert {(one["tenant"], one["customer"]) for one in page["data"]} == {
                ("shop", "org-1"),
                ("shop", "org-2"),
            }
            assert b"lemma_inference_requests_total" in (await client.get("/metrics")).content

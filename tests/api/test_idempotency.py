"""`Idempotency-Key`: however often and however close together a request is sent, it has one effect."""

import asyncio

from tests.api.conftest import Caller, problem

PDF = b"%PDF-1.7 not really"


async def test_a_replay_gets_the_first_answer(me: Caller) -> None:
    first = await me.upload(("a.pdf", PDF), ("b.pdf", b"b"), key="order-1")
    again = await me.upload(("a.pdf", PDF), ("b.pdf", b"b"), key="order-1")
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert await me.count("run") == 2
    assert await me.count("jobs.procrastinate_jobs") == 1
    assert len(me.storage.files) == 2


async def test_the_first_answer_stays_when_the_run_goes_on(me: Caller) -> None:
    first = (await me.upload(("a.pdf", PDF), key="k")).json()
    run_id = first["items"][0]["id"]
    assert (await me.http.post(f"/v1/runs/{run_id}/cancel")).json()["state"] == "cancelled"
    assert (await me.upload(("a.pdf", PDF), key="k")).json() == first
    assert (await me.http.delete(f"/v1/runs/{run_id}")).status_code == 204
    assert (await me.upload(("a.pdf", PDF), key="k")).json() == first
    assert await me.count("run") == 0


async def test_another_body_under_the_key_is_refused(me: Caller) -> None:
    await me.upload(("a.pdf", PDF), key="k")
    for other in ((("a.pdf", b"other"),), (("b.pdf", PDF),), (("a.pdf", PDF), ("a.pdf", PDF))):
        problem(await me.upload(*other, key="k"), 422, "idempotency_key_reused")
    assert await me.count("run") == 1
    assert len(me.storage.files) == 1


async def test_twenty_at_once_have_one_effect(me: Caller) -> None:
    answers = await asyncio.gather(*(me.upload(("a.pdf", PDF), key="race") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {202}
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert await me.count("run") == 1
    assert await me.count("document") == 1
    assert await me.count("jobs.procrastinate_jobs") == 1
    assert len(me.storage.files) == 1


async def test_twenty_different_bodies_have_one_winner(me: Caller) -> None:
    answers = await asyncio.gather(*(me.upload(("a.pdf", b"%d" % n), key="race") for n in range(20)))
    assert sorted({answer.status_code for answer in answers}) == [202, 422]
    assert sum(answer.status_code == 202 for answer in answers) == 1
    assert await me.count("run") == 1
    assert len(me.storage.files) == 1


async def test_a_refused_request_does_not_use_up_its_key(me: Caller) -> None:
    problem(await me.upload(("a.pdf", PDF), task="nonsense", key="k"), 404, "task_not_found")
    assert (await me.upload(("a.pdf", PDF), key="k")).status_code == 202


async def test_keys_belong_to_an_organisation(me: Caller, stranger: Caller) -> None:
    mine = (await me.upload(("a.pdf", PDF), key="k")).json()
    theirs = (await stranger.upload(("a.pdf", b"other"), key="k")).json()
    assert mine["items"][0]["id"] != theirs["items"][0]["id"]


async def test_without_a_key_each_request_counts(me: Caller) -> None:
    await me.upload(("a.pdf", PDF))
    await me.upload(("a.pdf", PDF))
    assert await me.count("run") == 2


async def test_a_key_is_printable_and_short(me: Caller) -> None:
    for key in ("", "x" * 201, "a b"):
        problem(await me.upload(("a.pdf", PDF), key=key), 422, "invalid_input")

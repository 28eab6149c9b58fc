"""Whatever is sent, the answer is an answer or a refusal: never a 500, never a form of its own."""

import asyncio
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from lemma_inference.apis.chat.protocol import ChatRequest
from lemma_inference.assembly import Built
from lemma_inference.engines.fake import FakeEngine
from lemma_inference.fleet import Served
from lemma_inference.main import app_for
from lemma_inference.settings import Settings

leaves = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner), max_leaves=5
)
plausible = {
    "model": st.just("fake"),
    "messages": st.lists(
        st.fixed_dictionaries(
            {"role": st.sampled_from(["user", "system", "assistant"]), "content": st.text()}
        ),
        min_size=1,
        max_size=3,
    ),
    "max_tokens": st.integers(1, 5),
}
fields = st.sampled_from([*ChatRequest.model_fields, "priority", "guided_json"])
bodies = st.fixed_dictionaries({}, optional=plausible).flatmap(
    lambda body: st.dictionaries(fields, values, max_size=2).map(lambda odd: body | odd)
)


async def post(body: Any, text: str) -> list[httpx.Response]:
    engine = FakeEngine()
    served = Served("fake", engine.context, "compact", engine.logprobs, engine.name)
    app = app_for(Settings(engine="fake"), Built.single(engine, served))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        grammar = {"model": "fake", "messages": [{"role": "user", "content": text}], "max_tokens": 3}
        forms = ({"grammar": text}, {"regex": text}, {"choice": [text]}, {"json": {text: text}})
        bodies = [body, *(grammar | {"structured_outputs": form} for form in forms)]
        return [await client.post("/v1/chat/completions", json=body) for body in bodies]


@settings(max_examples=25, deadline=None)
@given(bodies, st.text(max_size=30))
def test_no_request_is_answered_by_a_500(body: Any, text: str) -> None:
    for response in asyncio.run(post(body, text)):
        assert response.status_code in {200, 400, 404}, response.text
        if response.status_code != 200:
            assert response.headers["content-type"] == "application/problem+json"
            assert response.json()["detail"]

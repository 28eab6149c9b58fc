"""Whatever is sent, the answer is an answer or a refusal: never a 500, never a form of its own."""

import asyncio
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from lemma_inference.apis.chat.protocol import ChatRequest
from tests.unit.inference.inside import client

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
    async with client() as http:
        grammar = {"model": "fake", "messages": [{"role": "user", "content": text}], "max_tokens": 3}
        forms = ({"grammar": text}, {"regex": text}, {"choice": [text]}, {"json": {text: text}})
        bodies = [body, *(grammar | {"structured_outputs": form} for form in forms)]
        found = [await http.post("/v1/chat/completions", json=one) for one in bodies]
        for path, name in (("/v1/completions", "prompt"), ("/v1/embeddings", "input"), ("/tokenize", "text")):
            odd = {key: value for key, value in body.items() if key not in {"messages", "max_tokens"}}
            found.append(await http.post(path, json={name: text} | odd))
        return found


@settings(max_examples=25, deadline=None)
@given(bodies, st.text(max_size=30))
def test_no_request_is_answered_by_a_500(body: Any, text: str) -> None:
    for response in asyncio.run(post(body, text)):
        assert response.status_code in {200, 400, 404}, response.text
        if response.status_code != 200:
            assert response.headers["content-type"] == "application/problem+json"
            assert response.json()["detail"]

"""What inference used, as the gateway wrote it down: fetched page by page, each record counted once.

The gateway numbers its records for good. A page is kept together with the number that it ends at, in one
statement, so that whatever is killed in between, the next page begins where the last one that was kept ended;
and a page that two workers fetched, or one fetched twice, is kept once.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lemma.gateways.inference import InferenceUnavailable, UsageFeed
from lemma.jobs import Queue

log = logging.getLogger(__name__)

PAGE = 500

_CURSOR = """
SELECT gateway, seq FROM jobs.inference_cursor ORDER BY moved_at DESC LIMIT 1
"""

_KEEP = """
WITH fresh AS (
    INSERT INTO jobs.inference_usage
        (gateway, seq, ended_at, tenant, customer, class, model, prompt, cached, completion, wasted, finish)
    SELECT %(gateway)s, seq, to_timestamp("end"), tenant, customer, class, model, prompt, cached, completion,
           wasted_prompt + wasted_completion, finish
      FROM jsonb_to_recordset(%(records)s::jsonb) AS record(
           seq bigint, "end" double precision, tenant text, customer text, class text, model text,
           prompt bigint, cached bigint, completion bigint, wasted_prompt bigint, wasted_completion bigint,
           finish text)
    ON CONFLICT (gateway, seq) DO NOTHING
    RETURNING 1),
moved AS (
    INSERT INTO jobs.inference_cursor AS mine (gateway, seq) VALUES (%(gateway)s, %(after)s)
    ON CONFLICT (gateway) DO UPDATE SET seq = greatest(mine.seq, excluded.seq), moved_at = now()
    RETURNING seq)
SELECT (SELECT count(*) FROM fresh) AS fresh, (SELECT seq FROM moved) AS seq
"""

_SUMS = """
SELECT (ended_at AT TIME ZONE 'UTC')::date AS day, model, class, count(*) AS requests,
       sum(prompt) AS prompt, sum(cached) AS cached, sum(completion) AS completion, sum(wasted) AS wasted
  FROM jobs.inference_usage
 WHERE ended_at >= now() - make_interval(days => %(days)s)
 GROUP BY day, model, class ORDER BY day DESC, model, class
"""


@dataclass(frozen=True, slots=True)
class Used:
    """Tokens that a model used in a day (of UTC) for a class of requests. `cached` are those of the prompt
    that came from a cache; `wasted` were made and thrown away, and nobody is billed for them."""

    day: date
    model: str
    request_class: str
    requests: int
    prompt: int
    cached: int
    completion: int
    wasted: int


class InferenceUsage:
    """A chore: keeps what the gateway has written down since the last time."""

    def __init__(self, queue: Queue, feed: UsageFeed) -> None:
        self._queue = queue
        self._feed = feed

    async def __call__(self) -> None:
        """Pages until there are no more. A gateway that does not answer is asked again the next time."""
        try:
            while await self._page():
                pass
        except InferenceUnavailable as error:
            log.info("What inference used was not read: %s", error.detail)

    async def _page(self) -> bool:
        """Whether there was a page, and there may be another."""
        cursor = next(iter(await self._queue.rows(_CURSOR)), None)
        gateway, after = (cursor["gateway"], cursor["seq"]) if cursor else (None, 0)
        page = await self._feed.usage(gateway, after, PAGE)
        if page is None or not page.records:
            return False
        records = json.dumps([dict(record) for record in page.records])
        (kept,) = await self._queue.rows(_KEEP, gateway=page.gateway, records=records, after=page.after)
        await self._feed.usage_kept(page.gateway, kept["seq"])
        return len(page.records) == PAGE


async def used(queue: Queue, days: int) -> Sequence[Used]:
    """What was used in the last days, the newest first."""
    rows: list[dict[str, Any]] = await queue.rows(_SUMS, days=days)
    return [
        Used(
            row["day"],
            row["model"],
            row["class"],
            *(int(row[name]) for name in ("requests", "prompt", "cached", "completion", "wasted")),
        )
        for row in rows
    ]

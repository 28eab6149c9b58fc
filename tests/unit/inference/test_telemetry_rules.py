"""Alerts and dashboards ask for what the gateway has: each expression is parsed, and each metric and label
that it names stands in a scrape of a running one."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from lemma_inference.admission import Policy, Ticket
from lemma_inference.assembly import Built, defuser
from lemma_inference.callers import Budget, Caller
from lemma_inference.engines.fake import FakeEngine
from lemma_inference.engines.protocol import Usage
from lemma_inference.fleet import House, Member, Served
from lemma_inference.gauges import Gauges
from lemma_inference.main import app_for
from lemma_inference.metering import Metering
from lemma_inference.settings import Settings
from lemma_inference.telemetry import Follow, Telemetry, metrics, tracing
from lemma_inference.telemetry.tracing import Trace, Untraced
from tests.unit.inference.fake_engine import fake

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "infra/observability"
BOARDS = sorted((FOLDER / "dashboards").glob("*.json"))
RULES = [
    rule for group in yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"] for rule in group["rules"]
]
GUIDE = (ROOT / "docs/guides/observability.md").read_text(encoding="utf-8")
# Prometheus' own: whether a target answers, and what it adds to what it scraped.
OF_PROMETHEUS = {"up": {"job", "instance"}}
ADDED = {"job", "instance"}

Known = dict[str, set[str]]


def names(page: str) -> Known:
    """Samples of a scrape, with their labels."""
    known: Known = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            known.setdefault(sample.name, set()).update(sample.labels)
    return known


@pytest.fixture(scope="module")
async def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    """What Prometheus finds: on a gateway where everything has happened once, and on a vLLM."""
    engine = FakeEngine()
    served = Served("m", engine.context, "compact", engine.logprobs, engine.name)
    house = House(served, [Member("1", engine)], Policy.alone(4), defuser(served))
    metering = Metering(tmp_path_factory.mktemp("journal"))
    telemetry = Telemetry(0.1)
    telemetry.observe(Gauges([house], metering))
    lab = Caller("lab", "lab-key", "research", tenant_budget=Budget(tokens_per_minute=1000))
    ticket, admission = Ticket(lab, 10, 10), house.admission
    async with metering.running():
        with admission.visit(ticket):
            async with admission.seat(ticket):
                under_way = names(telemetry.text().decode())
        account = metering.reserve(lab, "m", 10, 10)
        account.saw(Usage(10, 0, 1))
        account.restart("1")
        with tracing.following(Trace("chat", Untraced())):
            telemetry.queued(lab, "m", account.id)
            telemetry.rejected(lab, "m", "busy")
            telemetry.dispatched(lab, "m", 0.1, "1")
            telemetry.first_token(lab, "m", 0.5)
            telemetry.token_gap(lab, "m", 0.1)
            telemetry.yanked(lab, "m", 5)
            telemetry.failed_over("m", "1")
            telemetry.finished(lab, "m", "stop", 1.0, Usage(10, 2, 5))
        telemetry.answered("/v1/chat/completions", 200)
        telemetry.reconciled("m", "1", 0.0)
        account.close("stop", "1")
        found = under_way | names(telemetry.text().decode())
    async with fake() as vllm:
        await vllm.chat()
        found |= names((await vllm.client.get("/metrics")).text)
    return found | OF_PROMETHEUS


def selectors(node: Any) -> Iterator[Any]:
    """All that an expression reads."""
    found: list[Any] = []

    def visit(one: Any) -> bool:
        if isinstance(one, promql_parser.MatrixSelector):
            found.append(one.vector_selector)
        elif isinstance(one, promql_parser.VectorSelector):
            found.append(one)
        return True

    promql_parser.walk(node, visit)
    return iter(found)


def grouped(node: Any) -> Iterator[tuple[Any, set[str]]]:
    """Sums and the like, with the labels that they keep."""
    found: list[tuple[Any, set[str]]] = []

    def visit(one: Any) -> bool:
        if isinstance(one, promql_parser.AggregateExpr) and one.modifier is not None:
            found.append((one.expr, set(one.modifier.labels)))
        return True

    promql_parser.walk(node, visit)
    return iter(found)


def check(expression: str, known: Known) -> None:
    """It is PromQL, and names nothing that is not there."""
    # Grafana fills these in before Prometheus sees them.
    node = promql_parser.parse(expression.replace("$__rate_interval", "5m"))
    read = list(selectors(node))
    assert read, f"{expression} reads nothing"
    for one in read:
        assert one.name in known, f"nobody has a metric {one.name}"
        for matcher in one.matchers.matchers:
            assert matcher.name in known[one.name] | ADDED, f"{one.name} has no label {matcher.name}"
    for inner, labels in grouped(node):
        for one in selectors(inner):
            missing = labels - known[one.name] - ADDED
            assert not missing, f"{one.name} has no label {missing}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_alerts_ask_for_what_there_is(rule: dict[str, Any], known: Known) -> None:
    check(rule["expr"], known)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_alerts_say_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket"}
    page, _, section = rule["annotations"]["runbook_url"].partition("#")
    assert section == rule["alert"].lower()
    readme = (ROOT / page).read_text(encoding="utf-8")
    assert f"### {rule['alert']}\n" in readme, "the page has no such section"
    for text in rule["annotations"].values():
        for label in re.findall(r"\$labels\.(\w+)", text):
            assert re.search(rf"\b{label}\b", rule["expr"]) or label in _kept(rule["expr"]), label


def _kept(expression: str) -> set[str]:
    """Labels that an expression without a sum keeps of what it reads."""
    if " by " in expression:
        return set()
    return {"model", "replica", "instance"}


def test_an_expression_that_asks_for_nothing_is_found(known: Known) -> None:
    for wrong in (
        "lemma_inference_request_total",
        'lemma_inference_requests_total{customer="x"}',
        "sum by (customer) (rate(lemma_inference_requests_total[5m]))",
    ):
        with pytest.raises(AssertionError):
            check(wrong, known)
    with pytest.raises(ValueError, match="unclosed left parenthesis"):
        check("sum by (tenant (lemma_inference_requests_total)", known)


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_dashboards_ask_for_what_there_is(path: Path, known: Known) -> None:
    board = json.loads(path.read_text(encoding="utf-8"))
    for panel in board["panels"]:
        for target in panel["targets"]:
            check(target["expr"], known)
    for choice in board["templating"]["list"][1:]:
        metric, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", choice["definition"]).groups()  # type: ignore[union-attr]  # a mismatch is to fail
        assert label in known[metric]


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_dashboards_are_what_grafana_reads(path: Path) -> None:
    board = json.loads(path.read_text(encoding="utf-8"))
    assert board["uid"] == f"lemma-{path.stem}"
    assert board["schemaVersion"] >= 36
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
    chosen = {choice["name"] for choice in board["templating"]["list"]}
    assert chosen >= {"source", "model"}
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        assert panel["type"] in {"timeseries", "stat"}
        assert panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"]
        place = panel["gridPos"]
        squares = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not squares & taken, f"{panel['title']} covers another"
        assert place["x"] + place["w"] <= 24
        taken |= squares
        refs = [target["refId"] for target in panel["targets"]]
        assert refs
        assert len(refs) == len(set(refs))
        for target in panel["targets"]:
            used = set(re.findall(r"\$(\w+)", target["expr"])) - {"__rate_interval"}
            assert used <= chosen, f"{panel['title']} uses {used - chosen}"


def test_dashboards_are_fresh(tmp_path: Path) -> None:
    script = FOLDER / "make_dashboards.py"
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True, timeout=120)
    made = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.json")}
    assert made == {path.name: path.read_text(encoding="utf-8") for path in BOARDS}, f"run {script.name}"


def test_all_figures_of_the_gateway_are_documented(known: Known) -> None:
    told = {name for name in known if name.startswith(("lemma_inference_", "gen_ai_"))}
    plain = {re.sub(r"_(bucket|count|sum)$", "", name) for name in told}
    missing = sorted(name for name in plain if f"`{name}`" not in GUIDE)
    assert not missing, f"docs/guides/observability.md lacks {missing}"


def test_all_that_is_documented_is_there(known: Known) -> None:
    labels = set().union(*known.values())
    for name in re.findall(r"`((?:lemma_inference|gen_ai)_\w+)`", GUIDE):
        assert name in known or name in labels or f"{name}_count" in known, (
            f"{name} is documented and nowhere to be found"
        )


@pytest.mark.parametrize("name", ["prometheus.yml", "otel-collector.yml", "compose.yml"])
def test_files_are_yaml_and_name_files_that_exist(name: str) -> None:
    body = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    assert isinstance(body, dict)
    for path in re.findall(r"- (\./[\w./-]+):", (FOLDER / name).read_text(encoding="utf-8")):
        assert (FOLDER / path).exists(), f"{name} mounts {path}"


async def test_a_real_scrape_has_the_same_names(known: Known) -> None:
    """Through HTTP, on the service as it is put together."""
    engine = FakeEngine()
    served = Served("m", engine.context, "compact", engine.logprobs, engine.name)
    app = app_for(Settings(engine="fake"), Built.single(engine, served))
    body = {"model": "m", "messages": [{"role": "user", "content": "hello"}], "max_tokens": 16}
    telemetry = Telemetry.off()
    transport = httpx.ASGITransport(Follow(app, telemetry))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        answers = await asyncio.gather(*(client.post("/v1/chat/completions", json=body) for _ in range(3)))
        page = await client.get("/metrics")
    assert {one.status_code for one in answers} == {200}
    assert page.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = names(page.text)
    assert found.keys() <= known.keys()
    assert {"lemma_inference_requests_total", "gen_ai_server_request_duration_seconds_bucket"} <= found.keys()
    assert metrics.OWN == "lemma_inference_"

"""GET /health, /ready and /metrics: for load balancers and Prometheus; all workers of a machine count together."""
import hashlib
import re

import pytest

from harness.client import Api, request
from harness.shapes import check_plain_error
from harness.stand import CHECKOUT, wait_until

SAMPLE = re.compile(r'(palate_[a-z_]+)(?:\{((?:[a-z]+="[^"\\]*",?)*)\})? (-?[0-9.]+(?:e[+-]?[0-9]+)?)')


def parse(text):
    """{(name, labels): number} of a page, after a look at its form: HELP and TYPE before each family, whose samples stand together."""
    samples, families, current = {}, {}, None
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# HELP "):
            current = line.split()[2]
            assert current not in families, f"{current} stands twice"
        elif line.startswith("# TYPE "):
            assert line.split()[2] == current
            families[current] = line.split()[3]
        else:
            match = SAMPLE.fullmatch(line)
            assert match, line
            base = re.sub(r"_(bucket|sum|count)$", "", match[1]) if families[current] == "histogram" else match[1]
            assert base == current, f"{line} stands below {current}"
            labels = frozenset(re.findall(r'([a-z]+)="([^"]*)"', match[2] or ""))
            assert (match[1], labels) not in samples, line
            samples[match[1], labels] = float(match[3])
    return samples


def scrape(front, token):
    answer = request(front.port, "GET", "/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status == 200, answer
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8" and answer.headers["Cache-Control"] == "no-store"
    return parse(answer.body.decode())


@pytest.fixture
def numbers(stand):
    """Reads one number of a front's page, 0 where there is none: numbers(front, name, label=value)."""
    return lambda front, name, **labels: scrape(front, stand.metrics_token).get((name, frozenset(labels.items())), 0)


def test_health_and_ready(front):
    for path in ("/health", "/ready"):
        answer = request(front.port, "GET", path)
        assert answer.status == 200 and answer.json()["status"] == {"/health": "ok", "/ready": "ready"}[path], answer
        head = request(front.port, "HEAD", path)
        assert head.status == 200 and head.body == b""
    newest = max(int(path.name[:3]) for path in (CHECKOUT / "sql").glob("[0-9]*.sql"))
    body = request(front.port, "GET", "/ready").json()
    assert body["database"] == "ok" and body["schema"] == body["schema_needed"] == newest and body["model_age_seconds"] >= 0


def test_all_workers_count_together(stand, everywhere, numbers):
    """Whichever worker answers the scrape: under CGI each request has a process of its own."""
    asked = {"method": "GET", "route": "/v1/items/{id}"}
    names = [("palate_requests_total", {**asked, "status": "200"}), ("palate_requests_total", {**asked, "status": "404"}),
             ("palate_request_duration_seconds_count", asked), ("palate_errors_total", {"code": "item_not_found"})]

    def read():
        page = scrape(everywhere.front, stand.metrics_token)
        return [int(page.get((name, frozenset(labels.items())), 0)) for name, labels in names]
    before, trips = read(), numbers(everywhere.front, "palate_database_round_trips_total")
    for number in range(15):
        assert everywhere.call("GET", "/v1/items/" + ("el-01" if number % 3 else "no-such")).status == (200 if number % 3 else 404)
    wanted = [count + more for count, more in zip(before, (10, 5, 15, 5))]
    wait_until(lambda: read() == wanted, 5, "all of them are counted, once")
    assert numbers(everywhere.front, "palate_database_round_trips_total") >= trips + 15


def test_a_page_adds_up(stand, api):
    api.call("GET", "/v1/items/el-01")
    api.recommendations(user_id="u")
    samples = scrape(api.front, stand.metrics_token)
    routes = [labels for name, labels in samples if name == "palate_request_duration_seconds_count"]
    assert len(routes) >= 2
    for route in routes:
        buckets = sorted((float(dict(labels)["le"]), number) for (name, labels), number in samples.items()
                         if name == "palate_request_duration_seconds_bucket" and route < labels)
        assert buckets[-1][0] == float("inf") and [number for _, number in buckets] == sorted(number for _, number in buckets)
        assert buckets[-1][1] == samples["palate_request_duration_seconds_count", route]
    assert samples["palate_model_generation", frozenset({("tenant", "alpha")})] >= 1
    assert samples["palate_model_age_seconds", frozenset({("tenant", "alpha")})] >= 0
    assert ("palate_changed_items", frozenset({("tenant", "alpha")})) in samples
    assert [dict(labels)["shared"] for name, labels in samples if name == "palate_info"] == ["yes"]


def test_no_caller_makes_a_name(api, numbers):
    """Paths and methods that are none of ours, and methods that a path does not take, are one route."""
    for number in range(30):
        api.call("GET", f"/no/such/{number}")
    api.call("PROPFIND", "/v1/items")
    wait_until(lambda: numbers(api.front, "palate_requests_total", method="GET", route="-", status="404") >= 30, 5, "they are counted")
    wait_until(lambda: numbers(api.front, "palate_requests_total", method="other", route="-", status="405") >= 1, 5, "it is counted")


def test_nobody_fills_the_table_of_routes(stand, quick):
    """All methods on all paths: every route has a place all the same, and so has the next one."""
    rows = set(re.findall(r'\{"([A-Z]+)", "(/[^"]*)"', (CHECKOUT / "fcgi/routes.c").read_text()))
    for path in {path for _, path in rows}:
        for method in ("GET", "POST", "HEAD", "PATCH", "DELETE", "OPTIONS", "PUT", "PROPFIND"):
            request(quick.port, method, path.replace("{id}", "x"))
    wanted = {frozenset({("method", method), ("route", path)}) for method, path in rows}

    def counted():
        return {labels for name, labels in scrape(quick, stand.metrics_token) if name == "palate_request_duration_seconds_count"}
    wait_until(lambda: wanted <= counted(), 5, "each is counted")
    assert len(counted()) <= len(rows) + len({path for _, path in rows}) + 9


def test_only_the_token_of_metrics_is_let_in(front, stand, mint):
    hashed = hashlib.sha256(stand.metrics_token.encode()).hexdigest()
    for token in (None, "x", stand.metrics_token[:-1], stand.metrics_token + "0", stand.metrics_token.upper(), hashed, mint()):
        answer = request(front.port, "GET", "/metrics", headers={"Authorization": f"Bearer {token}"} if token else {})
        check_plain_error(answer, "invalid_token")
    assert request(front.port, "GET", "/v1/items", headers={"Authorization": f"Bearer {stand.metrics_token}"}).status == 401


def test_ready_looks_once_a_second_for_everybody(quick, numbers):
    request(quick.port, "GET", "/ready")
    before = numbers(quick, "palate_database_round_trips_total")
    assert all(request(quick.port, "GET", "/ready").status == 200 for _ in range(50))
    assert numbers(quick, "palate_database_round_trips_total") - before <= 6


def test_a_schema_that_is_behind_is_not_ready(quick, database):
    (version, name), = database.execute("SELECT version, name FROM schema_versions ORDER BY version DESC LIMIT 1")
    database.execute("DELETE FROM schema_versions WHERE version = %s", version)
    try:
        answer = wait_until(lambda: (found := request(quick.port, "GET", "/ready")).status == 503 and found, 5, "it is noticed")
        assert answer.json()["code"] == "not_ready" and answer.json()["details"]["schema"] == version - 1, answer
        assert request(quick.port, "HEAD", "/ready").status == 503 and request(quick.port, "GET", "/health").status == 200
    finally:
        database.execute("INSERT INTO schema_versions (version, name) VALUES (%s, %s)", version, name)
    wait_until(lambda: request(quick.port, "GET", "/ready").status == 200, 5, "it is ready again")


def test_without_database_and_state_file(stand, pool):
    """Alive, not ready, and each worker for itself, which it says."""
    path = stand.configure(f"alone-{pool.kind}.conf", limits={}, database={"socket": stand.root / "none.sock"})
    front = stand.front(pool.kind, "alone", path, workers=2)
    assert request(front.port, "GET", "/health").status == 200
    answer = request(front.port, "GET", "/ready")
    assert answer.status == 503 and answer.json()["details"]["database"] == "unreachable", answer
    samples = scrape(front, stand.metrics_token)
    assert [dict(labels)["shared"] for name, labels in samples if name == "palate_info"] == ["no"]
    wait_until(lambda: "shared=no" in front.log(), 5, "the start line says so")
    front.stop()
    del stand.fronts["alone", pool.kind]


def test_quotas_stand_there_by_name(stand):
    """Of those who have some; counted when a page has been answered, for the next one."""
    folder = stand.root / "quota-metrics"
    folder.mkdir()
    folder.chmod(0o777)
    path = stand.configure("quota-metrics.conf", limits={"state_file": folder / "limits"})
    for tenant in ("measured", "unmeasured"):
        stand.tool.tenant(tenant)
    stand.tool.run("tenant", "limit", "measured", "--items", "7", "--contexts", "3")
    stand.tool.context("measured", 1, "home", {"quantity": 5})

    def quotas():
        answer = stand.run_cgi(PALATE_CONFIG=str(path), REQUEST_URI="/metrics", HTTP_AUTHORIZATION=f"Bearer {stand.metrics_token}")
        return {(name.removeprefix("palate_quota_"), dict(labels)["tenant"], dict(labels)["quota"]): number
                for (name, labels), number in parse(answer.body.decode()).items() if name.startswith("palate_quota_")}
    assert quotas() == {}
    mine = {key: number for key, number in quotas().items() if "measured" in key[1]}
    assert mine == {("limit", "measured", "items"): 7, ("used", "measured", "items"): 0,
                    ("limit", "measured", "contexts"): 3, ("used", "measured", "contexts"): 1}
    stand.tool.run("tenant", "limit", "measured", "--items", "0", "--contexts", "0")


def test_without_a_token_nobody_is_let_in(stand):
    answer = stand.run_cgi(PALATE_CONFIG=str(stand.configure("no-token.conf", metrics={})), REQUEST_URI="/metrics", HTTP_AUTHORIZATION="Bearer x")
    check_plain_error(answer, "invalid_token")


def test_the_tool_makes_a_token_and_its_hash(stand):
    made = [re.fullmatch(r"token +([0-9a-f]{64})\ntoken_sha256 +([0-9a-f]{64})\n", stand.tool.run("metrics", "token").stdout) for _ in range(2)]
    assert made[0][1] != made[1][1]
    for match in made:
        assert hashlib.sha256(match[1].encode()).hexdigest() == match[2]
    assert stand.tool.run("metrics", "token", "more", check=False).returncode == 2


def test_alert_rules_stand_on_names_that_exist():
    source = (CHECKOUT / "fcgi/api/metrics.c").read_text()
    known = set(re.findall(r'"(palate_[a-z_]+)', source))
    rules = (CHECKOUT / "etc/prometheus-alerts-example.yml").read_text()
    used = {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\bpalate_[a-z_]+", rules)}
    assert used and used <= known, used - known
    assert "/metrics" in (CHECKOUT / "etc/prometheus-example.yml").read_text()


def test_doctor_fails_an_installation_without_a_state_file(stand):
    path = stand.configure("stateless.conf", limits={})
    result = stand.tool.run("--config", path, "doctor", "--worker", stand.worker, check=False)
    assert result.returncode == 1 and "FAIL  shared state: [limits] state_file is not set" in result.stdout, result.stdout


def test_pages_may_not_be_read_below_v1(api):
    """They are the machine's, not a generation's of the API."""
    for path in ("/v1/health", "/v1/ready", "/v1/metrics"):
        assert Api(api.front, None).call("GET", path).status == 404

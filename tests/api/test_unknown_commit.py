"""A COMMIT whose answer is lost: the worker finds out what became of it, and says just that."""
import json
import os
import subprocess

import pytest

from harness.commit_proxy import CommitProxy
from harness.stand import BUILD
from harness.tokens import WRITE

BODY = json.dumps({"sequence_data": {}, "task": "product_recommendation", "template": "popular"}).encode()


def ask_through(stand, proxy_path, token, uri="/api/recommend/recommend", body=BODY):
    """One request to a worker run as plain CGI whose database is behind the proxy; returns (status, body)."""
    text = (stand.root / "palate.conf").read_text()
    configuration = stand.write("proxy.conf", text.replace(str(stand.database.socket), str(proxy_path)))
    environment = {name: value for name, value in stand.environment.items() if name.endswith("SAN_OPTIONS")}
    result = subprocess.run([BUILD / "palate.fcgi"], input=body, capture_output=True, timeout=60, env={
        **environment, "PATH": os.environ["PATH"], "PALATE_CONFIG": str(configuration), "REQUEST_METHOD": "POST",
        "REQUEST_URI": uri, "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": "application/json",
        "HTTP_AUTHORIZATION": f"Bearer {token}"})
    head, _, body = result.stdout.partition(b"\r\n\r\n")
    assert head.startswith(b"Status: "), result.stderr
    return int(head.split()[1]), json.loads(body)


@pytest.mark.parametrize("moment, status, rows", [("after", 200, 1), ("before", 500, 0)])
def test_a_lost_commit_is_settled_by_looking_for_its_row(stand, mint, moment, status, rows):
    before = stand.rows()
    path = stand.root / f"proxy-{moment}.sock"
    with CommitProxy(path, stand.database.socket, moment, b"BEGIN NOT ATOMIC START TRANSACTION") as proxy:
        answer, body = ask_through(stand, path, mint())
    after = stand.rows()
    assert proxy.cuts == 1
    assert answer == status
    assert (after[0] - before[0], after[1] - before[1]) == (rows, rows)
    if status == 200:
        assert body["status_code"] == 200 and body["results"]
        decision = body["results"][0]["recommendation_id"] // 128
        assert stand.database.execute("SELECT COUNT(*) FROM decisions WHERE decision_id = %s", decision) == ((1,),)
    else:
        assert body == {"detail": "Failed to get recommendations"}


@pytest.mark.parametrize("moment, status", [("after", 200), ("before", 500)])
def test_a_lost_commit_of_items_is_settled_too(stand, mint, moment, status):
    path = stand.root / f"items-{moment}.sock"
    body = json.dumps([{"id": f"lost-commit-{moment}", "name": "x"}]).encode()
    with CommitProxy(path, stand.database.socket, moment) as proxy:
        answer, _ = ask_through(stand, path, mint("bare-client", scope=WRITE), "/v1/items", body)
    stored = stand.database.execute("SELECT COUNT(*) FROM items WHERE item_id = %s", f"lost-commit-{moment}")
    assert (proxy.cuts, answer, stored) == (1, status, ((int(status == 200),),))
    stand.database.execute("DELETE FROM items WHERE item_id = %s", f"lost-commit-{moment}")
    stand.database.execute("UPDATE tenants SET catalogue_revision = catalogue_revision + 1 WHERE tenant_key = 'bare'")

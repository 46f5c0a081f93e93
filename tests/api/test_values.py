"""Numbers and texts of the catalogue, as shops write them: they never meet by accident, in files, calls and filters."""
import json

import pytest

from harness import tokens
from harness.client import Api
from harness.shapes import check_v1_recommendations
from harness.tokens import READ, WRITE

TABLE = ("id,name,price,code\n"
         'c1,Pen,"9,99",007\nc2,Gold pen,"100,00",7\nc3,Feed pen,9.99 EUR,5E2\nc4,Feed gold pen,100.00 EUR,500\nc5,Plain,9.99,0123456789012\n'
         'c6,Swiss,"CHF 1\'234.50",9007199254740993\nc7,Dash,-,9007199254740992\nc8,US,"1,234.50",123456789012345678901234567890\n'
         'c9,Page,"1.234,50 €",07\nc10,Free,,7.0\nc11,Words,ask us,A-7\n')
LINES = [{"id": "j1", "name": "x", "metadata": {"price": "9,99", "code": 7}}, {"id": "j2", "name": "x", "metadata": {"price": 9.99, "code": "7"}},
         {"id": "j3", "name": "x", "metadata": {"price": "", "code": "007"}}, {"id": "j4", "name": "x", "metadata": {"price": None, "code": 5e2}},
         {"id": "j5", "name": "x", "metadata": {"price": "n/a", "code": 9007199254740993}}, {"id": "j6", "name": "x", "metadata": {"price": "1.000,00", "code": "7.0"}}]


@pytest.fixture(scope="module", params=["changes", "model"])
def priced(request, stand, tmp_path_factory):
    """The same items beside the model, and in it."""
    tenant = f"values-{request.param}"
    stand.tool.tenant(tenant)
    stand.tool.client(tenant, f"{tenant}-client")
    path = tmp_path_factory.mktemp("values") / "table.csv"
    path.write_text(TABLE, encoding="utf-8")
    stand.tool.items(tenant, path)
    api = Api(stand.front("lighttpd"), tokens.sign(tokens.claims_for(f"{tenant}-client", scope=f"{READ} {WRITE}"), stand.secret))
    assert api.call("POST", "/v1/items", LINES).status == 200
    if request.param == "model":
        stand.tool.train(tenant)
    return api


def found(api, *filters):
    body = check_v1_recommendations(api.call("POST", "/v1/recommendations", {"user_id": "u", "limit": 100, "filter": list(filters)}))
    return {entry["id"] for entry in body["data"]}


CHEAP = {"c1", "c3", "c5", "j1", "j2"}
DEAR = {"c2", "c4", "c6", "c8", "c9", "j6"}


@pytest.mark.parametrize("condition, ids", [
    ("price<=30", CHEAP), ("price <= 30", CHEAP), ("price < 10,00", CHEAP), ("price<=9,99 €", CHEAP), ("price>30", DEAR), ("price >= 1.234,50", {"c6", "c8", "c9"}),
    ("price<0", set()), ("price<=abc", set()), ("price>=", set()), ("name<=zzz", set()),
    ("code=7", {"c2", "c10", "j1", "j2"}), ("code = 007", {"c1", "j3"}), ("code:5E2", {"c3"}), ("code:500", {"c4", "j4"}), ("code:07", {"c9"}),
    ("code=7.0", {"c2", "j1", "j2", "c10", "j6"}), ("code=0123456789012", {"c5"}), ("code=123456789012", set()),
    ("code=9007199254740993", {"c6", "j5"}), ("code=9007199254740992", {"c7"}), ("code>9007199254740992", {"c6", "j5", "c8"}),
    ("code=123456789012345678901234567890", {"c8"})])
def test_numbers_and_texts_never_meet_by_accident(priced, condition, ids):
    assert found(priced, condition) == ids


def test_in_and_types_of_json(priced):
    def by(operator, value):
        return found(priced, {"column": "code", "operator": operator, "value": value})
    assert by("IN", [7, 500]) == by("IN", "7, 500") == by("IN", ["7", "500"]) == {"c2", "c10", "j1", "j2", "c4", "j4"}
    assert by("=", 7) == by("=", "7") == {"c2", "c10", "j1", "j2"} and by("=", 5e2) == {"c4", "j4"}
    assert by("=", 9007199254740993) == {"c6", "j5"}
    assert found(priced, "id=c1") == {"c1"} and not by("IN", ["7.00000000000000001"])


def test_the_first_documents_range(priced):
    def within(**limits):
        data = {"customer_preferences": {"price_range": limits, "strict": True}}
        body = {"sequence_data": data, "task": "t", "template": "popular", "quantity": 50}
        return {entry["item_id"] for entry in priced.call("POST", "/api/recommend/recommend", body).json()["results"]}
    assert within(min=1, max=30) == CHEAP and within(min=30) == DEAR and within(max=1234.49) == CHEAP | {"c2", "c4", "j6"}


def test_what_was_sent_is_what_is_answered(priced):
    for item in LINES:
        answer = priced.call("GET", f"/v1/items/{item['id']}").json()["metadata"]
        assert json.dumps(answer) == json.dumps(item["metadata"])
    assert priced.call("GET", "/v1/items/c1").json()["metadata"] == {"price": "9,99", "code": "007"}
    assert priced.call("GET", "/v1/items/c6").json()["metadata"]["code"] == 9007199254740993
    assert priced.call("GET", "/v1/items/c8").json()["metadata"]["code"] == "123456789012345678901234567890"

"""POST /v1/search: what is found and in which order, wrong letters, filters, the person, live changes, bad input."""
import json
import uuid

import pytest

from harness.catalogue import ITEMS, PAIRS, write_items
from harness.client import Api
from harness.shapes import check_object_error, check_plain_error, check_search


def found(api, query, **more):
    body = check_search(api.call("POST", "/v1/search", {"query": query, **more}), query.strip(), explained=more.get("explain", False))
    return [entry["item_id"] for entry in body["data"]]


def test_the_answer_is_that_of_recommendations(everywhere, one_row_each):
    body = check_search(everywhere.call("POST", "/v1/search", {"query": "  kettle ", "limit": "5"}), "kettle")
    assert body["data"][0]["item_id"] == "ki-02" and body["limit"] == 5
    assert body["data"][0]["source"] in ("keyword", "hybrid")
    one_row_each(1)


def test_the_unversioned_path_answers_alike(api):
    answer = api.call("POST", "/search", {"query": "kettle"})
    assert check_search(answer, "kettle", url="/search")["data"][0]["item_id"] == "ki-02"
    check_plain_error(api.call("POST", "/search", {}), "parameter_missing")


@pytest.mark.parametrize("word, item", [("Kettle", "ki-02"), ("KETTLE", "ki-02"), ("kettla", "ki-02"), ("kttle", "ki-02"),
                                        ("kettel", "ki-02"), ("xettle", "ki-02"), ("kettles", "ki-02"), ("kett", "ki-02"),
                                        ("guitar", "mu-05"), ("gutiar", "mu-05"), ("dictionery", "bo-06"), ("dictoinary", "bo-06"),
                                        ("whistl", "to-01"), ("yo-yo", "to-08")])
def test_one_wrong_letter_still_finds_the_product(api, word, item):
    assert found(api, word)[0] == item


def test_every_product_is_found_by_its_name_with_a_letter_replaced(api):
    missed = []
    for item in ITEMS.values():
        name = item["name"].lower()
        if len(name) < 6 or not name.isalpha():
            continue
        wrong = name[:2] + ("x" if name[2] != "x" else "q") + name[3:]
        if item["id"] not in found(api, wrong, limit=3):
            missed.append((wrong, item["name"]))
    assert not missed


def test_words_in_metadata_are_found(api):
    assert set(found(api, "electronics", limit=10)) == {f"el-{number:02d}" for number in range(1, 11)}


def test_filters_and_exclusions_hold(api):
    everything = found(api, "birch", limit=50)
    assert everything and all(ITEMS[item]["metadata"].get("brand") == "Birch" for item in everything[:10])
    books = found(api, "birch", limit=50, filter="category:books")
    assert books and all(ITEMS[item]["metadata"]["category"] == "books" for item in books)
    assert not set(found(api, "birch", limit=50, exclude=everything[:5])) & set(everything[:5])
    scope = json.dumps({"filters": [{"column": "price", "operator": "<", "value": 10}]})
    assert all(ITEMS[item]["metadata"]["price"] < 10 for item in found(api, "birch", limit=50, scope=scope))


def test_context_filters_hold(stand, api):
    stand.tool.context("alpha", 651, "search-toys", {"filters": [{"column": "category", "operator": "=", "value": "toys"}], "quantity": 4})
    hits = found(api, "corvo", context_id=651)
    assert 0 < len(hits) <= 4 and all(ITEMS[item]["metadata"]["category"] == "toys" for item in hits)


def test_the_fields_of_words_may_be_chosen(api):
    assert found(api, "kettle", keyword_fields="name", semantic_weight=0)[0] == "ki-02"
    assert found(api, "kettle", keyword_fields=["metadata.category"], semantic_weight=0) == []
    assert len(found(api, "kitchen", keywordFields="name, metadata.category", semanticWeight="0")) == 10


def test_fusion_is_as_asked(api):
    words = found(api, "kitchen", keyword_weight=1, semantic_weight=0, fusion_method="weighted", limit=10)
    assert len(words) == 10 and all(ITEMS[item]["metadata"]["category"] == "kitchen" for item in words)
    for method in ("rrf", "weighted"):
        assert found(api, "kettle", fusion_method=method)[0] == "ki-02"
    only_vectors = check_search(api.call("POST", "/v1/search", {"query": "kettle", "query_retrieval_enabled": "false"}), "kettle")
    assert {entry["source"] for entry in only_vectors["data"]} <= {"semantic"}


def test_the_person_moves_the_order_a_little(api, stand):
    """Two things are bought together: who bought the second finds the first no later than a stranger does, at the top."""
    bought, other = PAIRS[0][1], PAIRS[0][0]
    path = stand.root / "import" / "searcher.csv"
    path.write_text(f"user_id,item_id,type,occurred_at\nsearcher,{bought},purchase,2026-01-02T00:00:00Z\n")
    stand.tool.events("alpha", path)
    strangers = found(api, "electronics", user_id="nobody-known", limit=10)
    buyers = found(api, "electronics", user_id="searcher", limit=10)
    assert sorted(buyers) == sorted(strangers) and buyers != strangers
    assert buyers.index(other) == 0, "moved to the top by what the person bought"
    assert bought in buyers, "what was bought can be found"


def test_pages_are_disjoint(api):
    seen, after = [], None
    for _ in range(4):
        body = check_search(api.call("POST", "/v1/search", {"query": "acme", "limit": 4, **({"starting_after": after} if after else {})}),
                            "acme")
        seen += [entry["item_id"] for entry in body["data"]]
        after = body["next_cursor"]
        if not after:
            break
    assert len(set(seen)) == len(seen) > 8


def test_nothing_found_is_an_empty_list(api):
    assert found(api, "qqqqqqqq", semantic_weight=0) == []


@pytest.mark.parametrize("query", ["qqqqqqqq", "xylophonist quartet", "!?*", "zzz kkk"])
def test_words_that_match_nothing_bring_nothing_else(api, query):
    assert found(api, query) == []


@pytest.mark.parametrize("item", ["ki-02", "mu-05"])
def test_an_id_is_found_first(api, item):
    body = check_search(api.call("POST", "/v1/search", {"query": item}), item)
    assert (body["data"][0]["item_id"], body["data"][0]["score"]) == (item, 1)


@pytest.mark.parametrize("client", ["change-client", "bare-client"])
def test_article_numbers_are_found_first_and_markup_never(stand, quick, mint, client):
    """The words of one article number stand in another item's name; both descriptions come from the same editor."""
    tenant = client.split("-")[0]
    api, own = Api(quick, mint(client)), uuid.uuid4().hex[:8]
    wrap = "<div class=\"product-qzx\"><span style=\"font-qzx\">{}</span>&nbsp;&qzxent;</div>".format
    items = [{"id": f"a-{own}", "name": f"{own} 77 {own} 77", "description": wrap("thing"), "metadata": {"category": "kitchen"}},
             {"id": f"b-{own}", "name": "Thing", "description": wrap("thing"), "metadata": {"category": "kitchen", "variant": {"SKU": f"{own}-77"}}}]
    stand.tool.items(tenant, write_items(stand.root / "import" / "numbers.jsonl", items))
    for query in (f"{own}-77", f"{own.upper()}77", f"{own}/77"):
        assert found(api, query)[0] == f"b-{own}"
    for query in ("qzx", "span", "nbsp", "qzxent"):
        assert not {f"a-{own}", f"b-{own}"} & set(found(api, query, limit=100))


@pytest.mark.parametrize("client", ["change-client", "bare-client"])
def test_changes_are_found_at_once(stand, quick, mint, client):
    tenant = client.split("-")[0]
    api, word = Api(quick, mint(client)), "q" + uuid.uuid4().hex[:10]
    item = {"id": f"found-{word}", "name": f"The {word} thing", "metadata": {"category": "kitchen", "price": 1}}
    stand.tool.items(tenant, write_items(stand.root / "import" / "searched.jsonl", [item]))
    for _ in range(5):
        assert found(api, word)[0] == item["id"]
        assert found(api, word[:-1] + "z")[0] == item["id"]
    stand.tool.items(tenant, write_items(stand.root / "import" / "searched.jsonl", [{**item, "active": False}]))
    for _ in range(5):
        assert item["id"] not in found(api, word)


def test_another_tenant_finds_nothing_of_ours(quick, mint):
    body = check_search(Api(quick, mint("beta-client")).call("POST", "/v1/search", {"query": "kettle"}), "kettle")
    assert all(entry["name"].startswith("Beta") for entry in body["data"])


def test_explanations_name_the_candidates(api):
    body = check_search(api.call("POST", "/v1/search", {"query": "kettle", "explain": "true"}), "kettle", explained=True)
    assert "by words" in body["explanation"]["note"]


@pytest.mark.parametrize("field, value", [
    ("query", None), ("query", ""), ("query", "   "), ("query", 7), ("query", ["kettle"]), ("query", {}), ("query", "x" * 501),
    ("fusion_method", "best"), ("fusion_method", 1), ("semantic_weight", 1.1), ("semantic_weight", -0.1), ("keyword_weight", "much"),
    ("keyword_fields", 7), ("keyword_fields", [1]), ("keyword_fields", [None]), ("query_retrieval_enabled", "maybe"),
    ("keyword_fields", ",".join(f"f{number}" for number in range(17))), ("debug", "perhaps"), ("user_id", {})])
def test_bad_input_names_the_field(api, nothing_logged, field, value):
    answer = api.call("POST", "/v1/search", {"query": "kettle", field: value})
    check_object_error(answer, 400, field=field)


def test_both_weights_cannot_be_zero(api, nothing_logged):
    check_object_error(api.call("POST", "/v1/search", {"query": "kettle", "keyword_weight": 0, "semantic_weight": 0}), 400,
                       field="keyword_weight")


def test_the_method_is_post_and_the_scope_is_read(api, mint):
    assert api.call("GET", "/v1/search?query=kettle").status == 405
    check_object_error(api.with_token(mint(scope="neuronsearchlab-api/write")).call("POST", "/v1/search", {"query": "x"}), 403)
    check_object_error(api.with_token(None).call("POST", "/v1/search", {"query": "x"}), 401)

"""Letters of every script, categories of tables, and texts with HTML: as a shop sends them, through import, live and after training."""
import json

import pytest

from harness.catalogue import write_items
from harness.client import Api
from harness.shapes import check_recommend_answer, check_search, check_v1_recommendations

TABLE = """id,name,category,price
t1,Blue mug,Kitchen > Mugs,3
t2,Tea pot,Kitchen,9
t3,Gift box,a|b,4
t4,Шкаф,Мебель > Шкафы,90
t5,Lamp,ΦΩΤΙΣΜΌΣ,20
t6,Defter,KIRTASİYE,2
t7,Pfanne,Großküche ,30
t8,Tasse,CAFE\u0301,3
t9,Poster,Kitchen-like,3
"""
WORDS = ["Oak", "Iron", "Glass", "Paper", "Cotton", "Wool", "Steel", "Clay"]
FRAME = '<div class="product-description"><p style="margin:0"><span style="font-family:Arial,Helvetica">%s</span></p></div>'
FILTERS = [("Kitchen", {"t1", "t2"}), ("KITCHEN", {"t1", "t2"}), (" kitchen\u00a0", {"t1", "t2"}), ("mugs", {"t1"}),
           ("kitchen > MUGS", {"t1"}), ("A", {"t3"}), ("b", {"t3"}), ("мебель", {"t4"}), ("ШКАФЫ", {"t4"}), ("φωτισμος", {"t5"}),
           ("kırtasiye", {"t6"}), ("kirtasiye", {"t6"}), ("GROSSKÜCHE", {"t7"}), ("café", {"t8"}), ("Kitch\u200ben", {"t1", "t2"}),
           ("Kitchens", set())]


@pytest.fixture(scope="module")
def letters(stand):
    """A tenant with a table and texts; state trains it."""
    stand.tool.tenant("letters")
    stand.tool.client("letters", "letters-client")
    stand.tool.run("import", "items", stand.write("import/letters.csv", TABLE), "--tenant", "letters")
    texts = [{"id": "seed", "name": "Garden hose", "description": FRAME % "Garden hose for watering, green"},
             {"id": "html", "name": "Wedding ring", "description": FRAME % "Gold ring for her"},
             {"id": "real", "name": "Hose reel", "description": "Reel for a garden hose, for watering the garden, green"},
             {"id": "escaped", "name": "Bench &Alpha;", "description": "&lt;p class=&quot;seat&quot;&gt;Birch &amp; pine&lt;/p&gt;<!-- secret -->"},
             {"id": "script", "name": "Clock \U0001F570", "description": "Ticks <script>var hidden = 1;</script><style>p {color:red}</style>a <b"},
             *({"id": f"f{n}", "name": f"{word} thing", "description": f"plain {word} number {n}"} for n, word in enumerate(WORDS))]
    stand.tool.items("letters", write_items(stand.root / "import" / "texts.jsonl", texts))
    stand.tool.context("letters", 71, "letters-kitchen", {"filters": [{"column": "category", "operator": "=", "value": "kitchEN "}]})
    stand.tool.context("letters", 72, "letters-others", {"filters": [{"column": "category", "operator": "NOT IN", "value": ["KITCHEN", "мебель"]}]})


@pytest.fixture(params=["live", "trained"], scope="module")
def state(request, stand, letters):
    if request.param == "trained":
        stand.tool.train("letters")
    return request.param


@pytest.fixture
def shop(state, quick, mint):
    return Api(quick, mint("letters-client"))


def ids(answer):
    return {entry["item_id"] for entry in check_v1_recommendations(answer)["data"]}


def test_filters_on_categories_fold(shop):
    for value, expected in FILTERS:
        assert ids(shop.v1(user_id="f", limit=50, filter=f"category:{value}")) == expected, value
        scope = json.dumps({"filters": [{"column": "metadata.category", "operator": "IN", "value": ["nothing", value]}]})
        assert ids(shop.v1(user_id="f", limit=50, scope=scope)) == expected, value
    assert not ids(shop.v1(user_id="f", limit=50, filter="category!=kitchen")) & {"t1", "t2"}


def test_contexts_fold(shop):
    assert ids(shop.v1(user_id="f", limit=50, context_id=71)) == {"t1", "t2"}
    others = ids(shop.v1(user_id="f", limit=50, context_id=72))
    assert not others & {"t1", "t2", "t4"} and {"t3", "t5"} <= others


def test_preferences_fold(shop):
    for value, expected in FILTERS:
        body = check_recommend_answer(shop.recommend({"customer_preferences": {"categories": [value.strip()], "strict": True}}, quantity=50))
        assert {entry["item_id"] for entry in body} == expected, value


def test_markup_is_neither_word_nor_likeness(shop):
    like = check_v1_recommendations(shop.v1(entity_type="Item", user_id="seed", limit=1))["data"]
    assert [entry["item_id"] for entry in like] == ["real"]
    for word in ("span", "helvetica", "quot", "seat", "secret", "hidden", "color", "amp"):
        assert shop.call("GET", f"/v1/items/search?q={word}").json()["items"] == [], word
    for word, item in (("pine", "escaped"), ("\u0391", "escaped"), ("ticks", "script"), ("b", "script")):
        body = check_search(shop.call("POST", "/v1/search", {"query": word}), word)
        assert item in [entry["item_id"] for entry in body["data"]], word
    assert shop.call("GET", "/v1/items/script").json()["name"] == "Clock \U0001F570"
    assert shop.call("GET", "/v1/items/html").json()["description"].startswith('<div class="product-description">')


def test_cells_can_stay_plain(stand, letters):
    path = stand.write("import/plain.csv", "id,name,category\nplain-1,Mug,Kitchen > Mugs\n")
    told = stand.tool.run("import", "items", path, "--tenant", "letters", "--plain-categories")
    assert "1 created, 0 changed" in told.stdout
    stored = stand.database.execute("SELECT metadata FROM items WHERE item_id = 'plain-1'")[0][0]
    assert json.loads(stored) == {"category": "Kitchen > Mugs"}

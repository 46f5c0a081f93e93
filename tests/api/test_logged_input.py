"""What the log of requests keeps: what the API knows, within bounds, and no secrets, whatever a client sends where."""
import json

import pytest

from harness.shapes import check_recommend_answer, check_recommendations_answer
from harness.stand import wait_until

SECRET = "Aa0-never-to-be-stored"


def logged(database, answer):
    return database.execute("SELECT input FROM sequences WHERE request_id = %s", answer.request_id)[0][0]


def places_of(database, text):
    """Every column of every table that holds the text."""
    columns = database.execute("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'palate'"
                               " AND data_type IN ('varchar', 'char', 'text', 'mediumtext', 'longtext')")
    return [(table, column) for table, column in columns
            if database.execute(f"SELECT 1 FROM `{table}` WHERE `{column}` LIKE %s LIMIT 1", f"%{text}%")]


@pytest.mark.parametrize("name", ["access_token", "token", "client_secret", "password", "Authorization", "api_key", "apiKey", "x"])
def test_a_secret_in_the_query_is_nowhere(everywhere, database, name):
    answer = everywhere.call("GET", f"/recommendations?user_id=careless&{name}={SECRET}", {name: {"nested": SECRET}, "quantity": 2})
    check_recommendations_answer(answer)
    assert json.loads(logged(database, answer)) == {"user_id": "careless", "quantity": 2}
    wait_until(lambda: f" id={answer.request_id} " in everywhere.front.log(), 5, "its line")
    workers_lines = [line for line in everywhere.front.log().splitlines() if " palate GET " in line]
    assert not [line for line in workers_lines if SECRET in line]


def test_a_secret_in_a_filter_is_nowhere(api, database):
    check_recommendations_answer(api.recommendations(user_id="careless", filter=f"api_key!={SECRET}"))
    scope = {"filters": [{"column": "password", "operator": "!=", "value": SECRET}]}
    answer = api.call("POST", "/recommendations", {"user_id": "careless", "scope": scope, "filters": [f"OR:Token:{SECRET}"]})
    check_recommendations_answer(answer)
    given = json.loads(logged(database, answer))
    assert given["scope"] == {"filters": [{"column": "password", "operator": "!="}]} and given["filters"] == [None]
    assert places_of(database, SECRET) == []


def test_long_histories_keep_their_newest_entries(api, database):
    views = [f"view-{number:04}" for number in range(1000)]
    answer = api.recommend({"browsing_history": views, "purchase_history": ["el-01"]}, user_id="collector")
    check_recommend_answer(answer)
    text = logged(database, answer)
    given = json.loads(text)
    assert len(text.encode()) <= 8192 and given["truncated"] is True and given["user_id"] == "collector"
    kept = given["sequence_data"]["browsing_history"]
    assert len(kept) >= 250 and kept == views[-len(kept):]
    assert given["sequence_data"]["purchase_history"] == ["el-01"]


def test_a_full_body_of_what_nobody_reads_leaves_a_short_row(api, database):
    answer = api.call("POST", "/v1/recommendations", {"user_id": "filler", "ballast": "x" * 60_000, "description": "é" * 9000})
    assert answer.status == 200
    text = logged(database, answer)
    given = json.loads(text)
    assert len(text.encode()) <= 8192 and set(given) == {"user_id", "description", "truncated"}

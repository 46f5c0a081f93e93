"""What answers look like, field by field. Every check fails on a field that is missing, superfluous or of another type."""
import re

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

DETAIL_BAD = "Invalid request parameters"
DETAIL_TOKEN = "Invalid authentication credentials"
DETAIL_FAILED = "Failed to get recommendations"

STATUS_OF_CODE = {
    "invalid_request": 400, "invalid_json": 400, "validation_error": 400, "context_not_found": 400, "invalid_token": 401,
    "parameter_missing": 400, "invalid_id": 400, "invalid_limit": 400, "invalid_cursor": 400, "batch_size_exceeded": 400,
    "unknown_event_type": 400, "unknown_item": 400, "event_not_found": 404,
    "rate_limited": 429, "expired_token": 401, "unknown_client": 401, "insufficient_scope": 403, "person_token": 403, "quota_exceeded": 403, "not_found": 404, "method_not_allowed": 405,
    "parameter_missing": 400, "invalid_id": 400, "invalid_limit": 400, "batch_size_exceeded": 400, "empty_update": 400,
    "invalid_filter": 400, "invalid_scope_json": 400, "invalid_cursor": 400,
    "item_not_found": 404, "item_already_exists": 409, "body_too_large": 413, "uri_too_long": 414, "unsupported_media_type": 415, "internal_error": 500,
    "tenant_busy": 503,
    "too_expensive": 400, "overloaded": 503,
    "deduplication_conflict": 409,
}


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


def check_headers(answer):
    assert answer.headers.get_content_type() == "application/json", answer
    assert answer.request_id, "every answer of the worker has X-Request-Id"
    if answer.status == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Bearer"), answer


def check_problems(problems):
    assert isinstance(problems, list) and problems
    for problem in problems:
        assert set(problem) == {"field", "problem"}
        assert isinstance(problem["field"], str) and problem["field"]
        assert isinstance(problem["problem"], str) and problem["problem"]


def fields_of(answer):
    """The fields that an error answer of either shape complains about."""
    body = answer.json()
    problems = body["errors"] if "errors" in body else body.get("details", {}).get("errors", [])
    return [problem["field"] for problem in problems]


def check_recommend_error(answer, status, field=None):
    """An error of POST /api/recommend/recommend."""
    assert answer.status == status, answer
    check_headers(answer)
    body = answer.json()
    assert body["detail"] == {401: DETAIL_TOKEN, 403: DETAIL_TOKEN, 500: DETAIL_FAILED, 503: DETAIL_FAILED}.get(status, DETAIL_BAD)
    assert set(body) <= {"detail", "errors"}
    if "errors" in body:
        check_problems(body["errors"])
    if field is not None:
        assert field in fields_of(answer), answer


def check_plain_error(answer, code, field=None):
    """An error of everything else: the unversioned shape."""
    assert answer.status == STATUS_OF_CODE[code], answer
    check_headers(answer)
    body = answer.json()
    assert {"error", "message", "code"} <= set(body) <= {"error", "message", "code", "details"}
    assert body["code"] == code, answer
    assert isinstance(body["error"], str) and body["error"]
    assert isinstance(body["message"], str) and body["message"]
    if code == "internal_error":
        assert not re.search("mariadb|mysql|select|denied|palate", body["message"], re.IGNORECASE), "causes are for the log only"
    if "details" in body:
        if code == "item_already_exists":
            assert set(body["details"]) == {"item_ids"}
        else:
            assert set(body["details"]) == {"errors"}
            check_problems(body["details"]["errors"])
    if field is not None:
        assert field in fields_of(answer), answer


TYPE_OF_STATUS = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 409: "conflict_error",
                  429: "rate_limit_error", 500: "api_error", 503: "api_error"}


def check_object_error(answer, status, code=None, field=None):
    """An error below /v1."""
    assert answer.status == status, answer
    check_headers(answer)
    body = answer.json()
    assert set(body) == {"error"}
    error = body["error"]
    assert {"type", "code", "message", "request_id"} <= set(error) <= {"type", "code", "message", "request_id", "details"}
    assert error["type"] == TYPE_OF_STATUS.get(status, "invalid_request_error")
    assert error["request_id"] == answer.request_id
    assert isinstance(error["message"], str) and error["message"]
    if status == 500:
        assert not re.search("mariadb|mysql|select|denied|palate", error["message"], re.IGNORECASE), "causes are for the log only"
    if code is not None:
        assert error["code"] == code, answer
    if field is not None:
        assert field in error["details"]["fieldErrors"], answer


def check_scores(entries):
    scores = [entry["score"] for entry in entries]
    assert all(is_number(score) and 0 <= score <= 1 for score in scores), scores
    assert scores == sorted(scores, reverse=True), "scores never rise"


def check_recommend_answer(answer):
    """A 200 of the first document; returns its results."""
    assert answer.status == 200, answer
    check_headers(answer)
    body = answer.json()
    assert set(body) == {"status_code", "results"}
    assert body["status_code"] == 200
    for rank, result in enumerate(body["results"], 1):
        assert set(result) == {"recommendation_id", "score", "rank", "item_id", "name", "metadata"}
        assert result["rank"] == rank
        assert is_integer(result["recommendation_id"]) and 0 < result["recommendation_id"] <= 2 ** 53 - 1
        assert result["recommendation_id"] % 128 == rank
        assert isinstance(result["item_id"], str) and isinstance(result["name"], str)
        assert isinstance(result["metadata"], dict)
    check_scores(body["results"])
    assert len({result["item_id"] for result in body["results"]}) == len(body["results"]), "no item twice"
    return body["results"]


ENTRY = {"id", "object", "entity_id", "item_id", "rank", "score", "name", "description", "metadata", "item", "embedding",
         "source", "group"}
GROUP = {"object", "group", "score", "items", "id", "entity_id", "item_id", "rank", "name", "description", "metadata",
         "embedding"}
BODY = {"object", "message", "request_id", "url", "mode", "data", "recommendations", "has_more", "next_cursor", "limit",
        "quantity", "count", "processing_time_ms", "cold_start_fallback_used", "excluded_viewed_items", "embedding_info",
        "embedding"}


def check_embedding(vector):
    assert isinstance(vector, list) and len(vector) == 64 and all(is_number(number) for number in vector)


def check_entry(entry):
    assert set(entry) == ENTRY
    assert entry["object"] == "recommendation" and entry["group"] is None
    assert entry["id"] == entry["entity_id"] == entry["item_id"] and isinstance(entry["item_id"], str)
    assert is_integer(entry["rank"]) and isinstance(entry["name"], str) and isinstance(entry["description"], str)
    assert isinstance(entry["metadata"], dict) and "name" in entry["metadata"]
    assert "description" in entry["metadata"] or entry["description"] == ""
    assert isinstance(entry["source"], str) and entry["source"]
    item = entry["item"]
    assert {"id", "object", "name", "description", "metadata"} == set(item)
    assert item["id"] == entry["item_id"] and item["object"] == "item" and item["name"] == entry["name"]
    check_embedding(entry["embedding"])


def check_group(group):
    assert GROUP <= set(group) <= GROUP | {"item"}
    assert group["object"] == "recommendation_group" and isinstance(group["group"], str)
    assert group["items"], "a group is never empty"
    for entry in group["items"]:
        check_entry({**entry, "group": None})
    check_scores(group["items"])
    best = group["items"][0]
    for key in ("id", "entity_id", "item_id", "name", "description", "metadata", "embedding", "score"):
        assert group[key] == best[key], f"a group's {key} is its best item's"
    assert is_integer(group["rank"])


def check_recommendations_answer(answer, grouped=False):
    """A 200 of the second document; returns its body."""
    assert answer.status == 200, answer
    check_headers(answer)
    body = answer.json()
    assert set(body) == BODY
    assert body["object"] == "list" and body["message"] == "Recommendations fetched" and body["mode"] == "single"
    assert body["url"] == "/recommendations"
    assert body["request_id"] == answer.request_id
    assert body["data"] == body["recommendations"]
    assert body["has_more"] is False and body["next_cursor"] is None
    assert is_integer(body["limit"]) and 1 <= body["limit"] <= 100
    assert body["quantity"] == body["count"] == len(body["recommendations"]) <= body["limit"]
    assert is_integer(body["processing_time_ms"]) and 0 <= body["processing_time_ms"] < 60000
    assert isinstance(body["cold_start_fallback_used"], bool)
    if body["excluded_viewed_items"] is not None:
        assert set(body["excluded_viewed_items"]) == {"value", "unit", "interval"}
    info = body["embedding_info"]
    assert {"source", "used_default", "default_reason", "dimension", "expected_dimension"} <= set(info)
    assert info["source"] in ("db", "default", "item") and isinstance(info["used_default"], bool)
    assert info["default_reason"] is None or isinstance(info["default_reason"], str)
    assert info["dimension"] == info["expected_dimension"] == 64
    entity = body["embedding"]
    assert set(entity) == {"entity_id", "entity_type", "name", "description", "metadata"}
    assert isinstance(entity["entity_id"], str) and entity["entity_type"] in ("User", "Item")
    assert isinstance(entity["name"], str) and isinstance(entity["description"], str)
    assert set(entity["metadata"]) == {"team_id"} and isinstance(entity["metadata"]["team_id"], str)
    ranks = [entry["rank"] for entry in body["recommendations"]]
    if grouped:  # a group has the rank of its best item
        assert ranks[:1] in ([], [1]) and ranks == sorted(set(ranks))
    else:
        assert ranks == list(range(1, len(ranks) + 1))
    for entry in body["recommendations"]:
        (check_group if grouped else check_entry)(entry)
    check_scores(body["recommendations"])
    ids = [item["item_id"] for entry in body["recommendations"] for item in (entry["items"] if grouped else [entry])]
    assert len(set(ids)) == len(ids), "no item twice"
    return body


V1_BODY = {"object", "message", "request_id", "url", "mode", "data", "recommendations", "has_more", "next_cursor", "limit", "quantity",
           "processing_time_ms", "cold_start_fallback_used", "excluded_viewed_items", "embedding_info", "experiments", "user_segments",
           "pipeline_id"}
V1_ENTRY = {"id", "object", "entity_id", "item_id", "rank", "score", "name", "description", "metadata", "item", "source"}
EXPLANATION = {"item_id", "rank", "summary", "shown_because", "source", "score", "context", "embedding", "pipeline", "rules",
               "experiments", "user_segments"}
STAGES = ["retrieval", "filters", "exclusion", "ranking", "rotation", "diversity", "exploration", "grouping", "page"]


def check_stages(stages):
    assert [stage["stage"] for stage in stages] == STAGES
    for stage in stages:
        assert set(stage) == {"stage", "enabled", "status", "pipeline_id", "config", "note", "item_events"}
        assert stage["status"] in ("passed", "disabled", "skipped", "partial") and isinstance(stage["note"], str)
        assert stage["enabled"] == (stage["status"] != "disabled")


def check_explanation_context(context):
    assert set(context) == {"context_id", "mode", "filters", "request_filters", "group_by", "exclude_viewed_items", "auto_section"}
    for condition in context["filters"] + context["request_filters"]:
        assert set(condition) == {"column", "operator", "value", "logic"}


def check_v1_entry(entry, explained=False):
    assert set(entry) - {"group"} == V1_ENTRY | ({"explanation"} if explained else set())
    assert entry["object"] == "recommendation"
    assert entry["id"] == entry["entity_id"] == entry["item_id"] and isinstance(entry["item_id"], str)
    assert isinstance(entry["name"], str) and isinstance(entry["description"], str) and isinstance(entry["metadata"], dict)
    assert isinstance(entry["source"], str) and is_number(entry["score"])
    item = entry["item"]
    assert set(item) == {"id", "object", "name", "description", "metadata", "active", "created", "updated_at"}
    assert (item["id"], item["object"], item["name"], item["metadata"]) == (entry["id"], "item", entry["name"], entry["metadata"])
    assert is_integer(item["created"]) and is_integer(item["updated_at"]) and item["active"] is True
    if explained:
        explanation = entry["explanation"]
        assert set(explanation) == EXPLANATION
        assert (explanation["item_id"], explanation["rank"]) == (entry["id"], entry["rank"])
        assert set(explanation["score"]) == {"final", "base", "cosine_distance", "retrieval", "ranker"}
        assert explanation["score"]["final"] == entry["score"]
        check_explanation_context(explanation["context"])
        check_stages(explanation["pipeline"]["stages"])


def check_v1_group(group, explained=False):
    assert set(group) == (V1_ENTRY - {"source"}) | {"group", "items"}
    assert group["object"] == "recommendation_group" and isinstance(group["group"], str) and group["items"]
    for entry in group["items"]:
        check_v1_entry(entry, explained)
        assert entry["group"] == group["group"]
    check_scores(group["items"])
    for key in ("id", "entity_id", "item_id", "name", "description", "metadata", "score"):
        assert group[key] == group["items"][0][key]


def check_v1_recommendations(answer, grouped=False, auto=False, explained=False, more=(), url="/v1/recommendations",
                             message="Recommendations fetched"):
    """A 200 of /v1/recommendations, or of what answers alike; returns its body."""
    assert answer.status == 200, answer
    check_headers(answer)
    body = answer.json()
    expected = V1_BODY | set(more) | ({"section", "done"} if auto else set()) | ({"explanation"} if explained else set())
    assert set(body) == expected, set(body) ^ expected
    assert body["object"] == "list" and body["url"] == url and body["mode"] == ("auto" if auto else "single")
    assert body["message"] == ("Auto section generated" if auto else message)
    assert body["request_id"] == answer.request_id
    assert body["data"] == body["recommendations"]
    assert body["has_more"] is (body["next_cursor"] is not None)
    assert is_integer(body["limit"]) and 1 <= body["limit"] <= 100
    assert body["quantity"] == len(body["data"]) <= body["limit"]
    assert body["experiments"] == [] and body["user_segments"] == [] and body["pipeline_id"] is None
    info = body["embedding_info"]
    assert set(info) - {"averaged_interactions"} == {"source", "used_default", "default_reason", "dimension", "expected_dimension"}
    assert [entry["rank"] for entry in body["data"]] == list(range(1, len(body["data"]) + 1))
    for entry in body["data"]:
        (check_v1_group if grouped else check_v1_entry)(entry, explained)
    check_scores(body["data"])
    ids = [item["item_id"] for entry in body["data"] for item in (entry["items"] if grouped else [entry])]
    assert len(set(ids)) == len(ids), "no item twice"
    if auto:
        assert body["done"] is (not body["has_more"])
        if body["section"] is None:
            assert body["data"] == [] and body["done"] is True
        else:
            assert {"section_id", "title", "reason"} == set(body["section"]) and body["data"]
    if explained:
        explanation = body["explanation"]
        assert set(explanation) == {"scope", "note", "context", "pipeline", "experiments", "user_segments", "embedding"}
        assert explanation["scope"] == "request"
        check_explanation_context(explanation["context"])
        check_stages(explanation["pipeline"]["stages"])
    return body


EXPLAIN_BODY = {"object", "request_id", "url", "item_id", "itemId", "name", "entity_type", "user_id", "context_id", "appears", "rank",
                "list_rank", "list_length", "group", "page", "score", "final_score", "finalScore", "breakdown", "source", "summary",
                "applied_rules", "reasons", "pipeline_stages", "processing_time_ms"}


def check_explain(answer):
    """A 200 of /explain; returns its body."""
    assert answer.status == 200, answer
    check_headers(answer)
    body = answer.json()
    missing = {"error"} if {"unknown", "deleted"} & {reason["reason"] for reason in body["reasons"]} else set()
    assert set(body) == EXPLAIN_BODY | missing, set(body) ^ EXPLAIN_BODY
    assert body["request_id"] == answer.request_id and body["object"] == "explanation"
    assert body["score"] == body["final_score"] == body["finalScore"] and body["item_id"] == body["itemId"]
    assert body["score"] is None or is_number(body["score"])
    assert all(is_number(value) for value in body["breakdown"].values())
    assert body["applied_rules"] == []
    check_stages(body["pipeline_stages"])
    assert isinstance(body["appears"], bool) and body["appears"] is (body["rank"] is not None)
    assert bool(body["reasons"]) is not body["appears"], "an absence has reasons, a presence none"
    return body


ITEM = {"id", "object", "name", "description", "metadata", "active", "created", "updated_at"}


def check_item(item, integers=False):
    """An item resource; returns it."""
    assert set(item) == ITEM, item
    assert item["object"] == "item"
    assert isinstance(item["id"], str) or (integers and is_integer(item["id"]))
    assert isinstance(item["name"], str) and item["name"] and isinstance(item["description"], str)
    assert isinstance(item["metadata"], dict) and isinstance(item["active"], bool)
    assert is_integer(item["created"]) and is_integer(item["updated_at"])
    return item


def check_item_answer(answer, integers=False):
    assert answer.status == 200, answer
    check_headers(answer)
    return check_item(answer.json(), integers)


def check_list_answer(answer, url):
    """A 200 with the envelope of lists; returns its body."""
    assert answer.status == 200, answer
    check_headers(answer)
    body = answer.json()
    assert {"object", "data", "has_more", "next_cursor", "url"} <= set(body)
    assert body["object"] == "list" and body["url"] == url
    assert isinstance(body["data"], list) and isinstance(body["has_more"], bool)
    assert body["next_cursor"] is None or isinstance(body["next_cursor"], str)
    assert (body["next_cursor"] is None) is not body["has_more"]
    return body


def check_deleted_answer(answer, ids, count):
    """A 200 of a DELETE of items: what the clients of every age read."""
    assert answer.status == 200, answer
    check_headers(answer)
    body = answer.json()
    assert {"object", "message", "itemIds", "deletedCount", "processing_time_ms"} <= set(body)
    assert body["object"] == "deleted_item" and isinstance(body["message"], str)
    assert body["itemIds"] == ids and body["deletedCount"] == count, answer
    assert ("itemId" in body) is (len(ids) == 1) is ("id" in body)
    assert is_integer(body["processing_time_ms"])
    return body


def check_item_search_answer(answer):
    """A 200 of GET /items/search; returns its body."""
    assert answer.status == 200, answer
    check_headers(answer)
    body = answer.json()
    assert set(body) == {"object", "query", "items", "total", "total_exact", "limit", "processing_time_ms"}
    assert len(body["items"]) <= body["limit"] and len(body["items"]) <= body["total"]
    for item in body["items"]:
        check_item({key: value for key, value in item.items() if key not in ("entity_id", "itemId")})
        assert item["entity_id"] == item["itemId"] == item["id"]
    return body


def check_search(answer, query, grouped=False, explained=False, url="/v1/search"):
    """A 200 of a search; returns its body."""
    body = check_v1_recommendations(answer, grouped, explained=explained, more={"query"}, url=url, message="Search results fetched")
    assert body["query"] == query
    return body


EVENT = {"id", "object", "user_id", "type", "session_id", "request_id", "context_id", "placement", "metadata",
         "occurred_at", "created"}


def check_event(event):
    """An event resource; the object named after its type may stand beside the other fields."""
    assert EVENT <= set(event) <= EVENT | {event["type"], "item_id"}, event
    assert re.fullmatch("[1-9][0-9]*", event["id"]) and event["object"] == "event"
    assert isinstance(event["user_id"], str) and isinstance(event["type"], str)
    assert isinstance(event["item_id"], str) if "item_id" in event else event["type"] == "search"
    for name in ("session_id", "request_id", "context_id", "placement"):
        assert event[name] is None or (isinstance(event[name], str) and event[name])
    assert isinstance(event["metadata"], dict)
    if event["type"] in event:
        assert event["metadata"][event["type"]] == event[event["type"]]
    if event["context_id"] is not None:
        assert event["metadata"]["context_id"] == event["context_id"]
    assert is_integer(event["occurred_at"]) and is_integer(event["created"])
    return event


LIST = {"object", "data", "has_more", "next_cursor", "url"}


def check_event_list(answer, url="/v1/events"):
    """A page of events; returns the body."""
    assert answer.status == 200, answer
    check_headers(answer)
    body = answer.json()
    assert set(body) == LIST and body["object"] == "list" and body["url"] == url
    assert isinstance(body["has_more"], bool)
    assert body["next_cursor"] == (body["data"][-1]["id"] if body["has_more"] else None)
    for event in body["data"]:
        check_event(event)
    return body


def check_event_errors(errors, processed):
    assert errors and [error["index"] for error in errors] == sorted({error["index"] for error in errors})
    for error in errors:
        assert set(error) == {"index", "code", "message"} and 0 <= error["index"] < processed
        assert isinstance(error["message"], str) and error["message"] and error["code"] in STATUS_OF_CODE


def check_events_answer(answer):
    """A 200 of POST /v1/events; returns the body."""
    assert answer.status == 200, answer
    check_headers(answer)
    body = answer.json()
    assert LIST | {"success", "inserted", "processed", "session", "embedding_refresh"} <= set(body)
    assert set(body) - LIST <= {"success", "inserted", "processed", "session", "embedding_refresh", "errors"}
    assert body["object"] == "list" and body["url"] == "/v1/events"
    assert body["has_more"] is False and body["next_cursor"] is None
    for event in body["data"]:
        check_event(event)
    errors = body.get("errors", [])
    if "errors" in body:
        check_event_errors(errors, body["processed"])
    assert is_integer(body["inserted"]) and is_integer(body["processed"])
    assert len(body["data"]) == body["processed"] - len(errors) and 0 <= body["inserted"] <= len(body["data"])
    assert body["success"] is bool(body["data"])
    assert body["session"] == {"with_session_id": sum(event["session_id"] is not None for event in body["data"]),
                               "with_request_id": sum(event["request_id"] is not None for event in body["data"])}
    refresh = body["embedding_refresh"]
    assert set(refresh) == {"users_in_batch", "enqueued", "mode", "min_seconds"}
    assert refresh["users_in_batch"] == len({event["user_id"] for event in body["data"]})
    assert isinstance(refresh["enqueued"], bool) and refresh["mode"] == "async" and is_integer(refresh["min_seconds"])
    return body


def check_plain_events_answer(answer):
    """A 200 of POST /events; returns the body."""
    assert answer.status == 200, answer
    check_headers(answer)
    body = answer.json()
    assert {"message", "success", "id", "inserted", "processed"} <= set(body)
    assert set(body) <= {"message", "success", "id", "ids", "inserted", "processed", "errors"}
    assert isinstance(body["message"], str) and body["message"] and isinstance(body["success"], bool)
    assert body["id"] is None or is_integer(body["id"])
    if "ids" in body:
        assert len(body["ids"]) == body["processed"] and body["ids"][0] == body["id"]
    if "errors" in body:
        check_event_errors(body["errors"], body["processed"])
    return body

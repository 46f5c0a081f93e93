"""The peer: what a Python team would build for the same two documents. FastAPI, uvicorn with uvloop and httptools, PyMySQL in
SQLAlchemy's pool, NumPy for the model in memory, ujson for the answers.

In its favour: no web server in front, tenant and token's client are taken from memory, the embedding's row is not stored, parameters
beyond those that the benchmark sends are not checked. The same as Palate: HS256 token, the user's newest 200 events read live, one row of
what was asked and one of what was answered committed together before the answer, and the documents' shapes.

Environment: PEER_MODEL (see model.py), PEER_SOCKET, PEER_USER, PEER_PASSWORD, PEER_SECRET, PEER_TENANT, PEER_POOL (connections of one
process), PEER_THREADS: yes runs requests in FastAPI's threads, no in the event loop itself.
"""
import os
import secrets
import time
from typing import Optional

import jwt
import pymysql
import ujson
from fastapi import FastAPI, Header, HTTPException, Request
from fastapi.responses import UJSONResponse
from model import Model
from pydantic import BaseModel
from sqlalchemy.pool import QueuePool

SCOPE = "neuronsearchlab-api/read"
SECRET, TENANT = os.environ["PEER_SECRET"], int(os.environ["PEER_TENANT"])
LOG_TENANT = 4100000000
MODEL = Model(os.environ["PEER_MODEL"])

SEQUENCE = ("INSERT INTO sequences (tenant_id, request_id, endpoint, client_id, user_id, task, template, input)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)")
DECISION = ("INSERT INTO decisions (tenant_id, sequence_id, settlement_key, recommender, model_generation, result_count, results,"
            " processing_us) VALUES (%s, %s, %s, 'peer', 1, %s, %s, %s)")
RECENT = ("SELECT item_id, event_type_id FROM events FORCE INDEX (events_by_user) WHERE tenant_id = %s AND user_id = %s"
          " ORDER BY occurred_at DESC, event_id DESC LIMIT 200")


def connect():
    return pymysql.connect(unix_socket=os.environ["PEER_SOCKET"], user=os.environ["PEER_USER"], password=os.environ["PEER_PASSWORD"],
                           database="palate", charset="utf8mb4", autocommit=False,
                           init_command="SET SESSION tx_isolation='READ-COMMITTED'")


pool = QueuePool(connect, pool_size=int(os.environ.get("PEER_POOL", "10")), max_overflow=0, reset_on_return=None)
app = FastAPI()


class PriceRange(BaseModel):
    min: Optional[float] = None
    max: Optional[float] = None


class Preferences(BaseModel):
    categories: list[str] = []
    price_range: PriceRange = PriceRange()


class SequenceData(BaseModel):
    customer_preferences: Preferences = Preferences()
    browsing_history: list[str] = []
    purchase_history: list[str] = []


class Recommend(BaseModel):
    sequence_data: SequenceData
    task: str
    template: str
    quantity: int = 10


def client(authorization):
    if not authorization or not authorization.startswith("Bearer "):
        raise HTTPException(401)
    try:
        claims = jwt.decode(authorization[7:], SECRET, algorithms=["HS256"], options={"require": ["exp"]})
    except jwt.InvalidTokenError:
        raise HTTPException(401)
    return claims


def log(connection, sequence, results, started):
    """Both rows, committed. Returns the decision's number."""
    with connection.cursor() as cursor:
        cursor.execute(SEQUENCE, (LOG_TENANT, secrets.token_hex(16), *sequence))
        cursor.execute(DECISION, (LOG_TENANT, cursor.lastrowid, secrets.token_bytes(16), len(results),
                                  ujson.dumps([{"item_id": item["id"], "score": score, "source": "model"} for item, score, _ in results]),
                                  int((time.monotonic() - started) * 1e6)))
        decision = cursor.lastrowid
    connection.commit()
    return decision


def answer_recommend(body, authorization):
    started, claims, data = time.monotonic(), client(authorization), body.sequence_data
    wanted = data.customer_preferences
    history = [(item, 3.0) for item in reversed(data.purchase_history)] + [(item, 1.0) for item in reversed(data.browsing_history)]
    results = MODEL.recommend(history, body.quantity, MODEL.preferred(wanted.categories, wanted.price_range.min, wanted.price_range.max))
    connection = pool.connect()
    try:
        decision = log(connection, ("POST /api/recommend/recommend", claims["client_id"], None, body.task, body.template, body.json()),
                       results, started)
    finally:
        connection.close()
    return UJSONResponse({"status_code": 200, "results": [
        {"recommendation_id": decision * 128 + rank, "score": score, "rank": rank, "item_id": item["id"], "name": item["name"],
         "metadata": item["metadata"]} for rank, (item, score, _) in enumerate(results, 1)]})


def entry(rank, item, score, number):
    metadata = {**item["metadata"], "name": item["name"]}
    return {"object": "recommendation", "id": item["id"], "entity_id": item["id"], "item_id": item["id"], "rank": rank, "score": score,
            "name": item["name"], "description": "", "metadata": metadata, "embedding": MODEL.vectors[number],
            "item": {"id": item["id"], "object": "item", "name": item["name"], "description": "", "metadata": metadata},
            "source": "model", "group": None}


def answer_recommendations(query, authorization):
    started, claims = time.monotonic(), client(authorization)
    if SCOPE not in claims.get("scope", "").split():
        raise HTTPException(403)
    user, quantity = query.get("user_id", claims["sub"]), int(query.get("quantity", "20"))
    connection = pool.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute(RECENT, (TENANT, user))
            history = [(item, 1.0) for item, _ in cursor.fetchall()]
        results = MODEL.recommend(history, quantity)
        log(connection, ("GET /recommendations", claims["client_id"], user, None, None, ujson.dumps(dict(query))), results, started)
    finally:
        connection.close()
    entries = [entry(rank, *result) for rank, result in enumerate(results, 1)]
    return UJSONResponse({
        "object": "list", "message": "Recommendations fetched", "request_id": secrets.token_hex(16), "url": "/recommendations",
        "mode": "single", "embedding": {"entity_id": user, "entity_type": "User", "name": "", "description": "", "metadata": {}},
        "data": entries, "recommendations": entries, "count": len(entries), "quantity": len(entries), "limit": quantity,
        "has_more": False, "next_cursor": None, "embedding_info": {"source": "db", "used_default": False, "dimension": 64},
        "cold_start_fallback_used": not history, "excluded_viewed_items": None,
        "processing_time_ms": int((time.monotonic() - started) * 1000)})


if os.environ.get("PEER_THREADS") == "yes":
    @app.post("/api/recommend/recommend")
    def recommend(body: Recommend, authorization: Optional[str] = Header(None)):
        return answer_recommend(body, authorization)

    @app.get("/recommendations")
    def recommendations(request: Request, authorization: Optional[str] = Header(None)):
        return answer_recommendations(request.query_params, authorization)
else:
    @app.post("/api/recommend/recommend")
    async def recommend(body: Recommend, authorization: Optional[str] = Header(None)):
        return answer_recommend(body, authorization)

    @app.get("/recommendations")
    async def recommendations(request: Request, authorization: Optional[str] = Header(None)):
        return answer_recommendations(request.query_params, authorization)

"""The sample shop of etc/demo/shop, cut short, and the requests that a shop sends."""
import gzip
import lzma

from harness.layers import CHECKOUT

DATA = CHECKOUT / "etc/demo/shop"
ITEMS, EVENTS = "/srv/shop/items.jsonl", "/srv/shop/purchases.csv"
DESCRIBED = ('{"sequence_data": {"customer_preferences": {"categories": ["kitchen"]}, "browsing_history": ["22423"]},'
             ' "task": "product_recommendation", "template": "personalized", "quantity": 5}')


def put_files(root, purchases=5000):
    """All items, and the first purchases. Returns their paths in the root."""
    root.put(ITEMS, gzip.decompress((DATA / "items.jsonl.gz").read_bytes()))
    with lzma.open(DATA / "purchases.csv.xz", "rb") as lines:
        root.put(EVENTS, b"".join(next(lines) for _ in range(purchases + 1)))
    return ITEMS, EVENTS


def ask(root, token, base="http://localhost"):
    """Both documents' examples: the answers to POST /api/recommend/recommend and GET /recommendations."""
    headers = {"Authorization": f"Bearer {token}"}
    described = root.request("POST", f"{base}/api/recommend/recommend", {**headers, "Content-Type": "application/json"}, DESCRIBED)
    known = root.request("GET", f"{base}/recommendations?user_id=17850&quantity=5", headers)
    return described, known

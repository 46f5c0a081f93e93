"""The planted shop: small, and with one right answer to each question that the tests ask.

Six categories of ten items, four items of stationery with digits as ids, and two with ids that need quoting.
Purchases are planted so that the items of PAIRS are bought together and with nothing else; POPULAR has by far the most
purchases, all of them long ago; TRENDING has the most of the last days.
"""
import json
import random

PREFIXES = {"el": "electronics", "bo": "books", "ga": "garden", "to": "toys", "ki": "kitchen", "mu": "music"}
THINGS = {
    "el": "Camera Card Radio Torch Charger Screen Keyboard Printer Scanner Antenna",
    "bo": "Cookery Atlas Novel Poems Thriller Dictionary Biography Comic Diary Bible",
    "ga": "Spade Bulbs Hose Rake Seeds Trowel Fence Shears Barrow Lantern",
    "to": "Whistle Puzzle Kite Doll Robot Blocks Marbles Yo-yo Train Balloon",
    "ki": "Knife Kettle Pan Bowl Whisk Toaster Spoon Plate Jug Scales",
    "mu": "Flute Drum Harp Violin Guitar Horn Cymbal Banjo Organ Cello",
}
BRANDS = ("Acme", "Birch", "Corvo")
BASE_PRICE = {"el": 40.0, "bo": 5.5, "ga": 12.25, "to": 3.0, "ki": 20.0, "mu": 90.0}

PAIRS = [("el-01", "el-02"), ("bo-01", "ki-01"), ("ga-01", "ga-02"), ("1001", "1002"), ("mu-01", "to-01")]
BUYERS_OF_A_PAIR = 12
POPULAR, TRENDING = "to-09", "mu-09"
QUOTED, EMOJI = "st'q\"%41", "st-\U0001f381"
DAY = 86400


def items():
    """Every item as `palate import items` takes it."""
    rows = []
    for prefix, category in PREFIXES.items():
        for number, thing in enumerate(THINGS[prefix].split(), 1):
            metadata = {"category": category, "price": BASE_PRICE[prefix] * number, "stock": number,
                        "size": {"width": number * 10}, "labels": [category[:3], "even" if number % 2 == 0 else "odd"]}
            if number != 10:
                metadata["brand"] = BRANDS[number % 3]
            # The texts are equally alike for all, so that likeness of content speaks for none of them.
            rows.append({"id": f"{prefix}-{number:02d}", "name": thing, "description": f"One {thing.lower()}", "metadata": metadata})
    for number in range(1, 5):
        rows.append({"id": f"100{number}", "name": f"Pencil {number}", "description": "",
                     "metadata": {"category": "stationery", "price": number, "name": "a name of the shop's own"}})
    rows.append({"id": QUOTED, "name": "Ink \"black\" 100%", "metadata": {"category": ["stationery", "gifts"], "price": 7}})
    rows.append({"id": EMOJI, "name": "Wrapping \U0001f381", "metadata": {"category": ["gifts"], "price": 0}})
    return rows


ITEMS = {item["id"]: item for item in items()}


def purchases(now, pairs=tuple(PAIRS)):
    """(user, item, Unix seconds) for the whole planted history."""
    chance = random.Random(7)
    rows = []
    for index, pair in enumerate(pairs):
        for buyer in range(BUYERS_OF_A_PAIR):
            moment = now - (20 + 10 * buyer) * DAY
            rows += [(f"pair{index}-{buyer}", item, moment + at) for at, item in enumerate(pair)]
    rows += [(f"old-{buyer}", POPULAR, now - (300 + buyer) * DAY) for buyer in range(60)]
    rows += [(f"new-{buyer}", TRENDING, now - DAY - buyer * 3600) for buyer in range(30)]
    others = sorted(set(ITEMS) - {item for pair in pairs for item in pair} - {POPULAR, TRENDING, QUOTED, EMOJI})
    for buyer in range(60):
        for item in chance.sample(others, 2):
            rows.append((f"other-{buyer}", item, now - chance.randrange(30, 250) * DAY))
    return sorted(rows, key=lambda row: row[2])


def write_items(path, rows=None):
    rows = list(ITEMS.values()) if rows is None else rows
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_events(path, rows, kind="purchase"):
    lines = ["user_id,item_id,type,occurred_at"]
    for user, item, moment in rows:
        lines.append(",".join('"' + text.replace('"', '""') + '"' for text in (user, item, kind, str(int(moment)))))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path

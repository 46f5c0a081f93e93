"""Catalogues of 1,000 to 1,000,000 made items, and users with 0, 50 and 5,000 events: time per answer and memory.

Everything is measured twice: the engine alone (bench-growth, which is given at most the 200 events that a worker reads), and whole requests
through lighttpd, for users whose events lie in the database.
"""
import json
import os
import random
import subprocess

from kit.measure import load, memory
from kit.world import BUILD, claims_for, sign

CATALOGUES = (1000, 10_000, 100_000, 1_000_000)
HISTORIES = (0, 50, 5000)
NEWEST = 200  # of a user's events that a worker reads
NAMES = ("amber", "birch", "cobalt", "denim", "ember", "fern", "granite", "hazel", "indigo", "jade", "kelp", "linen")


def make_items(path, count):
    draw = random.Random(count)
    with open(path, "w", encoding="ascii") as out:
        for number in range(count):
            out.write(json.dumps({"id": f"i{number:07}", "name": " ".join(draw.choice(NAMES) for _ in range(4)) + f" {number // 100}",
                                  "metadata": {"category": f"c{number // 100 % 50}", "price": draw.randrange(1, 500)}}) + "\n")


def make_events(path, count):
    """Twenty events of each of as many users as there are items, up to 100,000: users have a taste in three groups of a hundred items.
    And the three users whose requests are measured."""
    draw = random.Random(count)
    with open(path, "w", encoding="ascii") as out:
        out.write("user_id,item_id,type,occurred_at\n")
        for user in range(min(count, 100_000)):
            tastes = [draw.randrange(count // 100) for _ in range(3)]
            for event in range(20):
                out.write(f"u{user},i{draw.choice(tastes) * 100 + int(100 * draw.random() ** 2):07},view,{1_600_000_000 + event * 3600}\n")
        for length in HISTORIES:
            tastes = [draw.randrange(count // 100) for _ in range(3)]
            for event in range(length):
                out.write(f"with-{length},i{draw.choice(tastes) * 100 + int(100 * draw.random() ** 2):07},view,{1_600_000_000 + event * 600}\n")


def prepare(world, count):
    """A tenant with a catalogue of that size, trained. Returns its token."""
    key, folder = f"grown-{count}", world.stand.root / f"grown-{count}"
    folder.mkdir()
    make_items(folder / "items.jsonl", count)
    make_events(folder / "events.csv", count)
    tool = world.stand.tool
    tool.tenant(key)
    tool.client(key, f"{key}-client")
    # By default training takes half of the memory at most; nothing else runs here.
    memory = f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') * 85 // 100 >> 20}M"
    for command in (("import", "items", folder / "items.jsonl", "--tenant", key), ("import", "events", folder / "events.csv", "--tenant", key),
                    ("train", "--tenant", key, "--memory", memory)):
        tool.run(*command, timeout=7200)
    return key, sign(claims_for(f"{key}-client", exp=2_000_000_000), world.stand.secret)


def measure(world, count, rounds):
    """A list of points: {items, events, engine_us, request_us, private_mib, touched_bytes, read_touched_us, read_vectors_us}."""
    key, token = prepare(world, count)
    front = world.fronts["palate", "lighttpd"]
    model = world.stand.models / f"tenant-{world.stand.tenant_id(key)}.palate"
    given = [min(length, NEWEST) for length in HISTORIES]
    lines = subprocess.run([BUILD / "bench-growth", model, *map(str, given)], check=True, stdout=subprocess.PIPE, text=True).stdout
    engine = [json.loads(line) for line in lines.splitlines()]
    own, world.token = world.token, token
    times = {length: [] for length in HISTORIES}
    try:
        for length in HISTORIES:
            world.write_lines(f"grown-{length}", [f"GET\t/recommendations?user_id=with-{length}&quantity=20\t"])
            load(world, front.port, f"grown-{length}", 16, 1)
        for _ in range(rounds):
            for length in HISTORIES:
                times[length].append(load(world, front.port, f"grown-{length}", 1, 1)["p50_us"])
    finally:
        world.token = own
    private = max(memory(pid)["private"] for pid in front.workers()) / 2**20
    return [{"items": count, "events": length, "request_us": sorted(times[length])[rounds // 2], "private_mib": round(private, 2),
             "model_mb": round(model.stat().st_size / 1e6, 1), "engine_us": found["median_us"], "engine_private_mib": found["private_kib"] / 1024,
             "touched_bytes": found["touched_bytes"], "read_touched_us": found["read_touched_us"], "read_vectors_us": found["read_vectors_us"]}
            for length, found in zip(HISTORIES, engine)]

"""docs/operations.md, "Upgrade", "Removal" and "Backup", played as they stand. During the upgrade requests go on, and none is lost."""
import re
import time

import pytest
from harness import shop
from harness.operations import blocks, play, put_systemctl
from harness.product import copy_checkout
from harness.root import differences
from harness.setup import HOST, SERVICES, answers, run_setup, serving_root, tree

LEAST_REQUESTS = 300
# What a `git pull` brings: a worker that says of itself that it is another, and a schema that has grown.
PULL = """#!/bin/bash
set -e
[ "$*" = pull ]
sed -i '0,/"version": "1"/s//"version": "next"/' fcgi/api/openapi.json
newest=$(ls sql | sed -n 's/^0*\\([0-9]*\\)-.*/\\1/p' | sort -n | tail -n 1)
cat >sql/$(printf %03d $((newest + 1)))-next.sql <<'SQL'
CREATE TABLE next_things (tenant_id INT UNSIGNED NOT NULL, PRIMARY KEY (tenant_id));
ALTER TABLE decisions ADD COLUMN next_thing INT NULL;
SQL
"""
# Two clients without a pause; a line for each answer: seconds, status, how it was asked.
ASKER = """#!/bin/bash
token=$1 name=$2
headers=(-H "Authorization: Bearer $token" -H 'Content-Type: application/json')
while [ ! -e /tmp/enough ]; do
    if [ "$name" = get ]; then
        asked=("http://HOST/recommendations?user_id=17850&quantity=5")
    else
        asked=(-d @/tmp/described "http://HOST/api/recommend/recommend")
    fi
    curl -sS --connect-to ::127.0.0.1: --max-time 30 -o /tmp/answer.$name -w "%{time_total} %{http_code} $name\\n" "${headers[@]}" "${asked[@]}" \\
        >>/tmp/asked.$name 2>&1 || { echo "--"; date; cat /tmp/answer.$name; } >>/tmp/failed 2>&1
done
"""


def shop_root(machine, server):
    root = serving_root(machine, server)
    items, events = shop.put_files(root)
    run_setup(root, "--server", server, "--items", items, "--events", events)
    put_systemctl(root)
    token = root.run("palate token --client $(sed -n 's/^client_id *//p' /etc/palate/client-my-shop.txt)").out.strip()
    return root, token


def for_server(script, server):
    """The page names Apache's service, "or lighttpd"."""
    return re.sub(r"(systemctl reload) apache2\b", rf"\1 {SERVICES[server]}", script)


def version(root):
    return root.request("GET", f"http://{HOST}/openapi.json").json["info"]["version"]


@pytest.mark.parametrize("server", ("apache", "lighttpd"))
def test_an_upgrade_loses_no_request(machine, server):
    root, token = shop_root(machine, server)
    copy_checkout(root, "/root/palate")
    root.put("/usr/local/sbin/git", PULL, "0755")
    root.put("/tmp/ask", ASKER.replace("HOST", HOST), "0755")
    root.put("/tmp/described", shop.DESCRIBED)
    assert version(root) == "1"
    for name in ("get", "post"):
        root.start_process(f"/tmp/ask {token} {name}")
    root.wait_until("test $(cat /tmp/asked.get /tmp/asked.post | wc -l) -gt 20")
    done = play(root, for_server("\n".join(blocks("Upgrade")), server), directory="/root/palate", timeout=900)
    # The workers that ran go on for as long as they have something to answer.
    time.sleep(3)
    root.run("touch /tmp/enough")
    asked = root.read("/tmp/asked.get") + root.read("/tmp/asked.post")
    failed = root.read("/tmp/failed") if root.exists("/tmp/failed") else ""
    statuses = [line.split()[1] for line in asked.splitlines()]
    slowest = max(float(line.split()[0]) for line in asked.splitlines())
    print(f"\n{server}: {len(statuses)} requests during an upgrade of {done.seconds:.0f} s, the slowest {slowest:.2f} s")
    assert len(statuses) >= LEAST_REQUESTS, asked
    assert set(statuses) == {"200"} and not failed, (sorted(set(statuses)), failed)
    assert version(root) == "next"
    workers = root.run("for exe in /proc/[0-9]*/exe; do readlink $exe; done | grep palate.fcgi", check=False).lines
    assert workers and set(workers) == {"/usr/local/lib/palate/palate.fcgi"}, workers
    assert int(root.sql("SELECT COUNT(*) FROM decisions", "palate")[0][0]) >= len(statuses)


@pytest.mark.parametrize("drop", (False, True))
def test_removal_by_the_page(machine, drop):
    bare = machine("apache", palate=False)
    root = machine("apache")
    for each in (bare, root):
        each.start("mariadb", "apache2")
    put_systemctl(root)
    databases = root.sql("SHOW DATABASES")
    run_setup(root)
    remove, dropping = blocks("Removal")
    assert dropping.startswith("palate setup --remove --drop-data")
    play(root, dropping + remove if drop else remove)
    found = [line for line in differences(tree(bare), tree(root)) if "systemctl" not in line]
    # What differs on any two machines: apt's and dpkg's own moments, and certificates of the host.
    assert [line for line in found if "palate" in line.lower()] == [], found
    assert not answers(root)
    assert root.request("GET", "/").status == 200
    assert (root.sql("SHOW DATABASES") == databases) is drop


def described(root, token):
    answer = root.request("GET", f"http://{HOST}/recommendations?user_id=17850&quantity=20", {"Authorization": f"Bearer {token}"})
    assert answer.status == 200, answer
    return [(entry["entity_id"], entry["score"]) for entry in answer.json["recommendations"]]


def test_a_backup_is_restored_on_another_machine(machine):
    root, token = shop_root(machine, "apache")
    before = described(root, token)
    assert len(before) == 20
    backup, restore = blocks("Backup")
    play(root, backup)
    files = root.run("ls /root/palate-*").lines
    assert len(files) == 2 and all(root.owner(file) == "root:root 0600" for file in files), files
    other = machine("apache")
    # There the next system user has another number.
    other.run("useradd --system somebody-else")
    other.start("mariadb", "apache2")
    for file in files:
        other.put(file, root.bytes_of(f"cat {file}"), "0600")
    done = play(other, restore)
    assert described(other, token) == before, done
    owners = ("palate.conf", "token.secret", "worker.password", "tool.password")
    assert [other.owner(f"/etc/palate/{name}") for name in owners] == [root.owner(f"/etc/palate/{name}") for name in owners]
    # And on this one, after all of it has been lost.
    run_setup(root, "--remove", "--drop-data")
    play(root, restore)
    assert described(root, token) == before

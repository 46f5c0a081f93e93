"""docs/operations.md, "By hand": its commands as they stand, under both servers."""
import pytest
from harness import shop
from harness.operations import blocks, play, put_systemctl
from harness.setup import HOST, SERVICES

NAMES = {"apache": "apache2", "lighttpd": "/etc/lighttpd"}


def commands(server):
    """One script: the steps in their order, of the web server's two blocks the one."""
    other = NAMES["lighttpd" if server == "apache" else "apache"]
    steps = blocks("By hand")
    chosen = [step for step in steps if other not in step]
    assert len(chosen) == len(steps) - 1, steps
    return "".join(chosen)


@pytest.mark.parametrize("server", (pytest.param("apache", marks=pytest.mark.short), "lighttpd"))
def test_an_installation_by_hand_answers(machine, server):
    root = machine(server)
    put_systemctl(root)
    items, events = shop.put_files(root, purchases=500)
    root.run(f"cp {items} /root/items.jsonl && cp {events} /root/purchases.csv")
    root.start("mariadb", SERVICES[server])
    done = play(root, commands(server))
    assert "0 to look at, 0 failed" in done.out, done
    token = root.run("palate token --client backend").out.strip()
    described, known = shop.ask(root, token, f"http://{HOST}")
    assert described.status == 200, described
    assert len(described.json["results"]) == 5
    assert known.status == 200, known
    assert root.request("GET", f"http://{HOST}/recommendations").status == 401
    # Cron takes no file that others than root may write to; and its user sees the same.
    assert root.owner("/etc/cron.d/palate") == root.owner("/etc/logrotate.d/palate") == "root:root 0644"
    root.run(f"cd / && PALATE_CONFIG=/etc/palate/palate.conf setpriv --reuid=palate --regid=palate --init-groups"
             f" palate doctor --url http://{HOST} --connect 127.0.0.1")

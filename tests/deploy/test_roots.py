"""That the roots are what the other tests take them for: machines of their own, with the distribution's servers in them."""
import os
import time

import pytest
from harness import layers as harness_layers
from harness.root import differences


@pytest.mark.short
def test_a_root_is_alone(machine):
    root = machine("bare", palate=False, hostname="alone")
    assert root.run("hostname").out == "alone\n"
    processes = root.run("ls -d /proc/[0-9]*").out.split()
    assert len(processes) <= 4, processes
    interfaces = root.run("cat /proc/net/dev").out
    assert "lo:" in interfaces and len(interfaces.splitlines()) == 3, interfaces


@pytest.mark.short
def test_what_a_root_writes_is_gone_with_it(machine):
    root = machine("bare", palate=False)
    root.put("/etc/mark", "made\n", "0640", "root:adm")
    assert (root.read("/etc/mark"), root.owner("/etc/mark")) == ("made\n", "root:adm 0640")
    pid = root.start_process("exec sleep 1000").pid
    inner = root.pid
    root.close()
    end = time.monotonic() + 5
    while os.path.exists(f"/proc/{pid}/cwd") and time.monotonic() < end:
        time.sleep(0.02)
    assert not os.path.exists(f"/proc/{inner}")
    assert not machine("bare", palate=False).exists("/etc/mark")


@pytest.mark.short
def test_a_snapshot_tells_every_change(machine):
    root = machine("bare", palate=False)
    for name in ("same", "text", "mode", "owner", "gone"):
        root.put(f"/srv/tree/{name}", name)
    root.run("ln -s same /srv/tree/link; mkdir /srv/tree/left; echo 1 >/srv/tree/left/out")
    before = root.snapshot_tree("/srv/tree", "/srv/none", leave_out=("/srv/tree/left",))
    root.run("cd /srv/tree; echo other >text; chmod 0600 mode; chown daemon owner; rm gone; ln -sfn text link; echo 1 >new; echo 2 >left/out")
    found = differences(before, root.snapshot_tree("/srv/tree", "/srv/none", leave_out=("/srv/tree/left",)))
    assert [line.split(" (")[0].replace("/srv/tree", "") for line in found] == [
        "gone: /gone", "changed: /link", "changed: /mode", "new: /new", "changed: /owner", "changed: /text"]


@pytest.mark.short
def test_a_small_disk_is_full_when_filled(machine):
    root = machine("bare", palate=False)
    root.small_disk("/srv/disk")
    root.run("echo fits >/srv/disk/file")
    root.fill("/srv/disk")
    assert root.run("echo no >/srv/disk/other", check=False).status != 0
    root.drain("/srv/disk")
    root.run("echo fits >/srv/disk/other")


@pytest.mark.parametrize("layer,service", (pytest.param("apache", "apache2", marks=pytest.mark.short), ("lighttpd", "lighttpd")))
def test_the_distributions_servers_run(machine, layer, service):
    root = machine(layer, palate=False)
    root.start("mariadb", service, "cron")
    assert root.sql("SELECT CURRENT_USER()") == [["root@localhost"]]
    answer = root.request("GET", "/")
    assert answer.status == 200, answer
    assert "Debian" in answer.text
    assert root.run("kill -0 $(cat /run/crond.pid)").status == 0
    root.stop(service)
    assert root.request("GET", "/").status == 0


@pytest.mark.short
@pytest.mark.parametrize("services", (True, False))
def test_packages_start_their_services_on_a_machine_and_not_in_a_container(machine, services):
    root = machine("archives", palate=False, services=services)
    root.run("apt-get update && apt-get install --yes --no-install-recommends cron")
    assert root.run("service cron status", check=False).status == (0 if services else 3)


@pytest.mark.short
def test_layers_are_removed_when_nobody_stands_on_them(layers, monkeypatch, tmp_path):
    assert layers  # only where roots can be made
    monkeypatch.setenv("DEPLOY_CACHE", str(tmp_path))
    monkeypatch.setattr(harness_layers.Layers, "_stack", lambda self, name: self.home / name)
    first = harness_layers.Layers()
    first.stack("bare")
    monkeypatch.setattr(harness_layers, "FORM", "another")
    second = harness_layers.Layers()
    assert second.home != first.home
    second.stack("bare")
    assert first.home.is_dir() and second.home.is_dir()
    first.close()
    second.home.rmdir()
    second.stack("bare")
    assert not first.home.exists() and second.home.is_dir()
    second.close()


@pytest.mark.short
def test_an_ordinary_user_is_nobody_else(machine):
    root = machine("bare", palate=False)
    home = root.user("anna")
    assert root.run("id -un; pwd; echo $HOME", user="anna").lines == ["anna", home, home]
    assert root.run("cat /etc/shadow", user="anna", check=False).status != 0

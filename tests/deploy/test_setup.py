"""`palate setup` on a machine of one's own: once, twice, tried, removed; and what it leaves to cron and logrotate."""
import json
import re
import time

import pytest
from harness import shop
from harness.root import differences
from harness.setup import HOST, SERVICES, answers, printed_curl, run_setup, serving_root, steps, tree

BOTH = (pytest.param("apache", marks=pytest.mark.short), "lighttpd")
OWNERS = {"/etc/palate": "root:root 0755", "/etc/palate/palate.conf": "root:root 0644",
          "/etc/palate/token.secret": "palate:www-data 0640", "/etc/palate/worker.password": "palate:www-data 0640",
          "/etc/palate/tool.password": "palate:palate 0600", "/var/lib/palate": "root:root 0755",
          "/var/lib/palate/models": "palate:www-data 2750", "/var/log/palate": "www-data:adm 2750"}
AGAIN = re.compile(r"import|train|doctor|recommendation|proof", re.IGNORECASE)


def shop_setup(root, server, *more, **how):
    items, events = shop.put_files(root)
    return run_setup(root, "--server", server, "--items", items, "--events", events, *more, **how)


@pytest.mark.parametrize("server", BOTH)
def test_one_command_makes_it_answer(machine, server):
    root = serving_root(machine, server)
    done = shop_setup(root, server)
    assert steps(done, "done"), done
    assert not steps(done, "would"), done
    assert {path: root.owner(path) for path in OWNERS} == OWNERS
    # The line that is printed is run as it stands; the host's name is known by then.
    root.put("/etc/hosts", root.read("/etc/hosts") + f"127.0.0.1 {HOST}\n")
    shown = root.run(printed_curl(done))
    assert '"' in shown.out, shown
    listed = json.loads(shown.out[shown.out.index("{"):] if not shown.out.startswith("[") else shown.out)
    assert listed, shown
    assert root.run(f"palate doctor --url http://{HOST}").status == 0
    print(f"\nsetup under {server}: {done.seconds:.1f} s")


@pytest.mark.parametrize("server", BOTH)
def test_a_second_run_keeps_everything(machine, server):
    root = serving_root(machine, server)
    shop_setup(root, server)
    before = root.snapshot_tree("/etc")
    users = root.sql("SELECT User, Host, Priv FROM mysql.global_priv ORDER BY 1, 2")
    again = run_setup(root, "--server", server)
    assert steps(again, "kept"), again
    assert [line for line in steps(again, "done") if not AGAIN.search(line)] == [], again
    assert differences(before, root.snapshot_tree("/etc")) == []
    assert root.sql("SELECT User, Host, Priv FROM mysql.global_priv ORDER BY 1, 2") == users
    assert root.sql("SELECT COUNT(*) FROM tenants", "palate") == [["1"]]
    assert answers(root)


@pytest.mark.parametrize("server", BOTH)
def test_a_dry_run_changes_nothing(machine, server):
    root = serving_root(machine, server)
    shop.put_files(root)
    before, databases = tree(root), root.sql("SHOW DATABASES")
    tried = run_setup(root, "--server", server, "--dry-run")
    assert steps(tried, "would"), tried
    assert not steps(tried, "done"), tried
    assert differences(before, tree(root)) == []
    assert root.sql("SHOW DATABASES") == databases
    assert root.sql("SELECT COUNT(*) FROM mysql.global_priv WHERE User LIKE 'palate%'") == [["0"]]


@pytest.mark.parametrize("server", BOTH)
def test_remove_leaves_what_was_there_before_and_the_database(machine, server):
    root = serving_root(machine, server)
    shop.put_files(root)
    before = tree(root)
    page = root.request("GET", f"http://{HOST}/")
    shop_setup(root, server)
    gone = run_setup(root, "--remove")
    assert steps(gone, "done"), gone
    assert differences(before, tree(root)) == []
    assert root.run("id palate", check=False).status != 0
    assert root.request("GET", f"http://{HOST}/").body == page.body
    assert int(root.sql("SELECT COUNT(*) FROM items", "palate")[0][0]) > 3000
    # And it comes back with what the database holds.
    run_setup(root, "--server", server)
    assert answers(root)
    assert int(root.sql("SELECT COUNT(*) FROM items", "palate")[0][0]) > 3000


@pytest.mark.parametrize("server", BOTH)
def test_remove_drops_the_data_when_told(machine, server):
    root = serving_root(machine, server)
    shop.put_files(root)
    before, databases = tree(root), root.sql("SHOW DATABASES")
    run_setup(root, "--server", server)
    run_setup(root, "--remove", "--drop-data")
    assert differences(before, tree(root)) == []
    assert root.sql("SHOW DATABASES") == databases
    assert root.sql("SELECT COUNT(*) FROM mysql.global_priv WHERE User LIKE 'palate%'") == [["0"]]
    nothing = run_setup(root, "--remove", check=False)
    assert nothing.status == 0, nothing
    assert not steps(nothing, "done"), nothing


@pytest.mark.parametrize("server", BOTH)
def test_another_site_goes_on(machine, server):
    root = machine(server)
    put_foreign_site(root, server)
    root.start("mariadb", SERVICES[server])
    assert foreign_page(root) == "the other site\n"
    default = root.request("GET", "http://elsewhere.test/").body
    run_setup(root, "--server", server)
    assert answers(root)
    assert foreign_page(root) == "the other site\n"
    assert root.request("GET", "http://elsewhere.test/").body == default
    run_setup(root, "--remove")
    assert foreign_page(root) == "the other site\n"
    assert not answers(root)


def put_foreign_site(root, server):
    root.put("/srv/other/index.html", "the other site\n")
    if server == "apache":
        root.put("/etc/apache2/sites-available/other.conf",
                 "<VirtualHost *:80>\nServerName other.test\nDocumentRoot /srv/other\n"
                 "<Directory /srv/other>\nRequire all granted\n</Directory>\n</VirtualHost>\n")
        root.run("a2ensite other")
    else:
        root.put("/etc/lighttpd/conf-enabled/40-other.conf",
                 '$HTTP["host"] == "other.test" {\n    server.document-root = "/srv/other"\n}\n')


def foreign_page(root):
    return root.request("GET", "http://other.test/index.html").text


def cron_entries(root):
    """(environment, [(schedule, user, command)]) of /etc/cron.d/palate, as cron reads it."""
    environment, entries = {"SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}, []
    for line in root.read("/etc/cron.d/palate").splitlines():
        if setting := re.match(r"(\w+)\s*=\s*(.*)$", line):
            environment[setting.group(1)] = setting.group(2).strip("\"'")
        elif line.strip() and not line.lstrip().startswith("#"):
            *schedule, user, command = line.split(None, 6)
            assert not re.search(r"(?<!\\)%", command), f"cron ends the command at its first %: {command}"
            entries.append((" ".join(schedule), user, command))
    assert entries, root.read("/etc/cron.d/palate")
    return environment, entries


def newest_model(root):
    # The inode too: two trainings may end in the same second, and a file of the same bytes is a new one all the same.
    return root.run("stat -c '%i %Y %n' /var/lib/palate/models/*").out


@pytest.mark.short
def test_what_cron_runs_works_in_crons_environment(machine):
    root = serving_root(machine, "apache")
    shop_setup(root, "apache")
    environment, entries = cron_entries(root)
    before = newest_model(root)
    for _, user, command in entries:
        home = root.run(f"getent passwd {user}").out.split(":")[5]
        given = " ".join(f"'{name}={value}'" for name, value in {**environment, "HOME": home, "LOGNAME": user}.items())
        root.put("/tmp/command", command, "0644")
        done = root.run(f"cd {home} && env -i {given} setpriv --reuid={user} --regid={user} --init-groups"
                        " /bin/sh -c \"$(cat /tmp/command)\"")
        # Cron mails whatever is printed.
        assert done.text == "", done
    assert newest_model(root) != before
    assert root.owner("/etc/cron.d/palate") == "root:root 0644"


def test_cron_itself_trains(machine):
    root = serving_root(machine, "apache")
    shop_setup(root, "apache")
    _, entries = cron_entries(root)
    schedule = next(schedule for schedule, _, command in entries if " train" in command)
    # Cron has just read the file, and tells a change by its second.
    time.sleep(1.1)
    pattern = r"\s\+".join(re.escape(part).replace(r"\-", "-") for part in schedule.split())
    root.run(f"sed -i 's/^{pattern}\\s/* * * * * /' /etc/cron.d/palate && grep -q '^\\* \\* \\* \\* \\* ' /etc/cron.d/palate")
    before = newest_model(root)
    root.start("cron")
    root.put("/tmp/before", before)
    root.wait_until("test \"$(stat -c '%i %Y %n' /var/lib/palate/models/*)\" != \"$(cat /tmp/before)\"", 150)
    assert newest_model(root) != before


@pytest.mark.parametrize("server", BOTH)
def test_logs_rotate_and_requests_go_into_the_new_file(machine, server):
    root = serving_root(machine, server)
    run_setup(root, "--server", server)
    log = "/var/log/palate/requests.log"
    assert root.request("GET", f"http://{HOST}/recommendations").status == 401
    root.wait_until(f"grep -q /recommendations {log}")
    root.run("logrotate -f /etc/logrotate.d/palate")
    # Workers look once a second whether the file still has its name.
    time.sleep(1.1)
    rotated = root.read(f"{log}.1")
    for _ in range(8):
        assert root.request("GET", f"http://{HOST}/no-such-path").status == 404
    root.wait_until(f"test \"$(grep -c . {log})\" = 8")
    assert root.read(f"{log}.1") == rotated
    # As the system's own daily run does, with all files.
    root.run("logrotate --debug /etc/logrotate.conf 2>&1 | (! grep -i '^error')")


@pytest.mark.parametrize("server", BOTH)
def test_in_a_container_where_apt_starts_nothing(machine, server):
    root = machine(server, services=False)
    root.start("mariadb", SERVICES[server])
    done = run_setup(root, "--server", server)
    assert steps(done, "done"), done
    assert answers(root)

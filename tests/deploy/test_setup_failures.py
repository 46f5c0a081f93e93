"""What `palate setup` says and leaves when something is wrong. FAULTS is the table: fault -> what its message must name."""
import re
import subprocess

import pytest
from harness import shop
from harness.root import differences
from harness.setup import HOST, SERVICES, answers, run_setup, serving_root, tree

from test_setup import foreign_page, put_foreign_site

BOTH = (pytest.param("apache", marks=pytest.mark.short), "lighttpd")
# Each of these regular expressions is found in what setup said: the cause, and the command that fixes it.
FAULTS = {
    "database does not start": (r"MariaDB|mariadb", r"(service|systemctl) start mariadb|(service|systemctl) mariadb start|status mariadb"),
    "database not installed": (r"mariadb-server", r"apt-get install\b.*\bmariadb-server"),
    "apache packages missing": (r"apache2", r"apt-get install\b.*\bapache2\b.*\blibapache2-mod-fcgid|"
                                            r"apt-get install\b.*\blibapache2-mod-fcgid\b.*\bapache2"),
    "lighttpd packages missing": (r"lighttpd", r"apt-get install\b.*\blighttpd"),
    "administrator with a password": (r"root|administrator", r"1045|1698|[Aa]ccess denied|password"),
    "configuration broken before": (r"broken", r"configtest|lighttpd -tt?\b|apache2ctl|apachectl"),
    "configuration broken by ours": (r"late|early", r"configtest|lighttpd -tt?\b|apache2ctl|apachectl"),
    "no room for the configuration": (r"/etc/palate", r"[Nn]o space|full|room"),
    "no room for models": (r"/var/lib/palate", r"[Nn]o space|full|room"),
}


def failed(result, fault):
    assert result.status == 1, result
    for pattern in FAULTS[fault]:
        assert re.search(pattern, result.text), f"{fault}: /{pattern}/ is not in:\n{result}"
    assert "could be undone" not in result.err, result


def test_database_stopped(machine):
    root = machine("apache")
    root.start("apache2")
    root.put("/etc/mysql/mariadb.conf.d/99-wrong.cnf", "[mariadbd]\nno-such-option = 1\n")
    before = tree(root)
    failed(run_setup(root, check=False), "database does not start")
    assert differences(before, tree(root)) == []
    root.run("rm /etc/mysql/mariadb.conf.d/99-wrong.cnf")
    done = run_setup(root)
    assert "mariadb started" in done.out, done
    assert answers(root)


def test_database_not_installed(machine):
    root = machine("remote")
    root.start("apache2")
    before = tree(root)
    failed(run_setup(root, check=False), "database not installed")
    assert differences(before, tree(root)) == []


@pytest.mark.parametrize("server", ("apache", "lighttpd"))
def test_packages_missing(machine, server):
    root = machine("build")
    before = tree(root)
    done = run_setup(root, "--server", server, check=False)
    failed(done, f"{server} packages missing")
    failed(done, "database not installed")
    assert differences(before, tree(root)) == []


def test_database_administrator_with_a_password(machine):
    root = serving_root(machine, "apache")
    root.sql("ALTER USER root@localhost IDENTIFIED BY 'a secret'")
    before = tree(root)
    failed(run_setup(root, check=False), "administrator with a password")
    assert differences(before, tree(root)) == []


@pytest.mark.short
def test_a_wrong_password_in_the_tools_file(machine):
    root = serving_root(machine, "apache")
    run_setup(root)
    root.put("/etc/palate/tool.password", "wrong\n", "0600", "palate:palate")
    again = run_setup(root, check=False)
    # The file is what counts: the administrator gives it to the user again. Or the message names the file, never a socket.
    if again.status == 0:
        root.run("palate tenant list", user="root")
        assert root.read("/etc/palate/tool.password") == "wrong\n"
    else:
        assert again.status == 1, again
        assert "/etc/palate/tool.password" in again.text and "palate_tool" in again.text, again
    assert answers(root)


def break_before(root, server):
    if server == "apache":
        root.put("/etc/apache2/conf-enabled/broken.conf", "NoSuchDirective on\n")
    else:
        root.put("/etc/lighttpd/conf-enabled/30-broken.conf", 'server.no-such = {\n')


def break_with_ours(root, server):
    """Valid as long as nothing of Palate's is there."""
    if server == "apache":
        root.put("/etc/apache2/sites-enabled/zz-late.conf", "<IfDefine PALATE_WORKER>\nNoSuchDirective on\n</IfDefine>\n")
        root.run("apache2ctl configtest")
    else:
        root.put("/etc/lighttpd/conf-enabled/05-early.conf", "var.palate_processes = 4\n")
        root.run("lighttpd -tt -f /etc/lighttpd/lighttpd.conf")


@pytest.mark.parametrize("server", BOTH)
@pytest.mark.parametrize("fault", ("configuration broken before", "configuration broken by ours"))
def test_a_failing_configtest_is_undone(machine, server, fault):
    root = machine(server)
    put_foreign_site(root, server)
    root.start("mariadb", SERVICES[server])
    (break_before if fault.endswith("before") else break_with_ours)(root, server)
    folder = f"/etc/{SERVICES[server]}"
    before = root.snapshot_tree(folder)
    failed(run_setup(root, "--server", server, check=False), fault)
    assert differences(before, root.snapshot_tree(folder)) == []
    assert foreign_page(root) == "the other site\n"
    root.run(f"rm -f {folder}/*-enabled/*broken.conf {folder}/*-enabled/*late.conf {folder}/*-enabled/*early.conf")
    run_setup(root, "--server", server)
    assert answers(root)
    assert foreign_page(root) == "the other site\n"


@pytest.mark.parametrize("folder,fault", (("/etc/palate", "no room for the configuration"), ("/var/lib/palate", "no room for models")))
def test_full_disk(machine, folder, fault):
    root = serving_root(machine, "apache")
    items, events = shop.put_files(root)
    root.small_disk(folder, size="16m")
    root.fill(folder)
    default = root.request("GET", f"http://{HOST}/").body
    failed(run_setup(root, "--items", items, "--events", events, check=False), fault)
    # No file that is half written: what is there is whole, and the next run goes on from it.
    assert not root.run(f"find /etc/palate /var/lib/palate -type f -empty 2>/dev/null", check=False).out
    assert answers(root) or root.request("GET", f"http://{HOST}/").body == default
    root.drain(folder)
    run_setup(root, "--items", items, "--events", events)
    assert answers(root)


@pytest.mark.parametrize("arguments", ("", "--host", "--host a/b", "--host api.example.org --server nginx", "--no-such-option",
                                       "--host api.example.org --items /no/such/file",
                                       "--host api.example.org --connect 'a b'", "--host api.example.org --connect '1|e id'"))
def test_wrong_arguments_change_nothing(machine, arguments):
    root = machine("apache")
    root.start("mariadb")
    before = tree(root)
    done = root.run(f"palate setup {arguments}", check=False)
    assert done.status == (1 if "/no/such/file" in arguments else 2), done
    assert done.err, done
    assert differences(before, tree(root)) == []


# setup itself, not the shells of this test that look for it.
RUNS = "pgrep -f 'setup/[s]etup'"


@pytest.mark.parametrize("signal,status", (("INT", 130), ("TERM", 143), ("HUP", 143)))
def test_a_signal_undoes_everything_before_the_command_ends(machine, signal, status):
    root = serving_root(machine, "apache")
    items, events = shop.put_files(root)
    before = tree(root)
    # As from a terminal: a process group of its own.
    command = f"set -m; palate setup --host {HOST} --items {items} --events {events} & echo $! >/tmp/pid; wait $!"
    run = root.start_process(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    root.wait_until("test -s /etc/palate/client-my-shop.txt", 20)
    # What Ctrl-C and a lost terminal send reaches the whole group, `kill` the command alone.
    root.run(f"kill -{signal} -- {'' if signal == 'TERM' else '-'}$(cat /tmp/pid)")
    said, _ = run.communicate(timeout=120)
    assert run.returncode == status, said
    assert root.run(RUNS, check=False).status != 0, said
    assert differences(before, tree(root)) == []
    assert root.sql("SELECT COUNT(*) FROM mysql.global_priv WHERE User LIKE 'palate%'") == [["0"]]


def test_one_run_at_a_time(machine):
    root = serving_root(machine, "apache")
    run_setup(root)
    root.stop("cron")
    run_setup(root)
    # No service that it started holds the lock, and nobody else may.
    assert root.owner("/run/palate-setup.lock") == "root:root 0600"
    held = root.run(f"flock /run/palate-setup.lock palate setup --host {HOST}", check=False)
    assert held.status == 1 and "another run" in held.err, held
    run_setup(root)


@pytest.mark.short
def test_root_does_not_act_by_what_another_user_may_write(machine):
    root = serving_root(machine, "apache")
    run_setup(root)
    # The user of cron's work cannot change by what root acts.
    as_palate = "setpriv --reuid=palate --regid=palate --init-groups --"
    for path in ("/etc/palate/palate.conf", "/etc/palate", "/var/lib/palate", "/var/lib/palate/setup.made"):
        assert root.run(f"{as_palate} test -w {path}", check=False).status != 0, path
        assert root.run(f"{as_palate} test -O {path}", check=False).status != 0, path
    # And where somebody has made it so, setup says so and touches nothing.
    root.run("mkdir /srv/precious")
    for path, change in (("/var/lib/palate", "chown palate"), ("/etc/palate/palate.conf", "chown palate"), ("/etc/palate", "chmod 0777"),
                         ("/var/lib/palate/setup.made", "chown palate")):
        root.run(f"cp -a /var/lib/palate/setup.made /etc/palate/palate.conf /root/ && echo 'copy /srv/precious' >>/var/lib/palate/setup.made"
                 f" && sed -i 's,^database_password_file = .*,database_password_file = /etc/profile.d/evil.sh,' /etc/palate/palate.conf"
                 f" && {change} {path}")
        before = tree(root)
        for arguments in (f"--host {HOST}", "--remove"):
            refused = root.run(f"palate setup {arguments}", check=False)
            assert refused.status == 1 and path in refused.err and "root" in refused.err, refused
        assert differences(before, tree(root)) == []
        fix = re.search(r"fix: (.*)", refused.err).group(1)
        root.run(f"{fix} && cp -a /root/setup.made /var/lib/palate/ && cp -a /root/palate.conf /etc/palate/")
    run_setup(root)


def test_nothing_is_left_when_nobody_reads_on(machine):
    root = serving_root(machine, "apache")
    before = tree(root)
    root.run(f"palate setup --host {HOST} | head -n 6")
    root.wait_until(f"! {RUNS}", 60)
    assert differences(before, tree(root)) == []
    assert root.sql("SELECT COUNT(*) FROM mysql.global_priv WHERE User LIKE 'palate%'") == [["0"]]
    assert root.run("ls -d /tmp/tmp.*", check=False).status != 0


@pytest.mark.parametrize("server", BOTH)
def test_lost_secrets_are_made_again_and_workers_take_them(machine, server):
    root = serving_root(machine, server)
    run_setup(root, "--server", server)
    assert answers(root)
    root.run("rm /etc/palate/*.password /etc/palate/token.secret")
    run_setup(root, "--server", server)
    root.run("rm -r /etc/palate")
    if server == "apache":
        # The virtual host names a file there, without which Apache would not start.
        broken = run_setup(root, "--server", server, check=False)
        assert broken.status == 1 and re.search("fix: palate setup --remove", broken.err), broken
        run_setup(root, "--remove")
    run_setup(root, "--server", server)


@pytest.mark.parametrize("server", BOTH)
def test_a_name_in_capitals(machine, server):
    root = serving_root(machine, server)
    run_setup(root, "--server", server, host="API.Example.org")
    assert answers(root, "api.example.org")
    assert answers(root, "API.example.org")


def test_no_program_of_the_current_directory_is_run(machine):
    root = machine("apache")
    root.put("/srv/here/id", "#!/bin/sh\ntouch /srv/taken\nexec /usr/bin/id \"$@\"\n", "0755")
    root.run("PATH= /usr/local/bin/palate setup --help", directory="/srv/here")
    assert not root.exists("/srv/taken")


@pytest.mark.parametrize("server", ("apache", "lighttpd"))
def test_the_port_is_another_programs(machine, server):
    root = machine(server)
    root.start("mariadb")
    # As the web server itself would be, had it been started by something else.
    root.run("perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalAddr => \"0.0.0.0:80\", Listen => 5, ReuseAddr => 1) or die;"
             " sleep 300' >/dev/null 2>&1 & echo $! >/run/other.pid; while ! grep -q :0050 /proc/net/tcp; do sleep 0.1; done")
    before = tree(root)
    failed = run_setup(root, "--server", server, check=False)
    assert failed.status == 1, failed
    assert re.search(r"FAIL   service (apache2|lighttpd): it does not start: .*[Aa]ddress already in use", failed.err), failed
    assert re.search(r"fix: ss -ltnp 'sport = :80'", failed.err), failed
    assert differences(before, tree(root)) == []
    root.run("kill $(cat /run/other.pid)")
    run_setup(root, "--server", server)


def test_no_room_for_temporary_files(machine):
    root = serving_root(machine, "apache")
    root.small_disk("/srv/tiny", size="16k")
    root.fill("/srv/tiny")
    before = tree(root)
    for folder in ("/srv/tiny", "/no/such"):
        failed = run_setup(root, check=False, environment={"TMPDIR": folder})
        assert failed.status == 1, failed
        assert re.search(rf"FAIL   \w+: .* in {folder}(.*\n)+       fix: df -h {folder}", failed.err), failed
        assert differences(before, tree(root)) == []


def test_the_name_is_another_sites(machine):
    root = machine("apache")
    root.put("/etc/apache2/sites-enabled/other.conf",
             "<VirtualHost *:80>\nServerName other.test\nServerAlias www.other.test Shop.Other.test\n</VirtualHost>\n")
    root.start("mariadb", "apache2")
    before = tree(root)
    for name in ("other.test", "shop.other.test"):
        failed = run_setup(root, check=False, host=name)
        assert failed.status == 1 and "another site has the name" in failed.err and "other.conf" in failed.err, failed
    assert differences(before, tree(root)) == []

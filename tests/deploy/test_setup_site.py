"""`palate setup --site` on shared hosting: an ordinary user, one database user, a site below the host's rules, with and without suexec,
mod_fcgid and plain CGI, base_path = /shop. What it says when something is wrong: test_setup_site_failures.py."""
import contextlib
import os
import pty
import re
import shlex
import termios
import time

import pytest
from harness.product import copy_checkout
from harness.root import differences
from harness.setup import printed_curl, steps
from harness.site import FIRST, HOME, NAME, PANEL, SITE, URL, USER, WWW, Site, check_proof

CASES = {"suexec, FastCGI": (True, True), "suexec, plain CGI": (True, False), "FastCGI": (False, True), "plain CGI": (False, False)}
EACH = [pytest.param(CASES[name], id=name, marks=pytest.mark.short if name == "FastCGI" else ()) for name in CASES]
# Whether workers run as the web server's user changes what has to be undone; FastCGI or plain CGI does not.
BOTH = [pytest.param(True, id="suexec"), pytest.param(False, id="no suexec")]
PROOF = re.compile(r"asked for a recommendation")


def make_site(machine, suexec=True, fastcgi=True, **how):
    return Site(machine("hosting"), suexec, fastcgi, **how)


def install_home(site, owner=USER, **environment):
    """`make install PALATE_HOME=` in a clone, with what is built already."""
    copy_checkout(site.root, "/srv/checkout")
    site.root.run("mkdir -p build && cp /usr/local/bin/palate build/ && cp /usr/local/lib/palate/palate.fcgi cgi-bin/",
                  directory="/srv/checkout")
    return site.run("etc/demo/install", directory="/srv/checkout", environment={"PALATE_HOME": HOME, **environment}, user=owner)


@pytest.mark.parametrize("case", EACH)
def test_one_command_makes_it_answer(machine, case):
    site = make_site(machine, *case)
    done = site.set_up()
    check_proof(done)
    # One database user is all there is to look at.
    assert [line for line in done.lines if line.startswith("warn")] == \
        [line for line in done.lines if line.startswith("warn  database users: you_db is both")], done
    assert f"workers run as {USER if site.suexec else 'the web server' + chr(39) + 's user www-data'}" in done.out, done
    assert re.search(r"^base_path = /shop$", site.root.read(f"{HOME}/palate.conf"), re.MULTILINE)
    assert sorted(site.root.run(f"ls -A {SITE}").out.split()) == [".htaccess", "palate.fcgi"]
    token = site.check_examples()
    for body in (FIRST, {**FIRST, "sequence_data": {"browsing_history": [str(number) for number in range(60)]}}):
        answer = site.request("POST", "/api/recommend/recommend", body, "-H 'Transfer-Encoding: chunked'", token)
        assert answer.status == 200 and answer.json["results"], f"{answer}\n{site.log()}"
    for first, size in ((10_000, 140_000), (20_000, 200_000)):
        for kind, options in enumerate(("", "-H 'Transfer-Encoding: chunked'")):
            items = [{"id": first + kind * 1000 + number, "name": "n", "description": "x" * 500} for number in range(size // 500)]
            answer = site.request("POST", "/v1/items", items, options, token)
            assert answer.status == 200, f"{size} {options}: {answer}\n{site.log()}"
            assert len(answer.json["data"]) == len(items)
            refused = site.request("POST", "/api/recommend/recommend", {**FIRST, "template": "x" * size}, options, token)
            assert refused.status == 413 and refused.headers["content-type"].startswith("application/json"), refused
    assert site.root.request("GET", f"http://{NAME}/any/page").text == "the customer's pages\n"
    assert "not allowed here" not in site.log()
    # The line that is printed is run as it stands.
    shown = site.run(printed_curl(done))
    assert '"object":"list"' in shown.out, shown
    print(f"\nsetup on shared hosting, {case}: {done.seconds:.1f} s")


def test_a_home_that_make_install_has_filled(machine):
    site = make_site(machine, suexec=False)
    install_home(site)
    site.root.run("rm -r /usr/local/bin/palate /usr/local/lib/palate /usr/local/share/palate")
    before = site.state()
    done = site.set_up(tool=f"{HOME}/palate")
    check_proof(done)
    assert f"done   configuration {HOME}/palate.conf" in done.out, done
    site.check_examples()
    check_only_kept(site.set_up(tool=f"{HOME}/palate", data=False))
    site.remove("--drop-data", tool=f"{HOME}/palate")
    site.check_state(before)


def test_a_site_that_make_install_has_filled(machine):
    site = make_site(machine)
    install_home(site, SITE=SITE)
    check_proof(site.set_up(tool=f"{HOME}/palate"))
    site.check_examples()


def test_the_root_of_a_site_has_no_base_path(machine):
    site = make_site(machine)
    site.root.run(f"rm {WWW}/.htaccess {WWW}/index.html && rmdir {SITE}")
    done = site.run(f"palate setup --site {WWW} --home {HOME} --url http://{NAME}/", environment=PANEL)
    check_proof(done)
    assert site.root.request("GET", f"http://{NAME}/openapi.json").status == 200
    again = site.run(f"palate setup --site {WWW} --home {HOME} --url http://{NAME}")
    check_only_kept(again)


def test_panels_that_call_the_machine_localhost(machine):
    site = make_site(machine)
    check_proof(site.set_up(environment={**PANEL, "PALATE_DATABASE_HOST": "localhost"}))


def test_names_that_a_shell_would_take_apart(machine):
    site = make_site(machine, suexec=False)
    done = site.set_up(home="/home/you/my palate's 100%")
    check_proof(done)
    assert '"object":"list"' in site.run(printed_curl(done)).out
    check_only_kept(site.set_up(home="/home/you/my palate's 100%", data=False))
    check_training_by_cron(site, done)


def check_only_kept(again):
    check_proof(again)
    assert [line for line in steps(again, "done") if not PROOF.search(line)] == [], again
    assert steps(again, "kept"), again


def access_lists(site):
    return sorted(site.run(f"getfacl -R -p {HOME}").out.split("\n\n"))


@pytest.mark.parametrize("suexec", BOTH)
def test_a_second_run_keeps_everything(machine, suexec):
    site = make_site(machine, suexec)
    site.set_up()
    before = site.root.snapshot_tree("/home/you")
    lists = access_lists(site)
    # Nothing is asked: the configuration is there.
    check_only_kept(site.set_up(data=False, environment={}))
    assert differences(before, site.root.snapshot_tree("/home/you")) == []
    assert access_lists(site) == lists
    assert site.root.sql("SELECT COUNT(*) FROM tenants", "shop_db") == [["1"]]


def test_what_was_edited_is_kept(machine):
    site = make_site(machine)
    site.set_up()
    rules, settings = site.root.read(f"{SITE}/.htaccess"), site.root.read(f"{HOME}/palate.conf")
    site.root.put(f"{SITE}/.htaccess", 'Header set X-Mine "yes"\n'.join(("<IfModule mod_headers.c>\n", "</IfModule>\n")) + rules
                  + "# mine, too\n", owner=f"{USER}:{USER}")
    site.root.put(f"{HOME}/palate.conf", settings + "\n[log]\nlevel = debug\n" if "\n[log]" not in settings else
                  settings.replace("\n[log]\n", "\n[log]\n# mine\n"), "0600", f"{USER}:{USER}")
    edited = site.root.snapshot_tree(f"{SITE}/.htaccess", f"{HOME}/palate.conf")
    again = site.set_up(data=False)
    check_proof(again)
    assert f"kept   {SITE}/.htaccess" in again.out and f"kept   configuration {HOME}/palate.conf" in again.out, again
    assert differences(edited, site.root.snapshot_tree(f"{SITE}/.htaccess", f"{HOME}/palate.conf")) == []
    # Within Palate's part: kept as well, and said.
    rules = site.root.read(f"{SITE}/.htaccess").replace("    RewriteEngine On\n", "    RewriteEngine On\n    # mine within\n")
    site.root.put(f"{SITE}/.htaccess", rules, owner=f"{USER}:{USER}")
    again = site.set_up(data=False)
    check_proof(again)
    assert re.search(rf"kept   {re.escape(SITE)}/.htaccess \(Palate's part was edited", again.out), again
    assert site.root.read(f"{SITE}/.htaccess") == rules
    # And what is removed leaves the rest, and a copy of the configuration.
    site.root.put(f"{HOME}/notes.txt", "mine\n", owner=f"{USER}:{USER}")
    gone = site.remove()
    left = site.root.read(f"{SITE}/.htaccess")
    assert "X-Mine" in left and "# mine, too" in left and "palate.fcgi" not in left
    assert "# mine" in site.root.read(f"{HOME}/palate.conf.edited")
    assert site.root.read(f"{HOME}/notes.txt") == "mine\n"
    assert "holds other things: notes.txt palate.conf.edited" in gone.out, gone


def test_a_newer_machine_renews_what_was_copied_from_it(machine):
    site = make_site(machine)
    site.set_up()
    site.root.run("printf x >>/usr/local/bin/palate; printf x >>/usr/local/lib/palate/palate.fcgi; "
                  "echo '-- newer' >>/usr/local/share/palate/sql/010-push.sql")
    again = site.set_up(data=False)
    check_proof(again)
    assert {line for line in steps(again, "done") if HOME in line} == \
        {f"done   {HOME}/{name}" for name in ("palate", "palate.fcgi", "sql")}, again
    assert f"done   {SITE}/palate.fcgi" in again.out, again
    site.root.run(f"cmp /usr/local/lib/palate/palate.fcgi {HOME}/palate.fcgi && cmp /usr/local/bin/palate {HOME}/palate")
    check_only_kept(site.set_up(data=False))


@pytest.mark.parametrize("suexec", BOTH)
def test_a_dry_run_changes_nothing(machine, suexec):
    site = make_site(machine, suexec)
    before = site.state()
    tried = site.set_up("--dry-run", environment={})
    assert steps(tried, "would") and not steps(tried, "done"), tried
    site.check_state(before)
    site.set_up()
    before = site.state()
    tried = site.set_up("--dry-run", data=False)
    assert not steps(tried, "done"), tried
    removed = site.remove("--dry-run", "--drop-data")
    assert steps(removed, "would") and not steps(removed, "done"), removed
    site.check_state(before)
    site.check_examples()


@pytest.mark.parametrize("suexec", BOTH)
def test_remove_leaves_what_was_there_before_and_the_tables(machine, suexec):
    site = make_site(machine, suexec)
    before = site.state()
    site.set_up()
    tables = site.tables()
    assert steps(site.remove(), "done")
    assert differences(before[0], site.root.snapshot_tree("/home/you")) == []
    assert site.tables() == tables
    # Nothing is left to remove, and that is no fault.
    assert site.remove().status == 0
    # The tables are found again, with their items; the client and its secret are new.
    check_proof(site.set_up(data=False))
    site.check_examples()


def test_remove_with_the_data_leaves_other_tables(machine):
    site = make_site(machine)
    site.root.sql("CREATE TABLE orders (id INT); INSERT INTO orders VALUES (7)", "shop_db")
    before = site.state()
    site.set_up()
    gone = site.remove("--drop-data")
    assert "Palate's tables in shop_db dropped" in gone.out, gone
    site.check_state(before)
    assert site.root.sql("SELECT id FROM orders", "shop_db") == [["7"]]


def type_answers(root, command, questions):
    """Runs a command at a terminal and types each answer once its question stands there. (status, what the terminal showed)"""
    terminal, inner = pty.openpty()
    process = root.start_process(command, USER, stdin=inner, stdout=inner, stderr=inner, start_new_session=True)
    os.close(inner)
    shown, left = "", list(questions)
    with contextlib.suppress(OSError):  # what reading ends with once nobody holds the terminal any more
        while part := os.read(terminal, 4096):
            shown += part.decode().replace("\r", "")
            if left and shown.endswith(": ") and left[0][0] in shown.rsplit("\n", 1)[-1]:
                _, answer, secret = left.pop(0)
                while secret and termios.tcgetattr(terminal)[3] & termios.ECHO:
                    time.sleep(0.01)
                os.write(terminal, answer.encode() + b"\n")
    os.close(terminal)
    assert not left, f"not asked: {left}\n{shown}"
    return process.wait(60), shown


def test_on_a_terminal_it_asks(machine):
    site = make_site(machine)
    status, shown = type_answers(site.root, f"palate setup --site {SITE} --home {HOME} --items /srv/items.jsonl --events /srv/events.csv", (
        ("Address of the site", URL, False), ("Name of the database", PANEL["PALATE_DATABASE_NAME"], False),
        ("Its user", PANEL["PALATE_DATABASE_USER"], False), ("The user's password", PANEL["PALATE_DATABASE_PASSWORD"], True)))
    assert status == 0 and "asked for a recommendation" in shown, shown
    assert f"Name of the database: {PANEL['PALATE_DATABASE_NAME']}" in shown, shown
    assert "of the 'panel'" not in shown, shown
    site.check_examples()


def check_training_by_cron(site, done):
    line = re.search(r"^17 3 \* \* \* (.*)$", done.out, re.MULTILINE).group(1)
    # What cron makes of a crontab's line.
    command = re.sub(r"\\%", "%", line)
    trained = site.run("env -i SHELL=/bin/sh PATH=/usr/bin:/bin HOME=/home/you LOGNAME=you USER=you LANG= sh -c " + shlex.quote(command),
                       directory="/home/you")
    assert trained.text == "", "cron would send that as a mail: " + str(trained)
    again = site.run(re.sub(r"^PALATE_CONFIG=(.*) (\S.*) --no-progress train >/dev/null$", r"PALATE_CONFIG=\1 \2 doctor --url " + URL, command))
    assert re.search(r"a recommendation: \d+ items for my-shop, model generation 2\b", again.out), again
    assert "FAIL" not in again.out, again


@pytest.mark.parametrize("suexec", BOTH)
def test_the_printed_line_trains_from_cron(machine, suexec):
    site = make_site(machine, suexec)
    check_training_by_cron(site, site.set_up())


@pytest.mark.parametrize("suexec", BOTH)
def test_no_other_customer_reads_anything(machine, suexec):
    """Except, where there is no suexec, through the web server's own user, as whom their scripts run, too."""
    site = make_site(machine, suexec)
    site.set_up()
    site.root.user("other")
    files = site.run(f"find {HOME} -type f -name '*.conf' -o -type f -name '*.password' -o -type f -name '*.secret' "
                     f"-o -name 'client-*' -o -name 'tenant-*' -o -name setup.made").out.split()
    assert len(files) >= 6, files
    for name in files:
        assert site.root.run(f"cat {name}", user="other", check=False).status != 0, name
    assert site.root.run(f"ls {HOME}", user="other", check=False).status != 0
    assert site.root.run(f"ls {HOME}/models", user="other", check=False).status != 0
    # The web server's user reads what workers need and no more.
    readable = {name for name in files if site.root.run(f"cat {name}", user="www-data", check=False).status == 0}
    assert {re.sub(r"^tenant-.*", "model", name.rsplit("/", 1)[1]) for name in readable} == \
        (set() if suexec else {"palate.conf", "database.password", "token.secret", "model"}), readable


def test_root_fills_a_home_as_its_owner(machine):
    site = make_site(machine)
    install_home(site, owner="root", SITE=SITE)
    assert {site.root.owner(f"{HOME}/{name}").split()[0] for name in ("", "palate", "palate.conf", "setup/setup", "models")} == {f"{USER}:{USER}"}
    # Links of his lead root nowhere.
    site.root.run(f"rm -r {HOME}/setup && ln -s /etc/profile.d {HOME}/setup", user=USER)
    before = site.root.snapshot_tree("/etc")
    site.root.run("etc/demo/install", check=False, directory="/srv/checkout", environment={"PALATE_HOME": HOME, "SITE": SITE})
    assert differences(before, site.root.snapshot_tree("/etc")) == []
    site.root.run("chmod 0700 /srv/checkout")
    refused = site.root.run("etc/demo/install", check=False, directory="/srv/checkout", environment={"PALATE_HOME": HOME})
    assert refused.status == 1 and "put the clone where he can" in refused.err, refused


@pytest.mark.parametrize("suexec", BOTH)
def test_a_lost_secret_is_made_again_and_workers_take_it(machine, suexec):
    site = make_site(machine, suexec)
    site.set_up()
    site.run(f"rm {HOME}/token.secret")
    check_proof(site.set_up(data=False, environment={}))


def test_what_stays_is_not_said_to_be_undone(machine):
    site = make_site(machine)
    site.set_up()
    # What doctor finds, and setup keeps: it is not of its making.
    site.run(f"chmod 0644 {HOME}/database.password")
    failed = site.set_up(data=False, environment={}, check=False)
    assert failed.status == 1 and "Palate is installed, but doctor finds" in failed.err, failed
    assert "undone" not in failed.err, failed

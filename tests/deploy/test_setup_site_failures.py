"""What `palate setup --site` says and leaves when something is wrong. FAULTS is the table: fault -> what its message must name."""
import re

import pytest
from harness.setup import steps
from harness.site import HOME, PANEL, SITE, URL, USER, WWW, Site, check_proof

ALLOWED = r"AllowOverride AuthConfig FileInfo Options"
# Each of these regular expressions is found in what setup said: the cause, and the command that fixes it.
FAULTS = {
    "wrong password": (r"database: .*(1045|[Aa]ccess denied)", r"fix: .*PALATE_DATABASE_PASSWORD"),
    "unknown database": (r"database: .*(1049|1044|[Uu]nknown database|[Aa]ccess denied).*no_db", r"fix: .*PALATE_DATABASE_NAME"),
    "MariaDB stopped": (r"database: .*no MariaDB runs", r"fix: .*PALATE_DATABASE_HOST"),
    "database host wrong": (r"database: .*db\.invalid", r"fix: .*PALATE_DATABASE_HOST"),
    "tables of another program": (r"shop_db holds tables of other programs .*: events items", r"fix: make a database of Palate's own"),
    "tables cannot be dropped": (r"not all that this run made could be undone",),
    "wrong address": (rf"a page that was put into {SITE} is not at .*/other, which answers (200|404) for it", r"fix: correct --url or --site"),
    "name unknown": (r"address: http://no\.such\.name\.invalid\S* does not answer: .*[Cc]ould not resolve", r"fix: correct --url.*--connect"),
    "nobody listens": (r"address: http://www\.example\.org:81/shop does not answer: .*[Cc]onnect", r"fix: correct --url.*--connect"),
    "redirected": (r"leads elsewhere", r"fix: curl -sI"),
    "password before the site": (r"asks for a password of its own", r"fix: "),
    "rules ignored": (r"ignores \.htaccess \(AllowOverride None\)", ALLOWED),
    "no FileInfo": (r"does not permit rewrite rules", ALLOWED),
    "no Options": (r"does not permit \"Options \+ExecCGI\"", ALLOWED),
    "no mod_rewrite": (r"no mod_rewrite", r"fix: ask the host for mod_rewrite"),
    "no CGI at all": (r"neither mod_fcgid nor mod_cgi", r"fix: ask the host for mod_fcgid"),
    "site open to others": (r"others may write to /home/you/www/shop", r"chmod go-w"),
    "no setfacl": (r"setfacl is missing", r"package acl|suexec"),
    "home closed": (r"www-data cannot enter /home/you\b", r"fix: setfacl -m u:www-data:--x '?/home/you"),
    "home not writable": (r"/home/you/palate.*Permission denied", r"fix: ls -ld /home/you"),
    "folder of the home missing": (r"/home/you/no/palate.*No such file", r"fix: mkdir -p /home/you/no"),
    "site not writable": (r"you may not write into", r"fix: ls -ld"),
    "no room in the home": (r"No space left", r"fix: df -h"),
    "no room in the site": (r"is there room", r"fix: "),
    "root": (r"ordinary user", r"fix: "),
    "nothing to ask": (r"nothing is asked here", r"fix: export PALATE_DATABASE_NAME="),
    "no address to ask for": (r"nothing is asked here", r"fix: .*(--url|PALATE_URL)"),
    "home in the site": (r"--home lies in the site", r"fix: take a directory outside"),
    "address malformed": (r"is no address of a site", r"fix: give one such as --url"),
    "no site": (r"/home/you/www/none does not exist", r"fix: mkdir -p"),
    "other things": (r"holds other things \(index\.php", r"fix: choose a directory below the site"),
    "own routes": (r"serves paths of its own \(line 1: FallbackResource", r"fix: choose a directory below the site"),
}


def failed(result, fault):
    assert result.status == 1, result
    for pattern in FAULTS[fault]:
        assert re.search(pattern, result.err), f"{fault}: /{pattern}/ is not in:\n{result}"
    assert fault == "tables cannot be dropped" or "could be undone" not in result.err, result


def check_fault(site, fault, **how):
    """It fails, says why, and leaves files and tables as they were."""
    before = site.state()
    failed(site.set_up(check=False, **how), fault)
    site.check_state(before)


def check_fixed(site, **how):
    check_proof(site.set_up(**how))
    site.check_examples()


@pytest.fixture
def site(machine):
    return Site(machine("hosting"))


def test_the_database_is_not_what_the_panel_says(site):
    check_fault(site, "wrong password", environment={**PANEL, "PALATE_DATABASE_PASSWORD": "wrong"})
    check_fault(site, "unknown database", environment={**PANEL, "PALATE_DATABASE_NAME": "no_db"})
    check_fault(site, "database host wrong", environment={**PANEL, "PALATE_DATABASE_HOST": "db.invalid:3307"})
    before = site.state()
    site.root.stop("mariadb")
    done = site.set_up(check=False)
    failed(done, "MariaDB stopped")
    site.root.start("mariadb")
    site.check_state(before)
    check_fixed(site)


def test_a_database_with_another_programs_tables(site):
    site.root.sql("CREATE TABLE items (id INT); INSERT INTO items VALUES (7); CREATE TABLE events (id INT)", "shop_db")
    check_fault(site, "tables of another program")
    assert site.root.sql("SELECT id FROM items", "shop_db") == [["7"]]
    site.add_database({**PANEL, "PALATE_DATABASE_NAME": "shop_two", "PALATE_DATABASE_USER": "you_two"})
    check_fixed(site, environment={**PANEL, "PALATE_DATABASE_NAME": "shop_two", "PALATE_DATABASE_USER": "you_two"})


@pytest.mark.parametrize("suexec", (pytest.param(True, id="suexec"), pytest.param(False, id="no suexec")))
def test_the_address_is_not_the_sites(machine, suexec):
    site = Site(machine("hosting"), suexec)
    check_fault(site, "wrong address", url="http://www.example.org/other")
    check_fault(site, "name unknown", url="http://no.such.name.invalid/shop")
    check_fault(site, "nobody listens", url="http://www.example.org:81/shop")
    site.root.run(f"mv {WWW}/.htaccess /srv/")
    check_fault(site, "wrong address", url="http://www.example.org/other")
    site.root.run(f"mv /srv/.htaccess {WWW}/")
    check_fixed(site)


def test_the_address_leads_elsewhere(site):
    site.root.put("/etc/apache2/conf-enabled/moved.conf", "RedirectMatch ^/moved https://www.example.org/shop\n")
    site.root.run("service apache2 reload")
    check_fault(site, "redirected", url="http://www.example.org/moved")
    site.root.put("/etc/apache2/conf-enabled/moved.conf", f"<Directory {WWW}>\nAuthType Basic\nAuthName x\nAuthUserFile /dev/null\n"
                  "Require valid-user\n</Directory>\n")
    site.root.run("sed -i 's/Require *all granted//' /etc/apache2/sites-available/host.conf; service apache2 reload")
    check_fault(site, "password before the site")


HOSTS = {"rules ignored": {"allow": "None"}, "no FileInfo": {"allow": "AuthConfig Options"}, "no Options": {"allow": "AuthConfig FileInfo"},
         "no mod_rewrite": {"modules": "cgid"}, "no CGI at all": {"modules": "rewrite", "fastcgi": False}}
MENDED = {"allow": "AuthConfig FileInfo Options", "modules": "rewrite cgid"}


@pytest.mark.parametrize("fault", HOSTS)
def test_what_the_host_does_not_allow(machine, fault):
    how = HOSTS[fault]
    site = Site(machine("hosting"), **how)
    site.root.run(f"rm -f {WWW}/.htaccess")
    if fault == "no CGI at all":
        site.root.run("a2dismod -q -f cgid cgi; service apache2 restart")
    check_fault(site, fault)
    if "allow" in how:
        site.root.run(f"sed -i 's/AllowOverride .*/AllowOverride {MENDED['allow']}/' /etc/apache2/sites-available/host.conf")
    site.root.run(f"a2enmod -q {MENDED['modules']}; service apache2 restart")
    check_fixed(site)


def test_a_site_that_suexec_refuses(site):
    site.root.run(f"chmod 0777 {SITE}")
    check_fault(site, "site open to others")
    site.root.run(f"chmod 0755 {SITE}")
    check_fixed(site)


def test_without_suexec_the_web_server_must_get_in(machine):
    site = Site(machine("hosting"), suexec=False)
    site.root.run("mv /usr/bin/setfacl /usr/bin/setfacl.away")
    check_fault(site, "no setfacl")
    site.root.run("mv /usr/bin/setfacl.away /usr/bin/setfacl")
    # The site is served; what lies above the home is not open as far.
    site.root.run("mkdir -m 0755 /srv/www && mv /home/you/www /srv/www/you && chmod 0700 /home/you && ln -s /srv/www/you /home/you/www && "
                  "sed -i s,/home/you/www,/srv/www/you,g /etc/apache2/sites-available/host.conf && service apache2 reload")
    check_fault(site, "home closed")
    site.run("setfacl -m u:www-data:--x /home/you")
    check_fixed(site)


def test_places_that_cannot_be_written(site):
    site.root.run("chown root:root /home/you")
    check_fault(site, "home not writable")
    site.root.run(f"chown {USER}:{USER} /home/you; chown root:root {SITE}")
    check_fault(site, "site not writable")
    site.root.run(f"chown {USER}:{USER} {SITE}")
    check_fault(site, "folder of the home missing", home="/home/you/no/palate")
    check_fixed(site)


def test_a_home_that_exists_and_may_not_be_written(site):
    site.root.run(f"mkdir -m 0755 {HOME}")
    check_fault(site, "home not writable")
    site.root.run(f"chown {USER}:{USER} {HOME}")
    check_fixed(site)


@pytest.mark.parametrize("size", ("64k", "4m", "6700k"))
def test_a_full_disk_under_the_home(site, size):
    """Full from the first copy on, in its midst, and where the secrets and the model come."""
    site.root.small_disk(HOME, size=size, owner=f"{USER}:{USER}", mode="0711")
    check_fault(site, "no room in the home")
    site.root.run(f"mount -o remount,size=64m {HOME}")
    check_fixed(site)


def test_a_full_disk_under_the_site(site):
    site.root.small_disk(SITE, size="64k", owner=f"{USER}:{USER}")
    site.root.fill(SITE)
    site.root.run(f"mv {SITE}/.filler {SITE}/.keep; chown {USER}:{USER} {SITE}/.keep")
    check_fault(site, "no room in the site")
    site.root.run(f"rm {SITE}/.keep")
    check_fixed(site)


def test_wrong_options(site):
    check_fault(site, "root", user="root")
    check_fault(site, "nothing to ask", environment={})
    check_fault(site, "no address to ask for", url=None)
    check_fault(site, "home in the site", home=f"{SITE}/palate")
    check_fault(site, "home in the site", home=SITE)
    for url in ("www.example.org/shop", "ftp://www.example.org/", "http://", "http://www.example.org/a b", "http://x/'$(id)'"):
        check_fault(site, "address malformed", url=url)
    before = site.state()
    failed(site.run(f"palate setup --site {WWW}/none --home {HOME} --url {URL}", environment=PANEL, check=False), "no site")
    site.check_state(before)


def test_a_site_that_holds_other_things(site):
    site.root.put(f"{SITE}/index.php", "<?php\n", owner=f"{USER}:{USER}")
    check_fault(site, "other things")
    site.root.run(f"rm {SITE}/index.php")
    site.root.put(f"{SITE}/.htaccess", "FallbackResource /index.php\n", owner=f"{USER}:{USER}")
    check_fault(site, "own routes")
    site.root.put(f"{SITE}/.htaccess", "# mine, without a newline at its end", owner=f"{USER}:{USER}")
    before = site.state()
    check_fixed(site)
    site.remove("--drop-data")
    site.check_state(before)


def test_a_failure_on_a_second_run_leaves_the_first(site):
    site.set_up()
    before = site.state()
    # The address and the configuration disagree.
    done = site.set_up(url="http://www.example.org/other", data=False, check=False)
    assert done.status == 1 and re.search(r"--url says base_path = /other, but .* says \"?/shop", done.err), done
    assert re.search(r"fix: correct \[http\] base_path", done.err), done
    site.check_state(before)
    bad = "/srv/bad.jsonl"
    site.root.put(bad, "{broken\n")
    done = site.set_up("--items", bad, data=False, check=False)
    assert done.status == 1 and "import of items" in done.err, done
    site.check_state(before)
    site.check_examples()


def test_a_bad_file_on_the_first_run_leaves_no_tables(site):
    site.root.put("/srv/items.jsonl", "{broken\n")
    before = site.state()
    done = site.set_up(check=False)
    assert done.status == 1 and re.search(r"items\.jsonl:1: the line is not valid JSON\n(.*\n)*FAIL   import of items: ", done.err), done
    site.check_state(before)


def test_tables_of_an_earlier_installation_stay_when_a_run_fails(site):
    site.set_up()
    site.remove()
    before = site.state()
    site.root.run("a2dismod -q -f rewrite; service apache2 restart", check=False)
    site.root.run(f"mv {WWW}/.htaccess /srv/")
    failed(site.set_up("--tenant", "Another", data=False, check=False), "no mod_rewrite")
    site.root.run(f"mv /srv/.htaccess {WWW}/; a2enmod -q rewrite; service apache2 restart")
    site.check_state(before)
    # The tenant of that run is there, without a client; the next goes on with it.
    done = site.set_up("--tenant", "Another")
    check_proof(done)
    assert "kept   tenant another" in done.out, done


def test_a_tenant_that_was_disabled_is_named(site):
    site.set_up()
    site.palate("tenant disable my-shop")
    done = site.set_up("--tenant", "My shop", data=False, check=False)
    assert done.status == 1 and re.search(r"tenant my-shop is disabled\n.*fix: .*palate tenant enable my-shop", done.err), done
    site.palate("tenant enable my-shop")
    check_proof(site.set_up(data=False))


def test_a_host_that_gives_up_suexec(site):
    """What was found out about the workers' user is found out again, once doctor has found a fault."""
    site.set_up()
    site.root.run("sed -i '/SuexecUserGroup/d' /etc/apache2/sites-available/host.conf; service apache2 restart")
    first = site.set_up(data=False, check=False)
    if first.status:
        assert "run this command again" in first.err, first
        check_proof(site.set_up(data=False))
    assert "workers run as the web server's user www-data" in site.set_up(data=False).out
    site.check_examples()


def test_without_the_client_mariadb_the_tables_stay_and_that_is_said(site):
    site.root.run("for name in mariadb mysql; do mv /usr/bin/$name /srv/away.$name; done")
    files = site.root.snapshot_tree("/home/you")
    done = site.set_up(url="http://www.example.org/other", check=False)
    failed(done, "tables cannot be dropped")
    assert re.search(r"tables in the database shop_db: .*they stay", done.err), done
    site.root.run("for name in mariadb mysql; do mv /srv/away.$name /usr/bin/$name; done")
    assert site.root.snapshot_tree("/home/you") == files
    assert not steps(done, "would")
    check_fixed(site)


def test_another_customer_cannot_be_taken_for_the_workers_user(machine):
    site = Site(machine("hosting"), suexec=False)
    site.root.user("mallory")
    with site.root.start_process(f"while :; do for probe in {SITE}/palate-probe-*/; do : >$probe/0; : >$probe/aa; done; done 2>/dev/null",
                                 user="mallory") as other:
        failed = site.set_up(check=False)
        other.kill()
        site.root.run("pkill -u mallory", check=False)
    assert failed.status == 1, failed
    assert re.search(r"files of mallory www-data appeared in", failed.err), failed
    assert "mallory" not in site.root.run(f"getfacl -R -p {HOME} 2>/dev/null", check=False).out
    site.set_up()

"""Shared hosting on the distribution's servers: a customer's site below a host that lets him do what cgi-bin/.htaccess asks for and no
more, with and without suexec, FastCGI and plain CGI, base_path = /shop, one database user."""
import json
import shlex

import pytest
from harness.layers import CHECKOUT
from harness.product import copy_checkout
from harness.site import EVENTS, FIRST, ITEMS

# The customer's directory lies below suexec's own root, which this package reads from a file.
USER, HOME, WWW, SITE = "you", "/home/you/palate", "/home/you/www", "/home/you/www/shop"
HOST = """<VirtualHost *:80>
    ServerName   localhost
    DocumentRoot {www}
    {suexec}
    <Directory {www}>
        AllowOverride FileInfo Options=ExecCGI
        Options       SymLinksIfOwnerMatch
        Require       all granted
    </Directory>
</VirtualHost>
"""
# The site itself, above Palate's directory.
WORDPRESS = """# BEGIN WordPress
RewriteEngine On
RewriteBase /
RewriteRule ^index\\.html$ - [L]
RewriteCond %{REQUEST_FILENAME} !-f
RewriteCond %{REQUEST_FILENAME} !-d
RewriteRule . /index.html [L]
# END WordPress
"""


class Hosting:
    """A machine of a host with one customer, who has installed Palate into /shop of his site."""

    def __init__(self, root, suexec, fastcgi):
        self.root, self.suexec, self.fastcgi = root, suexec, fastcgi
        root.user(USER)
        root.run(f"install -d -o {USER} -g {USER} -m 0755 {WWW} {SITE}")
        root.put(f"{WWW}/index.html", "the customer's pages\n", owner=f"{USER}:{USER}")
        root.put(f"{WWW}/.htaccess", WORDPRESS, owner=f"{USER}:{USER}")
        root.put("/etc/apache2/sites-available/host.conf",
                 HOST.format(www=WWW, suexec=f"SuexecUserGroup {USER} {USER}" if suexec else ""))
        root.run("sed -i '1s|.*|/home|' /etc/apache2/suexec/www-data; a2dissite -q 000-default; a2ensite -q host; "
                 f"a2enmod -q rewrite cgid; a2{'en' if suexec else 'dis'}mod -q suexec; a2{'en' if fastcgi else 'dis'}mod -q -f fcgid; "
                 "a2dismod -q -f env")
        root.start("mariadb", "apache2")
        root.sql(f"CREATE DATABASE shop_db; CREATE USER {USER}@localhost IDENTIFIED BY 'of the panel';"
                 f"GRANT ALL ON shop_db.* TO {USER}@localhost")
        self.fill_home()
        self.token = self.palate("token --client shop --scope 'neuronsearchlab-api/read neuronsearchlab-api/write'").strip()

    def run(self, command, **how):
        return self.root.run(command, user=USER, **how).out

    def palate(self, arguments, stdin=b""):
        return self.run(f"./palate {arguments}", directory=HOME, environment={"PALATE_CONFIG": f"{HOME}/palate.conf"}, stdin=stdin)

    def fill_home(self):
        """What `make install PALATE_HOME= SITE=` does, and then by hand what the host's panel tells."""
        copy_checkout(self.root, "/srv/checkout")
        self.root.run("mkdir -p build && cp /usr/local/bin/palate build/ && cp /usr/local/lib/palate/palate.fcgi cgi-bin/",
                      directory="/srv/checkout")
        self.install()
        self.run("umask 077; printf '%s\\n' 'of the panel' >database.password; head -c 24 /dev/urandom | base64 >token.secret; "
                 f". setup/site-files.sh; print_configuration palate.conf.example database.name=shop_db database.user={USER} "
                 f"tool.database_user={USER} database.password_file={HOME}/database.password token.secret_file={HOME}/token.secret "
                 f"tool.database_password_file={HOME}/database.password model.directory={HOME}/models limits.state_file={HOME}/state/limits http.base_path=/shop >palate.conf",
                 directory=HOME)
        self.palate("migrate")
        self.palate("tenant create 'The shop' --key shop")
        self.palate("client create --tenant shop --id shop")
        self.run("cat >items.jsonl", directory=HOME, stdin=ITEMS)
        self.run("cat >events.csv", directory=HOME, stdin=EVENTS)
        self.palate("import items items.jsonl --tenant shop")
        self.palate("import events events.csv --tenant shop")
        self.palate("train")
        if not self.suexec:
            self.run(f". setup/site-files.sh; share_with_web_user {HOME} www-data", directory=HOME)

    def install(self):
        return self.run("etc/demo/install", directory="/srv/checkout", environment={"PALATE_HOME": HOME, "SITE": SITE})

    def request(self, method, path, body=None, options="", token=True):
        headers = {"Authorization": f"Bearer {self.token}"} if token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        return self.root.request(method, "/shop" + path, headers, body, options)

    def workers(self):
        """The users of the workers that run, by process id."""
        found = self.root.run(f"for p in /proc/[0-9]*; do case $(readlink $p/exe) in {HOME}/palate.fcgi*) "
                              "echo ${p#/proc/} $(stat -c %U $p);; esac; done", check=False).out
        return dict(line.split() for line in found.splitlines())

    def log(self):
        return self.root.read("/var/log/apache2/error.log") + self.root.run("cat /var/log/apache2/suexec.log 2>/dev/null", check=False).out


CASES = {"suexec, FastCGI": (True, True), "suexec, plain CGI": (True, False), "FastCGI": (False, True), "plain CGI": (False, False)}


@pytest.fixture(params=CASES)
def hosting(request, machine):
    return Hosting(machine("hosting"), *CASES[request.param])


def check_list(hosting, answer, field):
    assert answer.status == 200, f"{answer}\n{hosting.log()}"
    assert answer.json[field]


def check_examples(hosting):
    """Both documents' examples."""
    check_list(hosting, hosting.request("POST", "/api/recommend/recommend", FIRST), "results")
    check_list(hosting, hosting.request("GET", "/recommendations?user_id=user-2&quantity=5"), "recommendations")
    check_list(hosting, hosting.request("GET", "/recommendations", {"user_id": "user-2", "quantity": 5}), "recommendations")
    check_list(hosting, hosting.request("POST", "/recommendations", {"user_id": "user-2"}), "recommendations")


@pytest.mark.short
def test_every_request_is_answered(hosting):
    check_examples(hosting)
    for body in (FIRST, {**FIRST, "sequence_data": {"browsing_history": [str(number) for number in range(60)]}}):
        check_list(hosting, hosting.request("POST", "/api/recommend/recommend", body, "-H 'Transfer-Encoding: chunked'"), "results")
    for first, size in ((10_000, 140_000), (20_000, 200_000)):
        for kind, options in enumerate(("", "-H 'Transfer-Encoding: chunked'")):
            items = [{"id": first + kind * 1000 + number, "name": "n", "description": "x" * 500} for number in range(size // 500)]
            answer = hosting.request("POST", "/v1/items", items, options)
            assert answer.status == 200, f"{size} {options}: {answer}\n{hosting.log()}"
            assert len(answer.json["data"]) == len(items)
            refused = hosting.request("POST", "/api/recommend/recommend", {**FIRST, "template": "x" * size}, options)
            assert refused.status == 413 and refused.headers["content-type"].startswith("application/json"), refused
    assert hosting.request("GET", "/recommendations?user_id=user-2", token=False).status == 401
    assert hosting.request("GET", "/nowhere").json["error"]
    # The files are not served, and what lies above is the site's own as before.
    for name in ("palate.fcgi", ".htaccess", "palate.conf"):
        assert hosting.request("GET", f"/{name}").status in (403, 404)
    assert hosting.root.request("GET", "/any/page").text == "the customer's pages\n"
    if hosting.fastcgi:
        assert set(hosting.workers().values()) == {USER if hosting.suexec else "www-data"}
    assert "not allowed here" not in hosting.log()


ASK_ON = ("while [ ! -e /tmp/enough ]; do curl -s -o /dev/null -w '%{http_code}\\n' "
          "-H 'Authorization: Bearer TOKEN' 'http://localhost/shop/recommendations?user_id=user-2'; done >/tmp/answers")


def test_an_upgrade_is_taken_up_and_no_request_fails_meanwhile(hosting):
    check_examples(hosting)
    before = hosting.workers()
    asking = hosting.root.start_process(ASK_ON.replace("TOKEN", hosting.token))
    hosting.root.wait_until("[ $(wc -l </tmp/answers) -gt 20 ]", 30)
    hosting.root.run("printf x >>cgi-bin/palate.fcgi", directory="/srv/checkout")
    assert f"done {SITE}/palate.fcgi" in hosting.install()
    so_far = len(hosting.root.read("/tmp/answers").split())
    hosting.root.wait_until(f"[ $(wc -l </tmp/answers) -gt {so_far + 20} ]", 30)
    hosting.root.run("touch /tmp/enough")
    assert asking.wait(30) == 0
    assert set(hosting.root.read("/tmp/answers").split()) == {"200"}
    if hosting.fastcgi:
        assert set(hosting.workers()) - set(before)
        # mod_fcgid itself would keep the old ones. What it runs as its own user is not the customer's to end.
        assert hosting.suexec == (not set(hosting.workers()) & set(before))
    assert f"kept {SITE}/.htaccess" in hosting.install()


def test_a_missing_worker_is_an_error_whose_cause_the_log_tells(hosting):
    hosting.run(f"mv {HOME}/palate.fcgi {HOME}/away && . {HOME}/setup/site-files.sh && "
                f"place_site_files {SITE} {HOME} {HOME}/setup/htaccess")
    answer = hosting.request("GET", "/recommendations?user_id=user-2")
    assert answer.status in (500, 503), answer
    if not hosting.fastcgi:
        assert answer.status == 500 and answer.json["code"] == "internal_error"
    assert f"cannot run {HOME}/palate.fcgi" in hosting.log()
    assert "Status: 500" not in hosting.log()
    # It comes back by itself.
    hosting.run(f"mv {HOME}/away {HOME}/palate.fcgi")
    hosting.root.wait_until(f"curl -s -o /dev/null -w '%{{http_code}}' -H 'Authorization: Bearer {hosting.token}' "
                            f"{shlex.quote('http://localhost/shop/recommendations?user_id=user-2')} | grep -q 200", 30)


def test_removed_it_leaves_the_site_as_it_was(hosting):
    check_examples(hosting)
    hosting.run(f". {HOME}/setup/site-files.sh && remove_site_files {SITE} {HOME}")
    assert hosting.root.run(f"ls -A {SITE}").out == ""
    if hosting.suexec and hosting.fastcgi:
        hosting.root.wait_until(f"! readlink /proc/[0-9]*/exe | grep -q '^{HOME}/palate.fcgi'")
    assert hosting.root.request("GET", "/any/page").text == "the customer's pages\n"


def test_the_checkout_has_what_a_home_needs():
    """Without a root: what fill_home() copies is what `make install` reads."""
    for name in ("etc/demo/install", "etc/setup/site-files.sh", "cgi-bin/.htaccess", "etc/palate.conf.example"):
        assert (CHECKOUT / name).exists()

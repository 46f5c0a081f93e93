"""A host with customers who have no root: Apache as such hosts set it up, and `palate setup --site` run by one of them."""
import json
import shlex

from harness.root import differences
from harness.setup import steps

# The site lies below suexec's own root, which Debian's package reads from a file.
USER, HOME, WWW, SITE = "you", "/home/you/palate", "/home/you/www", "/home/you/www/shop"
NAME, URL = "www.example.org", "http://www.example.org/shop"
PANEL = {"PALATE_DATABASE_NAME": "shop_db", "PALATE_DATABASE_USER": "you_db", "PALATE_DATABASE_PASSWORD": "of the 'panel' \\ \"2\""}
HOST = """<VirtualHost *:80>
    ServerName   {name}
    DocumentRoot {www}
    {suexec}
    <Directory {www}>
        AllowOverride {allow}
        Options       SymLinksIfOwnerMatch
        Require       all granted
    </Directory>
</VirtualHost>
"""
# The customer's own pages, and their rules.
WORDPRESS = """RewriteEngine On
RewriteBase /
RewriteRule ^index\\.html$ - [L]
RewriteCond %{REQUEST_FILENAME} !-f
RewriteCond %{REQUEST_FILENAME} !-d
RewriteRule . /index.html [L]
"""
FIRST = {"sequence_data": {"customer_preferences": {"categories": ["electronics", "books"], "price_range": {"min": 50, "max": 500}},
                           "browsing_history": ["product_123", "product_456"], "purchase_history": ["product_789"]},
         "task": "product_recommendation", "template": "personalized"}
ITEMS = "".join(json.dumps({"id": number, "name": f"Product {number}",
                            "metadata": {"category": ("electronics", "books")[number % 2], "price": 60 + number}}) + "\n"
                for number in range(1, 41))
EVENTS = "user_id,item_id,type,occurred_at\n" + "".join(
    f"user-{user},{1 + (user * 7 + step * step) % 40},purchase,{1_790_000_000 + user * 100 + step}\n"
    for user in range(1, 31) for step in range(6))


class Site:
    """A customer's account, without Palate yet. suexec: programs run as the customer; fastcgi: mod_fcgid is there."""

    def __init__(self, root, suexec=True, fastcgi=True, allow="AuthConfig FileInfo Options", modules="rewrite cgid"):
        self.root, self.suexec, self.fastcgi = root, suexec, fastcgi
        root.user(USER)
        root.run(f"install -d -o {USER} -g {USER} -m 0755 {WWW} {SITE}; echo '127.0.0.1 {NAME}' >>/etc/hosts")
        root.put(f"{WWW}/index.html", "the customer's pages\n", owner=f"{USER}:{USER}")
        if "rewrite" in modules and allow != "None":
            root.put(f"{WWW}/.htaccess", WORDPRESS, owner=f"{USER}:{USER}")
        root.put("/etc/apache2/sites-available/host.conf",
                 HOST.format(name=NAME, www=WWW, allow=allow, suexec=f"SuexecUserGroup {USER} {USER}" if suexec else ""))
        root.run("sed -i '1s|.*|/home|' /etc/apache2/suexec/www-data; a2dissite -q 000-default; a2ensite -q host; "
                 f"a2dismod -q -f env rewrite; a2enmod -q {modules}; a2{'en' if suexec else 'dis'}mod -q suexec; "
                 f"a2{'en' if fastcgi else 'dis'}mod -q -f fcgid")
        root.start("mariadb", "apache2")
        self.add_database(PANEL)
        root.put("/srv/items.jsonl", ITEMS)
        root.put("/srv/events.csv", EVENTS)

    def add_database(self, panel):
        """What the host's panel does; the name's _ is no joker in it."""
        name, user = panel["PALATE_DATABASE_NAME"], panel["PALATE_DATABASE_USER"]
        password = panel["PALATE_DATABASE_PASSWORD"].replace("\\", "\\\\").replace("'", "''")
        self.root.sql(f"CREATE DATABASE {name}; CREATE USER {user}@localhost IDENTIFIED BY '{password}';"
                      f"GRANT ALL ON `{name}`.* TO {user}@localhost")

    def run(self, command, **how):
        return self.root.run(command, user=how.pop("user", USER), **how)

    def set_up(self, *more, tool="palate", url=URL, home=HOME, environment=None, data=True, **how):
        """`palate setup`, with the sample data unless told otherwise; the panel's access data are in the environment."""
        words = ["--site", SITE, "--home", home, *(("--url", url) if url else ()), *more]
        if data:
            words += ["--items", "/srv/items.jsonl", "--events", "/srv/events.csv"]
        return self.run(f"{tool} setup {' '.join(map(shlex.quote, words))}",
                        environment=PANEL if environment is None else environment, **how)

    def remove(self, *more, tool="palate", **how):
        return self.run(f"{tool} setup --site {SITE} --home {HOME} --remove {' '.join(more)}", **how)

    def palate(self, arguments, **how):
        return self.run(f"{HOME}/palate {arguments}", environment={"PALATE_CONFIG": f"{HOME}/palate.conf"}, **how).out

    def token(self):
        client = self.palate("tenant list --quiet").split()[0]
        named = self.run(f"sed -n 's/^client_id *//p' {HOME}/client-{client}.txt").out.strip()
        return self.palate(f"token --client {named} --scope 'neuronsearchlab-api/read neuronsearchlab-api/write'").strip()

    def request(self, method, path, body=None, options="", token=None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        return self.root.request(method, URL + path, headers, body, options)

    def log(self):
        return self.root.run("cat /var/log/apache2/error.log /var/log/apache2/suexec.log 2>/dev/null", check=False).out

    def state(self):
        """The customer's files, and what is in the database."""
        return (self.root.snapshot_tree("/home/you"), self.tables())

    def tables(self):
        return sorted(row[0] for row in self.root.sql("SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.tables "
                                                      "WHERE table_schema LIKE 'shop%'"))

    def check_state(self, before):
        files, tables = before
        assert differences(files, self.root.snapshot_tree("/home/you")) == []
        assert self.tables() == tables

    def check_examples(self):
        """Both documents' examples. Returns the token."""
        token = self.token()
        for method, path, body, field in (("POST", "/api/recommend/recommend", FIRST, "results"),
                                          ("GET", "/recommendations?user_id=user-2&quantity=5", None, "recommendations"),
                                          ("GET", "/recommendations", {"user_id": "user-2", "quantity": 5}, "recommendations"),
                                          ("POST", "/recommendations", {"user_id": "user-2"}, "recommendations")):
            answer = self.request(method, path, body, token=token)
            assert answer.status == 200 and answer.json[field], f"{method} {path}: {answer}\n{self.log()}"
        return token


def check_proof(result):
    """Setup ended well, and doctor, which it asked, found no fault."""
    assert result.status == 0, result
    assert "FAIL" not in result.text and "asked for a recommendation" in result.out, result
    assert not steps(result, "would"), result

"""An installation step by step, without `palate setup`: the system's user, secrets, database, configuration and web server."""
from harness import shop

CONFIGURATION = """[database]
password_file = /etc/palate/worker.password
[tool]
database_password_file = /etc/palate/tool.password
[token]
secret_file = /etc/palate/token.secret
"""
DATABASE = """CREATE DATABASE palate CHARACTER SET utf8mb4;
CREATE USER palate_worker@localhost IDENTIFIED BY '{worker}';
CREATE USER palate_tool@localhost IDENTIFIED BY '{tool}';
GRANT ALL PRIVILEGES ON palate.* TO palate_tool@localhost;
"""
APACHE = """Define PALATE_SITE /etc/palate/apache-site.conf
Include /usr/local/share/palate/apache-example.conf
"""
LIGHTTPD = """var.palate_worker    = "/usr/local/lib/palate/palate.fcgi"
var.palate_config    = "/etc/palate/palate.conf"
var.palate_sockets   = "/run/lighttpd"
var.palate_processes = 2
include "/usr/local/share/palate/lighttpd-example.conf"
"""


def install(root, server):
    """Makes everything on a root of layer server; returns a token."""
    root.run("install -d -o root -g www-data -m 0750 /etc/palate && install -d -m 0755 /var/lib/palate /var/lib/palate/models")
    passwords = {"worker": "w" * 24, "tool": "t" * 24}
    root.put("/etc/palate/worker.password", passwords["worker"], "0640", "root:www-data")
    root.put("/etc/palate/tool.password", passwords["tool"], "0600")
    root.put("/etc/palate/token.secret", "s" * 48, "0640", "root:www-data")
    root.put("/etc/palate/palate.conf", CONFIGURATION, "0640", "root:www-data")
    root.start("mariadb")
    root.sql(DATABASE.format(**passwords))
    root.run("palate migrate && mariadb palate </usr/local/share/palate/sql/grants.sql")
    root.run('palate tenant create "My shop" --key shop && palate client create --tenant shop --id backend')
    items, events = shop.put_files(root)
    root.run(f"palate import items {items} --tenant shop && palate import events {events} --tenant shop && palate train")
    if server == "apache":
        root.put("/etc/palate/apache-site.conf", "ServerName api.example.org\n")
        root.put("/etc/apache2/sites-available/palate.conf", APACHE)
        root.run("a2enmod fcgid && a2dissite 000-default && a2ensite palate")
        root.start("apache2")
    else:
        root.put("/etc/lighttpd/conf-enabled/50-palate.conf", LIGHTTPD)
        root.start("lighttpd")
    return root.run("palate token --client backend").out.strip()

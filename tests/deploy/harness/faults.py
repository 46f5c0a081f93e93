"""Faults of an installation: how each is made, what doctor must say of it, and how what it says fixes it. See test_doctor_faults.py."""
from dataclasses import dataclass

CONF, SECRET, MODELS = "/etc/palate/palate.conf", "/etc/palate/token.secret", "/var/lib/palate/models"
WORKER, MODEL = "/usr/local/lib/palate/palate.fcgi", f"{MODELS}/tenant-1.palate"
SITE, OWN_SITE = "/etc/apache2/sites-available/palate.conf", "/etc/palate/apache-site.conf"
EXAMPLES = "/usr/local/share/palate"
UNCONFIGURED = r"service: .*the workers run, but cannot read their configuration"
NOT_MODEL = r"a recommendation: was answered (without the|by another) model of my-shop.*, since www-data cannot "
REACHED = r"access of www-data: www-data cannot "
DENIED = r"configuration: cannot read \S+: Permission denied"
WHO_SAYS = r"let {user} read it; sudo palate doctor"


@dataclass(frozen=True)
class Fault:
    """Commands are the shell's; {service} and {reload} are the web server's.

    breaking    makes the fault
    says        each line of FAIL fits one of these, and each of these a line: what is wrong, and nothing else
    fix        is found in the fix of the line that fits says[0]
    repair      what the fix asks for in words; "": the commands that doctor prints are run, and nothing else
    after       what is put back once doctor passes, where the fix is not how it was
    others      the same seen by other users: (user, word of the finding, what it says, its fix)
    url         what is asked
    """
    name: str
    breaking: str
    says: tuple
    fix: str
    repair: str = ""
    after: str = ""
    others: tuple = ()
    finding: str = "FAIL"
    url: str = "http://api.example.org"


def kept(path, change):
    return f"cp -p {path} /root/kept; {change}; {{reload}}"


def back(path):
    return f"cp -p /root/kept {path}; {{reload}}"


def other_configuration(change):
    """The web server's file names another configuration than doctor takes."""
    return (f"sed '{change}' {CONF} >/etc/palate/other.conf; chmod 0644 /etc/palate/other.conf; openssl rand -hex 32 >/etc/palate/other.secret;"
            " chmod 0644 /etc/palate/other.secret; " + kept(SITE, f"sed -i 's|^Define PALATE_CONFIG.*|Define PALATE_CONFIG /etc/palate/other.conf|' {SITE}"))


def read_by_others(path, *users):
    return tuple((user, "FAIL", rf"configuration: cannot read {path}: Permission denied", WHO_SAYS.format(user=user)) for user in users)


BOTH = (
    Fault("configuration is root's", f"chown root:root {CONF}; chmod 0640 {CONF}; {{reload}}",
          (REACHED + rf"read {CONF} \(root:root 0640\)", UNCONFIGURED, rf"access of palate: palate cannot read {CONF}"),
          rf"^chmod a\+r {CONF}", others=read_by_others(CONF, "palate", "www-data")),
    Fault("token secret is root's", f"chown root:root {SECRET}; chmod 0600 {SECRET}; {{reload}}",
          (REACHED + rf"read {SECRET} \(root:root 0600\)", UNCONFIGURED, rf"access of palate: palate cannot read {SECRET}"),
          rf"^chgrp www-data {SECRET} && chmod g\+r {SECRET}", others=read_by_others(SECRET, "palate", "www-data")),
    Fault("tool's password is root's", "chown root:root /etc/palate/tool.password",
          (r"access of palate: palate cannot read /etc/palate/tool.password \(root:root 0600\)",),
          r"^chown palate /etc/palate/tool.password",
          others=(("palate", "warn", r"the tool's part: not checked .*cannot read /etc/palate/tool.password", r"sudo palate doctor"),)),
    Fault("models are cron's alone", f"chown palate:palate {MODELS}; chmod 0700 {MODELS}; {{reload}}",
          (REACHED + rf"enter {MODELS} \(palate:palate 2?700\)|" + REACHED + rf"enter {MODELS}", NOT_MODEL),
          rf"^chgrp www-data {MODELS} && chmod g\+x {MODELS}", after=f"chmod 2750 {MODELS}"),
    Fault("models are root's", f"chown root {MODELS}", (rf"access of palate: palate cannot make files in {MODELS} \(root:www-data 2750\)",),
          rf"^chown palate {MODELS}"),
    Fault("model cannot be read", f"chmod 0600 {MODEL}; {{reload}}", (REACHED + rf"read {MODEL} \(palate:www-data 0600\)", NOT_MODEL),
          rf"^chmod g\+r {MODEL}",
          others=(("palate", "FAIL", r"a recommendation: was answered without the model of my-shop", r"let the web server's user .* read the file"),)),
    Fault("newer model cannot be read",
          # It is there in the step that takes its mode, so that no worker sees it before.
          f"chmod 0700 {MODELS} && palate train && chmod 0600 {MODEL} && chmod 2750 {MODELS}",
          (REACHED + rf"read {MODEL} ", NOT_MODEL + rf"read {MODEL}"), rf"^chmod g\+r {MODEL}", after=f"chown palate {MODEL}"),
    Fault("no model", f"mv {MODEL} /root/kept; {{reload}}", (r"model of my-shop: there is none", ), r"^palate train", finding="warn",
          after=f"chown palate {MODEL}"),
    Fault("model is cut short", f"truncate -s 5000 {MODEL}; {{reload}}", (r"model of my-shop: .*does not have the size",), r"^palate train",
          after=f"chown palate {MODEL}"),
    Fault("log's directory is gone", "rm -r /var/log/palate; {reload}",
          (REACHED + r"make files in /var/log/palate \(No such file or directory\), needed for \[log\] file",),
          r"^install -d -o www-data -g www-data -m 2750 /var/log/palate$"),
    Fault("log is root's", "chown -R root:root /var/log/palate; {reload}",
          (REACHED + r"(enter|write to) /var/log/palate\S* \(root:root 2750\), needed for \[log\] file",), r"^chgrp www-data /var/log/palate"),
    Fault("state is root's", "chown root:root /var/lib/palate/state; {reload}",
          (REACHED + r"make files in /var/lib/palate/state \(root:root 2770\), needed for \[limits\] state_file",),
          r"^chgrp www-data /var/lib/palate/state && chmod g\+rwx"),
    Fault("a library is missing", "for file in /usr/lib/*/libinih.so.1; do mv $file $file.gone; done",
          (r"loading shared libraries: libinih\.so\.1",), "", repair="for file in /usr/lib/*/libinih.so.1.gone; do mv $file ${{file%.gone}}; done",
          finding="died"),
    Fault("worker's library is missing", kept(WORKER, f"sed -i 's/libfcgi\\.so\\.0/libfcgX.so.0/g' {WORKER}"),
          (r"worker: .*libfcgX\.so\.0", r"service: .*(cannot run the worker|nothing takes connections there)"), r"ldd",
          repair=f"cp -p /root/kept {WORKER}; {{start}}"),
    Fault("worker is not executable", f"chmod a-x {WORKER}; {{reload}}",
          (REACHED + rf"run {WORKER} \(root:root 0644\)", r"service: .*(the web server cannot run the worker|nothing takes connections there)"),
          rf"^chmod a\+rx {WORKER}", after="{start}",
          others=(("palate", "FAIL", r"worker: .*cannot be run by this user: Permission denied", r"make install|chmod"),)),
    Fault("worker is missing", f"mv {WORKER} /root/kept; {{reload}}",
          (rf"worker: there is no {WORKER}", r"service: .*(the web server finds no worker|nothing takes connections there)"), r"^make install",
          repair=f"mv /root/kept {WORKER}; {{start}}"),
    Fault("MariaDB is stopped", "service mariadb stop", (r"database as the tool: MariaDB is not running",), r"^systemctl start mariadb",
          others=(("www-data", "FAIL", r"database as the worker: MariaDB is not running", r"systemctl start mariadb"),
                  ("palate", "FAIL", r"database as the tool: MariaDB is not running", r"systemctl start mariadb"))),
    Fault("worker's password is wrong", "echo wrong >/etc/palate/worker.password; {reload}",
          (r"database as the worker: the password of palate_worker is wrong", r"a recommendation: is not answered: status 500"),
          r"^mariadb -e \"ALTER USER 'palate_worker'@'localhost' IDENTIFIED BY",
          others=(("www-data", "FAIL", r"the password of palate_worker is wrong", r"/etc/palate/worker.password"),)),
    Fault("tool's password is wrong", "echo wrong >/etc/palate/tool.password", (r"database as the tool: the password of palate_tool is wrong",),
          r"^mariadb -e \"ALTER USER 'palate_tool'@'localhost' IDENTIFIED BY"),
    Fault("database has another name", kept(CONF, f"sed -i 's/^name .*/name = palte/' {CONF}"),
          (r"database as the tool: .*no rights in the database palte, or there is none",), r"correct \[database\] name", repair=back(CONF)),
    Fault("a right is missing", "mariadb -e 'REVOKE INSERT ON palate.decisions FROM palate_worker@localhost'",
          (r"rights of the workers: the user cannot write decisions", r"a recommendation: is not answered: status 500"),
          r"^palate grants \| mariadb palate"),
    Fault("a right too many", "mariadb -e 'GRANT DELETE ON palate.items TO palate_worker@localhost'",
          (r"rights of the workers: the user has DELETE on `palate`\.`items`",), r"^mariadb -e 'REVOKE DELETE ON"),
    Fault("all rights", "mariadb -e 'GRANT ALL PRIVILEGES ON palate.* TO palate_worker@localhost'",
          (r"rights of the workers: the user has ALL PRIVILEGES on `palate`\.\*", r"rights of the workers: the user can change clients"),
          r"^mariadb -e 'REVOKE ALL PRIVILEGES ON"),
    Fault("schema is behind", f"echo 'CREATE TABLE later (a INT);' >{EXAMPLES}/sql/$(ls {EXAMPLES}/sql | sed -n 's/^\\([0-9]*\\)-.*/\\1/p' |"
          f" tail -n 1 | awk '{{{{ printf \"%03d\", $1 + 1 }}}}')-later.sql", (r"schema: is at \d+, the files at \d+",), r"^palate migrate",
          after=f"rm {EXAMPLES}/sql/*-later.sql; mariadb palate -e 'DROP TABLE later; DELETE FROM schema_versions ORDER BY version DESC LIMIT 1'"),
    Fault("web server is stopped", "service {service} stop", (r"service: .*nothing takes connections there",),
          r"^systemctl start apache2 \(or lighttpd", repair="service {service} start"),
)
APACHE = (
    Fault("another site answers", "a2dissite -q palate; {reload}", (r"service: .*another site answers under this name \(status 404",),
          r"ServerName .*enabled", repair="a2ensite -q palate; {reload}"),
    Fault("web server names no configuration", kept(SITE, f"sed -i 's|^Define PALATE_CONFIG.*|Define PALATE_CONFIG /etc/no.conf|' {SITE}"),
          (rf"service: .*the workers run, but with another configuration than {CONF}, or with none",), rf"PALATE_CONFIG .*name {CONF}",
          repair=back(SITE), others=(("palate", "FAIL", UNCONFIGURED, r"^PALATE_CONFIG must reach them"),)),
    Fault("web server names another secret", other_configuration("s|^secret_file.*|secret_file = /etc/palate/other.secret|"),
          (r"Authorization header: a good token is refused: status 401",), r"PALATE_CONFIG", repair=back(SITE)),
    Fault("web server names other models", other_configuration("s|^directory.*|directory = /srv|"),
          (rf"a recommendation: was answered without the model of my-shop: the workers do not use {MODEL}, which www-data can read",),
          r"^the web server's PALATE_CONFIG has another \[model\] directory", repair=back(SITE)),
    Fault("Authorization is dropped", kept(f"{EXAMPLES}/apache-example.conf", f"sed -i 's/CGIPassAuth On/CGIPassAuth Off/' {EXAMPLES}/apache-example.conf"),
          (r"Authorization header: a good token is refused: status 401",), r"no bearer token.*CGIPassAuth On",
          repair=f"grep -q 'no bearer token' /var/log/palate/requests.log && {back(EXAMPLES + '/apache-example.conf')}"),
    Fault("LimitRequestBody", kept(OWN_SITE, f"echo 'LimitRequestBody 100000' >>{OWN_SITE}"),
          (r"bodies at the limit: 130048 bytes reach the workers as an empty body.*LimitRequestBody",), r"no LimitRequestBody",
          repair=back(OWN_SITE)),
    Fault("FcgidMaxRequestLen is mod_fcgid's own",
          kept(f"{EXAMPLES}/apache-example.conf", f"sed -i 's/FcgidMaxRequestLen .*/FcgidMaxRequestLen 131072/' {EXAMPLES}/apache-example.conf"),
          (r"bodies of 140 KB: .*status 500",), r"FcgidMaxRequestLen 67108864", repair=back(f"{EXAMPLES}/apache-example.conf")),
    # As docs/operations.md tells of TLS.
    Fault("certificate is self-signed",
          "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=api.example.org -addext subjectAltName=DNS:api.example.org"
          " -keyout /etc/ssl/private/own.key -out /etc/ssl/certs/own.pem 2>/dev/null; a2enmod -q ssl;"
          f" printf '%s\\n' 'SSLEngine on' 'SSLCertificateFile /etc/ssl/certs/own.pem' 'SSLCertificateKeyFile /etc/ssl/private/own.key' >>{OWN_SITE};"
          f" sed -i 's/^Define PALATE_LISTEN.*/Define PALATE_LISTEN *:443/' {SITE}; service apache2 restart",
          (r"service: .*its certificate is self-signed",), r"update-ca-certificates",
          repair="cp /etc/ssl/certs/own.pem /usr/local/share/ca-certificates/own.crt && update-ca-certificates",
          url="https://api.example.org"),
)
LIGHTTPD = (
    Fault("another site answers", "rm /etc/lighttpd/conf-enabled/50-palate.conf; {reload}",
          (r"service: .*another site answers under this name \(status 404",), r"\$HTTP\[\"host\"\]",
          repair="ln -s ../conf-available/50-palate.conf /etc/lighttpd/conf-enabled/; {reload}"),
    Fault("web server names no configuration",
          kept("/etc/lighttpd/conf-available/50-palate.conf",
               "sed -i 's|^var.palate_config .*|var.palate_config = \"/etc/no.conf\"|' /etc/lighttpd/conf-available/50-palate.conf"),
          (rf"service: .*the workers run, but with another configuration than {CONF}, or with none",), rf"PALATE_CONFIG .*name {CONF}",
          repair=back("/etc/lighttpd/conf-available/50-palate.conf")),
    Fault("bodies of GET are refused", kept(f"{EXAMPLES}/lighttpd-example.conf", f"sed -i '/^server.http-parseopts/d' {EXAMPLES}/lighttpd-example.conf"),
          (r"bodies of GET: are refused by the web server itself",), r"method-get-body", repair=back(f"{EXAMPLES}/lighttpd-example.conf")),
    Fault("bodies are limited",
          kept(f"{EXAMPLES}/lighttpd-example.conf", f"sed -i 's/server.max-request-size = .*/server.max-request-size = 100/' {EXAMPLES}/lighttpd-example.conf"),
          (r"bodies at the limit: 130048 bytes .*status 413",), r"server.max-request-size", repair=back(f"{EXAMPLES}/lighttpd-example.conf")),
)
FAULTS = {"apache": BOTH + APACHE, "lighttpd": BOTH + LIGHTTPD}

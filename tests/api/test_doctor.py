"""`palate doctor`: each fault has its own line, which names the cause and what fixes it."""
import grp
import itertools
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from harness.bad_sites import Site, other_site, passing_on
from harness.stand import BUILD, CHECKOUT, IS_ROOT, WEB_GROUP, Front, free_port

WEB_USER = "www-data"
as_root = pytest.mark.skipif(not IS_ROOT, reason="only root can look with the eyes of the web server's user")


class Report:
    """What doctor printed: of each warn and FAIL its text with the fix."""

    def __init__(self, result):
        self.code, self.text, self.errors = result.returncode, result.stdout, result.stderr
        self.found = {"ok": [], "warn": [], "FAIL": []}
        for line in result.stdout.splitlines():
            match = re.match(r"(ok|warn|FAIL) +(.*)", line)
            if match:
                last = self.found[match.group(1)]
                last.append(match.group(2))
            elif line.startswith("      fix: "):
                last[-1] += "\n" + line.strip()
        self.fails, self.warns = self.found["FAIL"], self.found["warn"]

    def fix(self, number=0):
        """The command of that FAIL, without its alternatives."""
        return self.fails[number].split("\nfix: ")[1].split(", or ")[0]

    def has(self, kind, *words):
        return any(all(word in line for word in words) for line in self.found[kind])


class Place:
    """A directory of a test with a configuration, its secrets and models of its own, which may be spoiled."""

    def __init__(self, stand, root):
        self.stand, self.root = stand, root
        root.mkdir()
        root.chmod(0o755)
        (root / "bin").mkdir()
        for name in ("palate", "palate.fcgi"):
            shutil.copy(BUILD / name, root / "bin" / name)
        (root / "models").mkdir()
        for name in ("worker.password", "tool.password", "token.secret"):
            self.write(name, (stand.root / name).read_text(), shared=name != "tool.password")
        self.settings = {
            "database": {"socket": stand.database.socket, "name": "palate", "user": "palate_worker",
                         "password_file": root / "worker.password"},
            "tool": {"database_user": "palate_tool", "database_password_file": root / "tool.password"},
            "token": {"algorithm": "HS256", "secret_file": root / "token.secret"},
            "model": {"directory": root / "models"},
            "limits": {"state_file": stand.root / "state/limits"},
        }
        for path in stand.models.glob("*.palate"):
            shutil.copy(path, root / "models")

    def write(self, name, text, shared=True):
        path = self.root / name
        path.write_text(text)
        path.chmod(0o640 if shared else 0o600)
        if IS_ROOT and shared:
            os.chown(path, 0, grp.getgrnam(WEB_GROUP).gr_gid)
        return path

    def configure(self, **changes):
        for section, values in changes.items():
            self.settings[section] = {**self.settings.get(section, {}), **values}
        lines = []
        for section, values in self.settings.items():
            lines += [f"[{section}]", *(f"{key} = {value}" for key, value in values.items()), ""]
        return self.write("palate.conf", "\n".join(lines))

    def command(self, *arguments):
        return [self.root / "bin/palate", "--config", self.root / "palate.conf", "doctor", *map(str, arguments)]

    def doctor(self, *arguments, as_user=None):
        group = pwd.getpwnam(as_user).pw_gid if as_user else 0
        prefix = ["setpriv", f"--reuid={as_user}", f"--regid={group}", "--init-groups", "--"] if as_user else []
        result = subprocess.run([*prefix, *self.command(*arguments)], env={**self.stand.environment, "PALATE_SQL_DIR": str(SQL)},
                                text=True, capture_output=True, timeout=120)
        return Report(result)

    def front(self, any_answer=False):
        front = Front(self.stand, "lighttpd", f"{self.root.name}-front", self.root / "palate.conf", workers=2)
        if any_answer:
            front.environment["PALATE_FRONT_ANY"] = "yes"
        self.stand.fronts[self.root.name, "lighttpd"] = front
        front.start()
        return front


SQL = CHECKOUT / "sql"
numbers = itertools.count(1)


@pytest.fixture
def place(stand):
    made = Place(stand, stand.root / f"doctor-{next(numbers)}")
    made.configure()
    yield made
    front = stand.fronts.pop((made.root.name, "lighttpd"), None)
    if front:
        front.stop()


def trials(stand):
    """What doctor has left in the database: clients, and rows of them as end users."""
    return (stand.database.execute("SELECT COUNT(*) FROM api_clients WHERE client_id LIKE 'palate-doctor-%%'")[0][0],
            stand.database.execute("SELECT COUNT(*) FROM entity_embeddings WHERE entity_id LIKE 'palate-doctor-%%'")[0][0])


def shell(command):
    return subprocess.run(["bash", "-c", command], check=True, timeout=30)


# ---- Nothing wrong


def test_nothing_is_wrong_with_a_good_installation(place, front, stand, one_row_each):
    report = place_for(place, front).doctor("--url", f"http://127.0.0.1:{front.port}")
    assert (report.code, report.fails) == (0, []), report.text
    assert report.has("ok", "a recommendation: 5 items for ")
    for what in ("bodies of GET", "chunked bodies", "bodies at the limit", "bodies above the limit", "bodies of 140 KB"):
        assert report.has("ok", what), report.text
    one_row_each(1)
    assert trials(stand) == (0, 0)


def place_for(place, front):
    """The place with the models that the shared fronts use."""
    place.configure(model={"directory": place.stand.models})
    return place


def test_without_an_address_nothing_is_written(place, stand, nothing_logged):
    report = place.doctor()
    assert report.code == 0, report.text
    assert trials(stand) == (0, 0)


def test_an_address_can_be_looked_for_elsewhere(place, quick):
    place_for(place, quick)
    there = f"http://shop.invalid:{quick.port}"
    report = place.doctor("--url", there)
    assert report.code == 1 and len(report.fails) == 1, report.text
    assert report.has("FAIL", "shop.invalid does not resolve", "--connect 127.0.0.1")
    assert place.doctor("--url", there, "--connect", "127.0.0.1").code == 0
    assert place.doctor("--url", "http://shop.invalid", "--connect", f"127.0.0.1:{quick.port}").code == 0


# ---- The database


def test_one_database_user_is_a_warning(place):
    place.configure(database={"user": "palate_tool", "password_file": place.root / "one.password"},
                    tool={"database_password_file": place.root / "one.password"})
    place.write("one.password", place.stand.database.passwords["palate_tool"])
    report = place.doctor()
    assert (report.code, report.fails) == (0, []), report.text
    assert report.has("warn", "palate_tool is both", "whole schema", "palate grants | mariadb palate")
    assert "REVOKE" not in report.text
    assert report.has("ok", "rights of the workers: all that is needed")


@pytest.fixture
def empty_database(stand):
    stand.database.execute("CREATE DATABASE palate_empty")
    stand.database.execute("GRANT ALL PRIVILEGES ON palate_empty.* TO 'palate_tool'@'localhost'")
    yield "palate_empty"
    stand.database.execute("REVOKE ALL PRIVILEGES ON palate_empty.* FROM 'palate_tool'@'localhost'")
    stand.database.execute("DROP DATABASE palate_empty")


@pytest.mark.parametrize("one_user", [False, True])
def test_before_migrate_there_is_one_thing_to_do(place, empty_database, one_user):
    place.configure(database={"name": empty_database})
    if one_user:
        place.configure(database={"user": "palate_tool", "password_file": place.root / "tool.password"})
        place.write("tool.password", place.stand.database.passwords["palate_tool"])
    report = place.doctor()
    assert (report.code, len(report.fails)) == (1, 1), report.text
    assert report.fix() == "palate migrate"


def test_a_schema_that_is_behind_is_to_be_migrated(place, tmp_path):
    folder = place.root / "sql"
    shutil.copytree(SQL, folder)
    (folder / "999-more.sql").write_text("SELECT 1;\n")
    report = place.doctor("--dir", folder)
    assert (report.code, len(report.fails)) == (1, 1), report.text
    assert report.fix() == "palate migrate"


@pytest.mark.parametrize("side, name, setting", [("worker", "palate_worker", "[database] password_file"),
                                                 ("tool", "palate_tool", "[tool] database_password_file")])
def test_a_wrong_password(place, side, name, setting):
    path = place.write(f"{side}.password", "wrong\n", shared=side == "worker")
    report = place.doctor()
    assert (report.code, len(report.fails)) == (1, 1), report.text
    assert report.has("FAIL", f"database as the {side}", f"password of {name} is wrong", str(path), setting)
    assert "socket" not in report.fix() and "systemctl" not in report.fix()


def test_a_user_without_the_unix_socket_plugins_leave(place, stand):
    stand.database.execute("CREATE USER 'palate_plugged'@'localhost' IDENTIFIED VIA unix_socket")
    stand.database.execute("GRANT ALL PRIVILEGES ON palate.* TO 'palate_plugged'@'localhost'")
    try:
        place.configure(tool={"database_user": "palate_plugged"})
        report = place.doctor()
    finally:
        stand.database.execute("DROP USER 'palate_plugged'@'localhost'")
    assert (report.code, len(report.fails)) == (1, 1), report.text
    assert report.has("FAIL", "palate_plugged may not log in", "unix_socket")


def test_mariadb_is_not_running(place):
    place.configure(database={"socket": place.root / "none.sock"})
    report = place.doctor()
    assert (report.code, len(report.fails)) == (1, 1), report.text
    assert report.has("FAIL", "MariaDB is not running, or its socket is not", "none.sock", "systemctl start mariadb")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(place.root / "left.sock"))
    (place.root / "left.sock").chmod(0o777)
    place.configure(database={"socket": place.root / "left.sock"})
    report = place.doctor()
    assert (report.code, len(report.fails)) == (1, 1), report.text
    assert report.has("FAIL", "nothing listens at its socket", "systemctl start mariadb")
    assert "USER" not in report.text


def test_nobody_listens_at_the_host(place):
    place.configure(database={"host": "127.0.0.1", "port": free_port()})
    report = place.doctor()
    assert (report.code, len(report.fails)) == (1, 1), report.text
    assert report.has("FAIL", "nothing takes connections at 127.0.0.1:", "bind-address")


def test_a_wrong_name_of_the_database(place):
    place.configure(database={"name": "palette"})
    report = place.doctor()
    assert (report.code, len(report.fails)) == (1, 1), report.text
    assert report.has("FAIL", "no rights in the database palette, or there is none", "[database] name")


def test_rights_that_are_missing_are_one_finding(place, database):
    with database.revoked("contexts", "events"):
        report = place.doctor()
    assert (report.code, len(report.fails)) == (1, 1), report.text
    assert report.has("FAIL", "cannot read contexts, read events", "palate grants | mariadb palate")


def test_rights_that_are_too_many(place, database):
    database.execute("GRANT UPDATE ON palate.decisions TO 'palate_worker'@'localhost'")
    try:
        report = place.doctor()
    finally:
        database.execute("REVOKE UPDATE ON palate.decisions FROM 'palate_worker'@'localhost'")
    assert (report.code, len(report.fails)) == (1, 1), report.text
    assert report.has("FAIL", "can change decisions", "REVOKE all rights", "palate grants")


# ---- What the web server's user reaches


def spoil_file(name):
    def spoil(place):
        os.chown(place.root / name, 0, 0)
        (place.root / name).chmod(0o600)
        return place.root / name
    return spoil


def spoil_model(place):
    path = place.root / "models" / f"tenant-{place.stand.tenant_id('alpha')}.palate"
    path.chmod(0o600)
    return path


def spoil_folder(name):
    def spoil(place):
        (place.root / name).chmod(0o700)
        return place.root / name
    return spoil


def spoil_log(place):
    place.configure(log={"file": place.root / "log/requests.log"})
    return place.root / "log"


def spoil_state(place):
    (place.root / "state").mkdir(mode=0o755)
    place.configure(limits={"state_file": place.root / "state/limits"})
    return place.root / "state"


def spoil_issuer(place):
    keys = place.root / "keys.json"
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    keys.write_text(json.dumps({"keys": [{**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key)), "kid": "one", "alg": "RS256"}]}))
    keys.chmod(0o600)
    issuer = {"issuer": "https://id.invalid/", "algorithms": ["RS256"], "audience": "palate", "jwks_file": str(keys)}
    (place.root / "issuers.json").write_text(json.dumps({"issuers": [issuer]}))
    place.configure(token={"issuers_file": place.root / "issuers.json"})
    return keys


def spoil_cache(place):
    place.configure(token={"keys_cache": place.root / "cache"})
    return place.root / "cache"


def spoil_worker(place):
    (place.root / "bin/palate.fcgi").chmod(0o700)
    return place.root / "bin/palate.fcgi"


@as_root
@pytest.mark.parametrize("spoil, needed", [
    (spoil_file("palate.conf"), "cannot read"),
    (spoil_file("token.secret"), "[token] secret_file"),
    (spoil_file("worker.password"), "[database] password_file"),
    (spoil_model, "the model of alpha"),
    (spoil_folder("models"), "[model] directory"),
    (spoil_folder("."), "cannot enter"),
    (spoil_log, "[log] file"),
    (spoil_state, "[limits] state_file"),
    (spoil_worker, "the worker"),
    (spoil_issuer, "keys of an identity provider"),
    (spoil_cache, "[token] keys_cache"),
], ids=["configuration", "secret", "password", "model", "models", "folder", "log", "state", "worker", "issuer", "cache"])
def test_what_the_web_user_cannot_reach_is_one_finding_and_its_fix_fixes(place, spoil, needed):
    path = spoil(place)
    report = place.doctor()
    assert (report.code, len(report.fails)) == (1, 1), report.text
    assert report.has("FAIL", f"access of {WEB_USER}: {WEB_USER} cannot ", str(path), needed, WEB_GROUP), report.text
    assert "palate train" not in "".join(report.fails)
    shell(report.fix())
    fixed = place.doctor()
    assert (fixed.code, fixed.fails) == (0, []), fixed.text


@as_root
@pytest.mark.skipif(not shutil.which("setfacl"), reason="the package acl is not installed")
def test_an_access_list_is_as_good_as_a_group(place):
    for name in ("worker.password", "token.secret"):
        spoil_file(name)(place)
        report = place.doctor()
        assert (report.code, len(report.fails)) == (1, 1), report.text
        shell(report.fails[0].split("or without root: ")[1])
    # The configuration stays root's, who acts by it; a password in it is for the web server's user alone.
    password = (place.root / "worker.password").read_text().strip()
    place.configure(database={"password_file": "", "password": password})
    spoil_file("palate.conf")(place)
    report = place.doctor()
    assert len(report.fails) == 1 and report.fix().startswith("setfacl -m "), report.text
    shell(report.fix())
    report = place.doctor()
    assert (report.code, report.fails) == (0, []), report.text


@as_root
def test_what_lies_in_a_shut_directory_is_told_together(place):
    place.root.chmod(0o700)
    report = place.doctor()
    assert (report.code, len(report.fails)) == (1, 1), report.text
    assert report.has("FAIL", "the configuration, [token] secret_file, [database] password_file", "chmod g+x")


@as_root
def test_the_log_is_made_by_the_web_user(place):
    folder = place.root / "log"
    folder.mkdir()
    os.chown(folder, pwd.getpwnam(WEB_USER).pw_uid, 0)
    place.configure(log={"file": folder / "requests.log"})
    assert place.doctor().code == 0
    assert (folder / "requests.log").owner() == WEB_USER
    assert "/openapi.json" in (folder / "requests.log").read_text()


@as_root
def test_a_model_that_workers_cannot_read_is_no_matter_of_training(place):
    path = spoil_model(place)
    front = place.front()
    report = place.doctor("--url", f"http://127.0.0.1:{front.port}")
    assert report.code == 1, report.text
    assert len(report.fails) == 2, report.text
    assert report.has("FAIL", "a recommendation: was answered without the model of alpha", f"{WEB_USER} cannot read {path}")
    assert "palate train" not in "".join(report.fails)
    assert "let the workers' user read it" in front.log()
    shell(report.fix(1))
    fixed = place.doctor("--url", f"http://127.0.0.1:{front.port}")
    assert (fixed.code, fixed.fails) == (0, []), fixed.text


def test_workers_that_use_another_model_are_told(place, quick):
    """The front's configuration has the stand's models, ours has those that were trained once more since."""
    result = subprocess.run([place.root / "bin/palate", "--config", place.root / "palate.conf", "train", "--tenant", "alpha"],
                            env=place.stand.environment, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    report = place.doctor("--url", f"http://127.0.0.1:{quick.port}")
    assert (report.code, len(report.fails)) == (1, 1), report.text
    assert report.has("FAIL", "another model of alpha", "another [model] directory")


def test_a_web_user_that_does_not_exist_is_wrong_usage(place):
    report = place.doctor("--web-user", "palate-no-such-user")
    assert report.code == 2
    assert 'no user "palate-no-such-user"' in report.errors


@as_root
def test_the_web_user_checks_the_workers_part(place):
    report = place.doctor(as_user=WEB_USER)
    assert (report.code, report.fails, len(report.warns)) == (0, [], 1), report.text
    assert report.has("warn", "the tool's part: not checked", "tool.password", "Permission denied")
    for what in ("database as the worker", "rights of the workers", f"access of {WEB_USER}", "worker"):
        assert report.has("ok", what), report.text


@as_root
def test_an_ordinary_user_says_that_access_was_not_checked(place, quick):
    for name in ("palate.conf", "worker.password", "tool.password", "token.secret"):
        os.chown(place.root / name, pwd.getpwnam("nobody").pw_uid, -1)
    place_for(place, quick)
    os.chown(place.root / "palate.conf", pwd.getpwnam("nobody").pw_uid, -1)
    report = place.doctor(as_user="nobody")
    assert (report.code, report.fails) == (0, []), report.text
    assert report.has("warn", "access of the workers: not checked", "sudo palate doctor")
    assert report.has("ok", "worker: ", "starts")
    report = place.doctor("--url", f"http://127.0.0.1:{quick.port}", as_user="nobody")
    assert (report.code, report.fails) == (0, []), report.text
    assert report.has("ok", "access of the workers: not checked")


# ---- The worker


def test_a_library_that_is_missing_is_named(place):
    path = place.root / "bin/palate.fcgi"
    whole = path.read_bytes()
    assert whole.count(b"libfcgi.so.0\0") == 1
    path.write_bytes(whole.replace(b"libfcgi.so.0\0", b"libfcgX.so.0\0"))
    report = place.doctor()
    assert (report.code, len(report.fails)) == (1, 1), report.text
    assert report.has("FAIL", "worker: ", "libfcgX.so.0", "ldd")


def test_a_worker_that_is_not_found_is_said(place):
    os.remove(place.root / "bin/palate.fcgi")
    report = place.doctor()
    assert report.code == 0, report.text
    assert report.has("warn", "worker: not started", "--worker")
    report = place.doctor("--worker", place.root / "none")
    assert (report.code, len(report.fails)) == (1, 1), report.text
    report = place.doctor("--worker", BUILD / "palate.fcgi") if not IS_ROOT else place.doctor("--worker", copy_of_worker(place))
    assert report.has("ok", "worker: ", "starts"), report.text


def copy_of_worker(place):
    return shutil.copy(BUILD / "palate.fcgi", place.root / "elsewhere")


# ---- The service


def only_fail(place, *arguments):
    report = place.doctor(*arguments)
    assert (report.code, len(report.fails)) == (1, 1), report.text
    return report


@pytest.fixture
def certificate(tmp_path):
    path = tmp_path / "site.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost", "-keyout", path, "-out", tmp_path / "cert.pem"], check=True, capture_output=True)
    path.write_text(path.read_text() + (tmp_path / "cert.pem").read_text())
    return path


def test_a_certificate_that_is_self_signed(place, certificate):
    with Site(other_site(), certificate) as site:
        report = only_fail(place, "--url", f"https://localhost:{site.port}")
    assert report.has("FAIL", "service", "self-signed", "certbot")
    assert "systemctl" not in report.fix()


def test_a_port_without_tls(place, quick):
    assert only_fail(place, "--url", f"https://127.0.0.1:{quick.port}").has("FAIL", "no TLS is spoken there", "http://")


def test_nothing_listens(place):
    report = only_fail(place, "--url", f"http://127.0.0.1:{free_port()}")
    assert report.has("FAIL", "nothing takes connections there", "systemctl start apache2")


@pytest.mark.parametrize("status, headers, words", [
    (404, {}, ("another site answers under this name", "ServerName")),
    (200, {}, ("another site answers under this name", "ServerName")),
    (301, {"Location": "https://elsewhere.invalid/x"}, ("leads elsewhere: https://elsewhere.invalid/x", "--url")),
    (401, {}, ("asks for a password", "Require all granted")),
    (403, {}, ("itself refuses", "Require all granted")),
    (500, {}, ("cannot run the worker", "error log")),
    (503, {}, ("no worker is there", "server.breakagelog")),
])
def test_another_site_answers(place, status, headers, words):
    with Site(other_site(status, **headers)) as site:
        report = only_fail(place, "--url", f"http://127.0.0.1:{site.port}")
    assert report.has("FAIL", "service", *words), report.text
    assert "start the web server" not in report.text


def test_a_base_path_that_is_forgotten(place, quick):
    report = only_fail(place, "--url", f"http://127.0.0.1:{quick.port}/shop")
    assert report.has("FAIL", "knows no /recommendations there", "[http] base_path")


@as_root
def test_workers_without_their_configuration(place):
    spoil_file("token.secret")(place)
    front = place.front(any_answer=True)
    report = place.doctor("--url", f"http://127.0.0.1:{front.port}")
    assert (report.code, len(report.fails)) == (1, 2), report.text
    assert report.has("FAIL", f"{WEB_USER} cannot read", "token.secret", "chgrp")
    assert report.has("FAIL", "the workers run, but cannot read their configuration", "PALATE_CONFIG")


def without(name):
    def change(_, headers, body):
        headers.pop(name, None)
        return body
    return change


def test_a_server_that_keeps_authorization_to_itself(place, quick, stand):
    with Site(passing_on(quick.port, without("Authorization"))) as site:
        report = only_fail(place, "--url", f"http://127.0.0.1:{site.port}")
    assert report.has("FAIL", "Authorization header: a good token is refused", "CGIPassAuth On")
    assert trials(stand) == (0, 0)


def test_a_server_that_drops_bodies_of_get(place, quick):
    place_for(place, quick)
    with Site(passing_on(quick.port, lambda it, _, body: b"" if it.command == "GET" else body)) as site:
        assert only_fail(place, "--url", f"http://127.0.0.1:{site.port}").has("FAIL", "bodies of GET: are dropped")


def test_a_server_that_takes_no_chunks(place, quick):
    place_for(place, quick)
    with Site(passing_on(quick.port, lambda it, _, body: (500, b"<html>") if it.headers.get("Transfer-Encoding") else body)) as site:
        report = only_fail(place, "--url", f"http://127.0.0.1:{site.port}")
    assert report.has("FAIL", "chunked bodies: do not reach the workers", "suexec")


def test_a_server_that_takes_no_large_bodies(place, quick):
    place_for(place, quick)
    with Site(passing_on(quick.port, lambda _, __, body: (500, b"<html>") if len(body) > 131072 else body)) as site:
        report = only_fail(place, "--url", f"http://127.0.0.1:{site.port}")
    assert report.has("FAIL", "bodies of 140 KB", "FcgidMaxRequestLen")
    with Site(passing_on(quick.port, lambda _, __, body: (413, b"<html>") if len(body) > 131072 else body)) as site:
        report = place.doctor("--url", f"http://127.0.0.1:{site.port}")
    assert (report.code, report.fails) == (0, []), report.text
    assert report.has("warn", "bodies of 140 KB: 143360 bytes are refused by the web server itself")


# ---- The client of its own


def real_request(handler):
    return handler.command == "GET" and "quantity=5" in handler.path


@pytest.mark.parametrize("answer", [(500, b'{"code":"internal_error"}', "application/json"), None], ids=["500", "hung up"])
def test_the_client_is_removed_after_a_failure(place, quick, stand, answer):
    seen = []

    def change(handler, _, body):
        if not real_request(handler):
            return body
        seen.append(trials(stand)[0])
        return answer

    place_for(place, quick)
    with Site(passing_on(quick.port, change)) as site:
        report = only_fail(place, "--url", f"http://127.0.0.1:{site.port}")
    assert report.has("FAIL", "a recommendation: is not answered")
    assert set(seen) == {1} and trials(stand) == (0, 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_client_is_removed_after_an_interrupt(place, quick, stand, number):
    asked, go_on = threading.Event(), threading.Event()

    def change(handler, _, body):
        if real_request(handler):
            asked.set()
            go_on.wait(30)
        return body

    place_for(place, quick)
    with Site(passing_on(quick.port, change)) as site:
        process = subprocess.Popen(place.command("--url", f"http://127.0.0.1:{site.port}"), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, env={**stand.environment, "PALATE_SQL_DIR": str(SQL)})
        assert asked.wait(60)
        assert trials(stand)[0] == 1
        before = time.monotonic()
        process.send_signal(number)
        output, errors = process.communicate(timeout=30)
        took = time.monotonic() - before
        go_on.set()
    assert process.returncode == 1 and "interrupted" in errors, (output, errors)
    assert "FAIL" not in output and took < 10
    assert trials(stand)[0] == 0


def test_the_client_is_removed_when_the_connection_was_lost(place, quick, stand):
    def change(handler, _, body):
        if real_request(handler):
            for row in stand.database.execute("SELECT id FROM information_schema.processlist WHERE user = 'palate_tool'"):
                stand.database.execute(f"KILL CONNECTION {row[0]}")
        return body

    place_for(place, quick)
    with Site(passing_on(quick.port, change)) as site:
        place.doctor("--url", f"http://127.0.0.1:{site.port}")
    assert trials(stand)[0] == 0


def test_what_a_killed_doctor_left_is_removed_by_the_next(place, quick, stand):
    insert = ("INSERT INTO api_clients (tenant_id, client_id, name, secret_salt, secret_hash, created_at) VALUES (%s, %s, %s, '', '',"
              " CURRENT_TIMESTAMP - INTERVAL %s MINUTE)")
    number = stand.tenant_id("alpha")
    rows = (("palate-doctor-old", "palate doctor", 61), ("palate-doctor-new", "palate doctor", 5), ("palate-doctor-own", "a person's", 61))
    for client, name, minutes in rows:
        stand.database.execute(insert, number, client, name, minutes)
    place_for(place, quick)
    report = place.doctor("--url", f"http://127.0.0.1:{quick.port}")
    left = {row[0] for row in stand.database.execute("SELECT client_id FROM api_clients WHERE client_id LIKE 'palate-doctor-%%'")}
    stand.database.execute("DELETE FROM api_clients WHERE client_id LIKE 'palate-doctor-%%'")
    assert report.code == 0, report.text
    assert left == {"palate-doctor-new", "palate-doctor-own"}


# ---- The database's server


@pytest.mark.parametrize("kind, variable, value, words", [
    ("warn", "wait_timeout", 5, ("wait_timeout is 5 s", "SET GLOBAL wait_timeout")),
    ("FAIL", "max_allowed_packet", 65536, ("max_allowed_packet is 64.0 KiB", "max_allowed_packet = 16M"))])
def test_settings_of_the_server(place, stand, kind, variable, value, words):
    stand.database.execute(f"SET GLOBAL {variable} = {value}")
    try:
        report = place.doctor()
    finally:
        stand.database.execute(f"SET GLOBAL {variable} = DEFAULT")
    assert report.has(kind, "MariaDB's settings", *words), report.text
    assert len(report.fails) == (kind == "FAIL"), report.text


def test_what_the_database_holds_and_how_it_compares(place, stand):
    good = place.doctor()
    for line in (("session", "strict sql_mode, utf8mb4, UTC"), ("character set", "utf8mb4 in palate and all of its tables")):
        assert good.has("ok", *line), good.text
    assert re.search(r"room for the database: .* are free at /.*; the tables take .* MiB, the largest, ", good.text), good.text
    facts = (CHECKOUT / "fcgi" / "storage" / "server_facts.c").read_text()
    ours = set(re.findall(r"'(\w+)'", facts[facts.index("#define OUR_TABLES"):facts.index("READ_DATABASE")]))
    assert ours == {name for name, in stand.database.execute("SHOW TABLES")}, "a new table belongs into the list"
    stand.database.execute("CREATE TABLE orders (id VARCHAR(10) PRIMARY KEY) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
    try:
        assert place.doctor().has("ok", "character set"), "a shop's own table compares as the shop likes"
    finally:
        stand.database.execute("DROP TABLE orders")
    stand.database.execute("ALTER TABLE push_positions COLLATE utf8mb4_general_ci")
    try:
        report = only_fail(place)
    finally:
        stand.database.execute("ALTER TABLE push_positions COLLATE utf8mb4_nopad_bin")
    assert report.has("FAIL", "character set: 1 of the tables do not compare as utf8mb4_nopad_bin does", "CONVERT TO CHARACTER SET")

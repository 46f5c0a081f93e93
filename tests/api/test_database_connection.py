"""The connection to MariaDB: what a false server gets, and TLS where it is asked for."""
import contextlib
import os
import subprocess
import sys

import pytest

from harness import rogue_database
from harness.rogue_database import RogueDatabase
from harness.client import Api
from harness.shapes import check_recommendations_answer
from harness.stand import CHECKOUT, IS_ROOT, free_port, wait_until

TELLING = (b"mysql_clear_password", b"dialog", b"sha256_password", b"caching_sha2_password", b"mysql_old_password")


def by_host(stand, name, port, **more):
    """The path of a configuration that leads to MariaDB at this port; .password is what a false one is after."""
    text = stand.configure(name).read_text()
    lines = [line for line in text.splitlines() if not line.startswith("socket = ")]
    at = lines.index("[database]") + 1
    lines[at:at] = ["host = 127.0.0.1", f"port = {port}", *(f"{key} = {value}" for key, value in more.items())]
    return stand.write(name, "\n".join(lines) + "\n")


def ask(stand, path):
    return stand.tool.run("--config", path, "tenant", "list", "--quiet", check=False, timeout=30)


# ---- A false server


@pytest.mark.parametrize("plugin", TELLING)
def test_no_server_is_told_the_password(stand, plugin):
    password = stand.database.passwords["palate_tool"].encode()
    for how in ({"plugin": plugin}, {"switch": plugin}):
        with RogueDatabase(**how) as rogue:
            said = ask(stand, by_host(stand, "rogue.conf", rogue.port))
            assert rogue.over.wait(10)
        assert said.returncode == 1 and said.stderr
        assert password not in rogue.login + rogue.told
        assert not rogue.told, "nothing at all is sent in such a way"


def test_no_server_gets_a_file(stand):
    file = stand.root / "tool.password"
    with RogueDatabase(wants=str(file)) as rogue:
        said = ask(stand, by_host(stand, "rogue.conf", rogue.port))
        assert not rogue.capabilities() & rogue_database.LOCAL_FILES, "the client says that it can send files"
    assert said.returncode == 1
    assert file.read_bytes().strip() not in rogue.file


def test_a_server_without_tls_is_sent_nothing_where_tls_is_on(stand):
    with RogueDatabase() as rogue:
        said = ask(stand, by_host(stand, "rogue.conf", rogue.port, ssl="on"))
        assert rogue.over.wait(10)
    assert said.returncode == 1 and "SSL" in said.stderr
    assert b"palate_tool" not in rogue.login


# ---- TLS


def certificate(folder, name, subject):
    """A self-signed one for 127.0.0.1, which is its own authority: (certificate, key)."""
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                    "/CN=localhost", "-addext", f"subjectAltName={subject}", "-keyout", paths[1], "-out", paths[0]], check=True,
                   capture_output=True)
    for path in paths:
        path.chmod(0o644)
    return paths


@pytest.fixture(scope="module")
def served(stand):
    """MariaDB listens on a port, with a certificate, from now on; its users may come from 127.0.0.1."""
    database = stand.database
    folder = stand.root / "database-tls"
    folder.mkdir()
    folder.chmod(0o755)
    own, key = certificate(folder, "own", "IP:127.0.0.1")
    certificate(folder, "other", "IP:127.0.0.1")
    port = free_port()
    database.stop()
    (database.directory / "mariadb.options").write_text("\n".join(
        ("--skip-networking=0", "--bind-address=127.0.0.1", f"--port={port}", f"--ssl-cert={own}", f"--ssl-key={key}")))
    database.start()
    for user, password in database.passwords.items():
        database.execute(f"CREATE USER '{user}'@'127.0.0.1' IDENTIFIED BY '{password}' REQUIRE SSL")
        for grant, in database.execute(f"SHOW GRANTS FOR '{user}'@'localhost'"):
            if not grant.startswith("GRANT USAGE"):
                database.execute(grant.replace("`localhost`", "`127.0.0.1`"))
    return port, folder


def test_tool_and_worker_speak_tls(stand, served, mint):
    port, folder = served
    path = by_host(stand, "tls.conf", port, ssl="on", ssl_ca=folder / "own.pem")
    assert "alpha" in ask(stand, path).stdout
    answer = stand.run_cgi(PALATE_CONFIG=str(path), REQUEST_URI="/recommendations?user_id=u", QUERY_STRING="user_id=u",
                           HTTP_AUTHORIZATION=f"Bearer {mint()}")
    assert answer.status == 200, answer


@pytest.mark.parametrize("settings, good", [
    ({"ssl_ca": "other.pem"}, False), ({}, False), ({"ssl_verify": "no"}, True), ({"ssl_ca": "own.pem"}, True)])
def test_a_certificate_that_does_not_hold_is_refused(stand, served, settings, good):
    port, folder = served
    settings = {key: folder / value if key == "ssl_ca" else value for key, value in settings.items()}
    said = ask(stand, by_host(stand, "tls.conf", port, ssl="on", **settings))
    assert (said.returncode == 0) == good, said


def test_a_certificate_of_another_host_is_refused(stand, served):
    """The same server under a name that its certificate does not have."""
    port, folder = served
    path = by_host(stand, "tls.conf", port, ssl="on", ssl_ca=folder / "own.pem")
    path.write_text(path.read_text().replace("host = 127.0.0.1", "host = 127.0.0.2"))
    assert ask(stand, path).returncode == 1


def test_doctor_says_how_it_is_connected(stand, served):
    port, folder = served
    said = stand.tool.run("--config", by_host(stand, "tls.conf", port, ssl="on", ssl_ca=folder / "own.pem"), "doctor", check=False).stdout
    assert "encrypted (TLSv1." in said, said


# ---- Another machine, in clear


FORWARD = """
import socket, sys, threading
def pass_on(a, b):
    while data := a.recv(65536):
        b.sendall(data)
    b.shutdown(socket.SHUT_WR)
listener = socket.create_server((sys.argv[1], 3306))
while True:
    client, _ = listener.accept()
    server = socket.socket(socket.AF_UNIX)
    server.connect(sys.argv[2])
    for pair in ((client, server), (server, client)):
        threading.Thread(target=pass_on, args=pair, daemon=True).start()
"""
HERE, THERE = "198.18.77.1", "198.18.77.2"


@pytest.fixture
def other_machine(stand):
    """A network of its own, in which the database's socket is reached by TCP: as far away as a machine can be on this one."""
    name, link = f"palate-{os.getpid()}", f"pal{os.getpid()}"
    steps = (f"netns add {name}", f"link add {link} type veth peer name {link}p netns {name}", f"addr add {HERE}/30 dev {link}",
             f"link set {link} up", f"-n {name} addr add {THERE}/30 dev {link}p", f"-n {name} link set {link}p up")
    forward = None
    try:
        for step in steps:
            if not IS_ROOT or subprocess.run(["ip", *step.split()], capture_output=True).returncode:
                pytest.skip("no network can be made here")
        forward = subprocess.Popen(["ip", "netns", "exec", name, sys.executable, "-c", FORWARD, THERE, str(stand.database.socket)],
                                   stderr=subprocess.DEVNULL)
        yield THERE
    finally:
        if forward:
            forward.kill()
            forward.wait()
        with contextlib.suppress(OSError):
            subprocess.run(["ip", "link", "delete", link], capture_output=True)
            subprocess.run(["ip", "netns", "delete", name], capture_output=True)


def test_a_clear_connection_to_another_machine_is_warned_of(stand, other_machine, mint):
    path = by_host(stand, "elsewhere.conf", 3306)
    path.write_text(path.read_text().replace("host = 127.0.0.1", f"host = {other_machine}"))
    wait_until(lambda: ask(stand, path).returncode == 0, 10, "the other machine answers")
    said = stand.tool.run("--config", path, "doctor", check=False).stdout
    assert f"warn  database as the tool: palate_tool@palate, and what goes to {other_machine} is not encrypted" in said, said
    assert "fix: [database] ssl = on" in said
    front = stand.front("lighttpd", name="elsewhere", configuration=path, workers=1)
    api = Api(front, mint())
    for _ in range(2):
        check_recommendations_answer(api.recommendations(user_id="u"))
    front.stop()
    del stand.fronts["elsewhere", "lighttpd"]
    assert front.log().count(f"the connection to MariaDB at {other_machine} is not encrypted; set [database] ssl = on") == 1


# ---- What setup writes


@pytest.mark.parametrize("host, said", [("127.0.0.1", ""), ("192.0.2.7:3307", "database.ssl=on"), ("", "")])
def test_a_new_installation_speaks_to_another_machine_by_tls_alone(host, said):
    script = f"work=/tmp configuration=/nonexistent; setting() {{ echo \"$3\"; }}; . {CHECKOUT}/etc/setup/database.sh;" \
             " read_database_settings; where; tls_settings"
    lines = subprocess.run(["bash", "-c", script], env={"PATH": "/usr/bin:/bin:/usr/sbin", "PALATE_DATABASE_HOST": host}, check=True,
                           capture_output=True, text=True).stdout.splitlines()
    assert ("database.ssl=on" in lines, "--ssl-verify-server-cert" in lines) == (bool(said), bool(said)), lines


# ---- Several hosts


def test_a_list_of_hosts_names_nodes_of_a_cluster_alone(stand, served):
    """A replica in the list might hold less than what was acknowledged, so a server that is no node is never used."""
    port, folder = served
    path = by_host(stand, "several.conf", port, ssl="on", ssl_ca=folder / "own.pem")
    path.write_text(path.read_text().replace("host = 127.0.0.1", "host = 127.0.0.1, 127.0.0.2"))
    said = ask(stand, path)
    assert said.returncode == 1 and "no node of a Galera cluster" in said.stderr

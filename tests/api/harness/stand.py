"""The private installation that all tests share: one MariaDB, the tool, and web servers started when first asked for.

Everything lies below one temporary directory and is ended by Stand.close(), whatever has happened.
"""
import configparser
import contextlib
import grp
import hashlib
import http.client
import io
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pymysql

from harness import openapi
from harness.client import Answer, request
from harness.tokens import READ

CHECKOUT = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("PALATE_BUILD", CHECKOUT / "build" / "sanitize")).resolve()
KINDS = ("apache-fcgid", "lighttpd", "apache-cgi", "htaccess")
WEB_GROUP = "www-data"
LOCK_TIMEOUT = 1  # seconds; the default of 3 would only make the tests slower
STATEMENT_TIMEOUT = 3  # seconds; default 10

IS_ROOT = os.geteuid() == 0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, seconds, what):
    """Polls condition() until it is true; returns its value."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.02)
    return value


def processes_of(text):
    """Ids of live processes whose program's path begins with text: only ever used with paths below our own directory."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if (entry / "cmdline").read_bytes().startswith(os.fsencode(text)):
                    found.append(int(entry.name))
    return found


class Database:
    """The private MariaDB, seen by its administrator."""

    def __init__(self, directory, environment):
        self.directory, self.environment = directory, environment
        self.socket = directory / "mariadb.sock"
        self.passwords = {"palate_worker": secrets.token_hex(16), "palate_tool": secrets.token_hex(16)}
        self.connection = None

    def script(self, action):
        subprocess.run([CHECKOUT / "etc/demo/mariadb", action, self.directory], env=self.environment, check=True, timeout=180)

    def start(self):
        self.script("start")
        self.connection = self.connect()

    def stop(self):
        if self.connection:
            with contextlib.suppress(pymysql.Error):
                self.connection.close()
            self.connection = None
        if self.directory.exists():
            self.script("stop")

    def connect(self):
        options = configparser.ConfigParser()
        options.read(self.directory / "admin.cnf")
        database = "palate" if (self.directory / "data" / "palate").exists() else None
        return pymysql.connect(unix_socket=str(self.socket), user=options["client"]["user"], database=database,
                               password=options["client"]["password"], autocommit=True, charset="utf8mb4")

    def execute(self, sql, *values):
        with self.connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.fetchall()

    def create_users(self):
        self.execute("CREATE DATABASE palate CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin")
        self.execute("USE palate")
        for user, password in self.passwords.items():
            self.execute(f"CREATE USER '{user}'@'localhost' IDENTIFIED BY '{password}'")
        self.execute("GRANT ALL PRIVILEGES ON palate.* TO 'palate_tool'@'localhost'")

    def grant_worker(self):
        lines = [line for line in (CHECKOUT / "sql/grants.sql").read_text().splitlines() if not line.startswith("--")]
        for statement in "\n".join(lines).split(";"):
            if statement.strip():
                self.execute(statement)

    def connections(self):
        """Ids of the workers' connections."""
        rows = self.execute("SELECT id FROM information_schema.processlist WHERE user = 'palate_worker'")
        return [row[0] for row in rows]

    def kill_connections(self):
        """Cuts every connection of the workers, idle or in the middle of something; returns their number."""
        killed = 0
        for number in self.connections():
            with contextlib.suppress(pymysql.Error):
                self.execute(f"KILL CONNECTION {number}")
                killed += 1
        return killed

    def waiting(self, table):
        """How many statements of workers on that table are running or waiting for a lock right now."""
        return self.execute("SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'palate_worker' AND info LIKE %s",
                            f"%{table}%")[0][0]

    @contextlib.contextmanager
    def locked(self, *tables):
        """Holds write locks on tables, from a connection of its own."""
        other = self.connect()
        try:
            with other.cursor() as cursor:
                cursor.execute("LOCK TABLES " + ", ".join(f"{table} WRITE" for table in tables))
            yield
        finally:
            other.close()

    @contextlib.contextmanager
    def rows_locked(self, statement, *values):
        """Holds the row locks of a statement in an open transaction, from a connection of its own."""
        other = self.connect()
        try:
            other.begin()
            with other.cursor() as cursor:
                cursor.execute(statement, values or None)
            yield
        finally:
            other.rollback()
            other.close()

    @contextlib.contextmanager
    def commits_blocked(self):
        """Lets every statement through but COMMIT, as a backup does."""
        other = self.connect()
        try:
            with other.cursor() as cursor:
                for stage in ("START", "FLUSH", "BLOCK_DDL", "BLOCK_COMMIT"):
                    cursor.execute(f"BACKUP STAGE {stage}")
            yield
        finally:
            other.close()

    @contextlib.contextmanager
    def frozen(self):
        """Stops the server's process in the middle of whatever it does, without ending it."""
        pid = int((self.directory / "mariadb.pid").read_text())
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def deadlocks(self):
        return int(self.execute("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")[0][1])

    @contextlib.contextmanager
    def revoked(self, *tables):
        """Takes the worker's right to read tables away for a moment, which makes the recommender fail. Items are only read when
        something has changed, so their revision is raised as well."""
        for table in tables:
            self.execute(f"REVOKE SELECT ON palate.{table} FROM 'palate_worker'@'localhost'")
        if "items" in tables:
            self.execute("UPDATE tenants SET catalogue_revision = catalogue_revision + 1")
        try:
            yield
        finally:
            for table in tables:
                self.execute(f"GRANT SELECT ON palate.{table} TO 'palate_worker'@'localhost'")


class Tool:
    """The command line tool, with its own rights and the session's configuration."""

    def __init__(self, stand):
        self.stand = stand

    def run(self, *arguments, check=True, text=None, timeout=300):
        result = subprocess.run([BUILD / "palate", *map(str, arguments)], env=self.stand.environment, input=text, text=True,
                                capture_output=True, timeout=timeout)
        assert not check or result.returncode == 0, f"palate {arguments}: {result.returncode}\n{result.stdout}\n{result.stderr}"
        return result

    def tenant(self, key):
        self.run("tenant", "create", f"The shop {key}", "--key", key)

    def client(self, tenant, client):
        self.run("client", "create", "--tenant", tenant, "--id", client, "--scopes", READ)

    def items(self, tenant, path):
        self.run("import", "items", path, "--tenant", tenant)

    def events(self, tenant, path):
        self.run("import", "events", path, "--tenant", tenant)

    def train(self, tenant):
        self.run("train", "--tenant", tenant)

    def context(self, tenant, number, key, settings):
        self.run("context", "set", "--tenant", tenant, "--id", number, "--key", key, "--name", f"Context {number}",
                 "--settings", json.dumps(settings))


class Front:
    """One running web server. kind is one of KINDS, port where it listens on 127.0.0.1."""

    def __init__(self, stand, kind, name, configuration, workers=None):
        self.kind, self.port = kind, free_port()
        self.directory = stand.root / name
        self.environment = {**stand.environment, "PALATE_CONFIG": str(configuration),
                            "PALATE_WORKER": str(BUILD / "palate.fcgi")}
        self.pool = workers or {"lighttpd": 8}.get(kind, 32)
        self.environment["PALATE_FRONT_WORKERS"] = str(self.pool)

    def script(self, *arguments):
        result = subprocess.run([CHECKOUT / "etc/demo/front", *map(str, arguments)], env=self.environment, text=True,
                                capture_output=True, timeout=120)
        assert result.returncode == 0, f"front {arguments}: {result.stderr}"

    def start(self):
        self.directory.mkdir(exist_ok=True)
        self.script("start", self.kind, self.directory, self.port)

    def stop(self):
        self.script("stop", self.kind, self.directory)

    def workers(self):
        """Process ids of this front's workers."""
        return processes_of(self.directory / self.kind) if self.kind != "apache-cgi" else []

    def signal_workers(self, number, pids=None):
        for pid in self.workers() if pids is None else pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def replace_workers(self):
        """Ends all workers, so that the next requests meet new processes that have nothing cached or mapped."""
        old = self.workers()
        self.signal_workers(signal.SIGTERM, old)
        wait_until(lambda: not set(old) & set(self.workers()), 5, "the workers end")
        self.settle()

    def settle(self):
        """Waits until the front has got over dead workers: lighttpd starts new ones at its next tick of a second, and asks one
        that could not be reached again only a second later."""
        def calm():
            return all(request(self.port, "GET", "/settle").status == 404 for _ in range(10))
        wait_until(lambda: self.kind != "lighttpd" or len(self.workers()) >= self.pool, 10, "lighttpd has all its workers again")
        wait_until(calm, 20, "the front answers again")

    def log(self):
        """What the server and its workers have said."""
        paths = [self.directory / self.kind / name for name in ("error.log", "workers.log")]
        return "".join(path.read_text(errors="replace") for path in paths if path.exists())


class Stand:
    def __init__(self):
        self.root = Path(tempfile.mkdtemp(prefix="palate-", dir="/tmp"))
        self.root.chmod(0o755)
        self.reports = self.root / "sanitizer"
        self.reports.mkdir()
        self.reports.chmod(0o1777)
        self.models = self.root / "models"
        self.models.mkdir()
        self.secret, self.metrics_token = secrets.token_hex(32), secrets.token_hex(32)
        log = f"log_path={self.reports}/report"
        self.environment = {
            **os.environ, "PALATE_CONFIG": str(self.root / "palate.conf"), "LC_ALL": "C.UTF-8",
            "ASAN_OPTIONS": f"{log}:abort_on_error=1:detect_leaks=1:detect_stack_use_after_return=1",
            "UBSAN_OPTIONS": f"{log}:print_stacktrace=1:halt_on_error=1",
        }
        self.database = Database(self.root / "db", self.environment)
        self.tool = Tool(self)
        self.fronts, self.worker = {}, None

    def write(self, name, text, workers=True):
        """A file that the workers may read, or not even they, and strangers may not."""
        path = self.root / name
        path.write_text(text)
        path.chmod(0o640 if workers else 0o600)
        if IS_ROOT and workers:
            os.chown(path, 0, grp.getgrnam(WEB_GROUP).gr_gid)
        return path

    def configure(self, name, token=None, **more):
        """Writes a palate.conf with that [token] section (else the proper one) and further sections, and returns its path."""
        sections = {
            "database": {"socket": self.database.socket, "name": "palate", "user": "palate_worker",
                         "password_file": self.root / "worker.password", "lock_timeout": LOCK_TIMEOUT, "timeout": STATEMENT_TIMEOUT},
            "tool": {"database_user": "palate_tool", "database_password_file": self.root / "tool.password"},
            "token": token or {"algorithm": "HS256", "secret_file": self.root / "token.secret"},
            "model": {"directory": self.models},
            # Shares of workers have a pool of their own: sanitized and on a busy machine any answer may take as long as a long one.
            "limits": {"state_file": self.root / "state/limits", "tenant_share": 100},
            "metrics": {"token_sha256": hashlib.sha256(self.metrics_token.encode()).hexdigest()},
            **more,
        }
        lines = []
        for section, settings in sections.items():
            lines += [f"[{section}]", *(f"{key} = {value}" for key, value in settings.items()), ""]
        return self.write(name, "\n".join(lines))

    def start(self):
        self.database.start()
        self.database.create_users()
        state = self.root / "state"
        state.mkdir()
        state.chmod(0o777)
        self.write("worker.password", self.database.passwords["palate_worker"] + "\n")
        self.write("tool.password", self.database.passwords["palate_tool"] + "\n", workers=False)
        self.write("token.secret", self.secret + "\n")
        self.configure("palate.conf")
        # The web server's user may enter this directory, but perhaps not the checkout.
        self.worker = shutil.copy(BUILD / "palate.fcgi", self.root / "palate.fcgi")
        self.tool.run("migrate")
        self.database.grant_worker()

    def front(self, kind, name="front", configuration=None, workers=None):
        """The front of that kind and name, started when first asked for."""
        if (name, kind) not in self.fronts:
            front = Front(self, kind, name, configuration or self.root / "palate.conf", workers)
            self.fronts[name, kind] = front
            front.start()
        front = self.fronts[name, kind]
        assert configuration is None or front.environment["PALATE_CONFIG"] == str(configuration), f"two fronts are called {name}"
        return front

    def run_cgi(self, *arguments, body=b"", **variables):
        """Runs the worker by hand as a plain CGI program: what no web server would let through can be given to it so."""
        environment = {"PATH": "/usr/bin:/bin", "GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1", "REQUEST_METHOD": "GET",
                       **{name: self.environment[name] for name in ("PALATE_CONFIG", "ASAN_OPTIONS", "UBSAN_OPTIONS")}, **variables}
        environment = {name: value for name, value in environment.items() if value is not None}
        result = subprocess.run([BUILD / "palate.fcgi", *arguments], env=environment, input=body, capture_output=True, timeout=30)
        assert result.returncode == 0, result
        output = io.BytesIO(result.stdout)
        headers = http.client.parse_headers(output)
        answer = Answer(int(headers["Status"].split()[0]), headers, output.read())
        if environment.get("REQUEST_METHOD") and environment.get("REQUEST_URI"):
            openapi.check(None, environment["REQUEST_METHOD"], environment["REQUEST_URI"], answer)
        return answer

    def tenant_id(self, tenant):
        return self.database.execute("SELECT tenant_id FROM tenants WHERE tenant_key = %s", tenant)[0][0]

    def rows(self, tenant=None):
        """(sequences, decisions) of a tenant, or of all."""
        where, values = ("", ()) if tenant is None else (" WHERE tenant_id = %s", (self.tenant_id(tenant),))
        return tuple(self.database.execute(f"SELECT COUNT(*) FROM {table}{where}", *values)[0][0]
                     for table in ("sequences", "decisions"))

    def sanitizer_reports(self):
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.reports.iterdir()))

    def close(self):
        problems = []
        for front in reversed(self.fronts.values()):
            try:
                front.stop()
            except Exception as problem:
                problems.append(str(problem))
        try:
            self.database.stop()
        except Exception as problem:
            problems.append(str(problem))
        for pid in processes_of(self.root):
            problems.append(f"process {pid} was left over")
            os.kill(pid, signal.SIGKILL)
        reports = self.sanitizer_reports()
        if reports:
            problems.append("the sanitizers report:\n" + reports[:20000])
        if os.environ.get("PALATE_KEEP"):
            print(f"kept: {self.root}")
        else:
            shutil.rmtree(self.root, ignore_errors=True)
        assert not problems, "\n".join(problems)

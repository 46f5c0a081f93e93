"""Three MariaDB nodes with Galera on this machine's loopback, and a stand whose workers use them.

Nodes listen on 127.0.0.1, .2 and .3 with the same ports, so that a list of hosts names them. They begin with copies of one data directory
at a known position, and whoever comes back lacks only what the others still have in their caches: so each joins by an incremental transfer
(IST), for which wsrep_sst_own below is all that is needed. No rsync, and no package that brings a system service.

Each node ends with the process that started it, however that ends (prctl PR_SET_PDEATHSIG, by setpriv), and goes on when that one only
sleeps; so nodes must be started from the main thread.
"""
import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pymysql
from harness.stand import IS_ROOT, LOCK_TIMEOUT, Database, Stand, free_port, wait_until

PROVIDER = Path("/usr/lib/galera/libgalera_smm.so")
NODES = (1, 2, 3)
HOSTS = {node: f"127.0.0.{node}" for node in NODES}
QUICK = "evs.keepalive_period=PT0.3S;evs.inactive_check_period=PT0.3S;evs.suspect_timeout=PT2S;evs.inactive_timeout=PT4S;evs.install_timeout=PT3S;"
UUID = "8a41d1b2-5a5a-11ee-8c99-0242ac120002"

CONFIGURATION = """[mariadbd]
datadir={directory}/data
socket={directory}/s.sock
pid-file={directory}/pid
log-error={directory}/log.err
bind-address={host}
port={sql}
binlog_format=ROW
innodb_autoinc_lock_mode=2
innodb_buffer_pool_size=48M
innodb_log_file_size=32M
innodb_flush_log_at_trx_commit=2
performance-schema=OFF
skip-name-resolve
skip-log-bin
character-set-server=utf8mb4
max-connections=200
wsrep_on=ON
wsrep_provider={provider}
wsrep_provider_options="base_host={host};base_port={group};gmcast.listen_addr=tcp://{host}:{group};ist.recv_addr={host}:{ist};{timeouts}gcache.size=64M"
wsrep_cluster_name=palate-{group}
wsrep_cluster_address=gcomm://{members}
wsrep_node_address={host}
wsrep_node_name=node-{node}
wsrep_slave_threads=2
wsrep_sst_method=own
wsrep_sst_receive_address={host}
"""

# Both sides of a state transfer that is an incremental one; whoever would need all of the data is told no. Its first arguments are the
# server's, see wsrep_sst_common of MariaDB.
TRANSFER = """#!/bin/sh
role= address= gtid= bypass= parent=
while [ $# -gt 0 ]; do
    case $1 in
    --role) role=$2; shift ;;
    --address) address=$2; shift ;;
    --gtid) gtid=$2; shift ;;
    --parent) parent=$2; shift ;;
    --bypass) bypass=yes ;;
    esac
    shift
done
note={notes}/$(printf %s "$address" | tr -c 0-9. _)
case $role in
joiner)
    rm -f "$note"
    echo "ready $address"
    while [ ! -s "$note" ]; do kill -0 "$parent" || exit 32; sleep 0.05; done
    cat "$note" ;;
donor)
    [ -n "$bypass" ] || exit 22
    echo continue
    echo "$gtid" >"$note.new" && mv "$note.new" "$note"
    echo "done $gtid" ;;
esac
"""


class Node:
    def __init__(self, cluster, number):
        self.cluster, self.number, self.host = cluster, number, HOSTS[number]
        self.directory = cluster.directory / f"n{number}"
        self.process = None

    def options(self):
        return CONFIGURATION.format(directory=self.directory, host=self.host, node=self.number, provider=PROVIDER, **self.cluster.ports,
                                    timeouts=self.cluster.timeouts, members=",".join(f"{host}:{self.cluster.ports['group']}" for host in HOSTS.values()))

    def launch(self, *options):
        """Starts it; returns at once."""
        environment = {**os.environ, "PATH": f"{self.cluster.programs}:{os.environ['PATH']}:/usr/sbin"}
        self.process = subprocess.Popen([*self.cluster.as_user("--pdeathsig", "KILL"), "mariadbd", f"--defaults-file={self.directory}/my.cnf",
                                         *options], env=environment, start_new_session=True, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def launch_again(self):
        """After a kill: where it stood is read from InnoDB, so that it need not take over all of the data."""
        log = self.directory / "recover.err"
        log.unlink(missing_ok=True)

        def position():
            said = log.read_text() if log.exists() else ""
            return said.split("Recovered position: ")[1].split("\n") if "Recovered position: " in said else [""]
        self.launch("--wsrep-recover", f"--log-error={log}")
        wait_until(lambda: len(position()) > 1, 60, f"node {self.number} knows where it stood")
        self.kill()  # it would end by itself, or hang at that
        self.launch("--wsrep_start_position=" + position()[0].strip())

    def connect(self, **options):
        return pymysql.connect(unix_socket=str(self.directory / "s.sock"), user="root", autocommit=True, charset="utf8mb4", connect_timeout=5,
                               read_timeout=30, **options)

    def execute(self, sql, *values, **options):
        with contextlib.closing(self.connect(**options)) as connection, connection.cursor() as cursor:
            cursor.execute(sql, values)  # a list, even an empty one: so %% is one %
            return cursor.fetchall()

    def status(self, name):
        with contextlib.suppress(pymysql.Error, OSError):
            return self.execute("SHOW STATUS LIKE %s", f"wsrep_{name}")[0][1]
        return None

    def is_synced(self):
        assert self.process.poll() is None, f"node {self.number} has ended:\n" + (self.directory / "log.err").read_text()[-3000:]
        return self.status("local_state_comment") == "Synced" and self.status("ready") == "ON"

    def wait_synced(self, seconds=60):
        wait_until(self.is_synced, seconds, f"node {self.number} is synced")

    def kill(self):
        self.process.kill()
        self.process.wait()

    @contextlib.contextmanager
    def frozen(self):
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    @contextlib.contextmanager
    def partitioned(self):
        """No packet to or from the others; clients reach it as before."""
        self.execute("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'")
        try:
            yield
        finally:
            self.execute("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'")


class Cluster(Database):
    """What Stand wants of a database, for all nodes; statements of the administrator go to the first that answers."""

    def __init__(self, directory, environment, timeouts=""):
        super().__init__(directory, environment)
        self.timeouts = timeouts
        self.user = ("mysql" if any(entry.pw_name == "mysql" for entry in pwd.getpwall()) else "nobody") if IS_ROOT else None
        self.programs, self.notes = directory / "bin", directory / "notes"
        self.ports = {name: free_port() for name in ("sql", "group", "ist")}
        self.nodes = {number: Node(self, number) for number in NODES}

    def as_user(self, *options):
        if self.user:
            group = pwd.getpwnam(self.user).pw_gid
            options = (f"--reuid={self.user}", f"--regid={group}", "--clear-groups", *options)
        return ["setpriv", *options] if options else []

    def own(self, path):
        if self.user:
            shutil.chown(path, self.user)

    def script(self, action):
        raise NotImplementedError(action)

    def prepare(self):
        assert PROVIDER.exists() and shutil.which("setpriv"), f"{PROVIDER} is missing: make packages FOR=check"
        for folder in (self.directory, self.programs, self.notes):
            folder.mkdir()
        self.own(self.notes)
        transfer = self.programs / "wsrep_sst_own"
        transfer.write_text(TRANSFER.replace("{notes}", str(self.notes)))
        transfer.chmod(0o755)
        for node in self.nodes.values():
            node.directory.mkdir()
            self.own(node.directory)
            (node.directory / "my.cnf").write_text(node.options())
        data = self.nodes[1].directory / "data"
        made = subprocess.run([*self.as_user(), "mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db",
                               "--auth-root-authentication-method=normal", "--skip-name-resolve"], capture_output=True, text=True, timeout=120)
        assert made.returncode == 0, made.stdout + made.stderr
        self.write_position(data, 0, True)

    def write_position(self, data, number, first):
        state = data / "grastate.dat"
        state.write_text(f"# GALERA saved state\nversion: 2.1\nuuid:    {UUID}\nseqno:   {number}\nsafe_to_bootstrap: {int(first)}\n")
        self.own(state)

    def start(self):
        """The first alone gives the position that the copies of its data stand at."""
        self.prepare()
        first = self.nodes[1]
        first.launch("--wsrep-new-cluster")
        first.wait_synced()
        first.process.terminate()
        first.process.wait(60)
        for number in NODES[1:]:
            subprocess.run(["cp", "-a", first.directory / "data", self.nodes[number].directory / "data"], check=True)
            for name in ("galera.cache", "gvwstate.dat"):
                (self.nodes[number].directory / "data" / name).unlink(missing_ok=True)
        first.launch("--wsrep-new-cluster")
        first.wait_synced()
        for number in NODES[1:]:
            self.nodes[number].launch()
        for node in self.nodes.values():
            node.wait_synced()

    def stop(self):
        for node in self.nodes.values():
            if node.process and node.process.poll() is None:
                node.kill()

    def execute(self, sql, *values):
        for node in self.nodes.values():
            if node.process.poll() is None and node.status("ready") == "ON":
                return node.execute(sql, *values, init_command="SET wsrep_sync_wait = 7", **self.chosen())
        raise AssertionError("no node is ready")

    def chosen(self):
        return {"database": "palate"} if (self.nodes[1].directory / "data/palate").exists() else {}

    def create_users(self):
        self.execute("CREATE DATABASE palate CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin")
        for user, password in self.passwords.items():
            self.execute(f"CREATE USER '{user}'@'127.0.0.%%' IDENTIFIED BY '{password}'")
        self.execute("GRANT ALL PRIVILEGES ON palate.* TO 'palate_tool'@'127.0.0.%%'")

    def grant_worker(self):
        lines = [line for line in (Path(__file__).parents[3] / "sql/grants.sql").read_text().splitlines() if not line.startswith("--")]
        for statement in "\n".join(lines).replace("@'localhost'", "@'127.0.0.%%'").split(";"):
            if statement.strip():
                self.execute(statement)

    def size(self):
        """Members of the group that has most."""
        return max(int(node.status("cluster_size") or 0) for node in self.nodes.values() if node.process.poll() is None)

    def wait_size(self, size, nodes, seconds=60):
        """Until each of these nodes sees a group of that size; returns the seconds that took."""
        begin = time.monotonic()
        wait_until(lambda: all(self.nodes[node].status("cluster_size") == str(size) for node in nodes), seconds, f"a group of {size}")
        return time.monotonic() - begin


class ClusterStand(Stand):
    """The stand of the black-box tests on such a cluster. A configuration names all nodes, from `first` on."""

    def __init__(self, timeouts=""):
        super().__init__()
        self.database = Cluster(self.root / "db", self.environment, timeouts)

    def hosts(self, first):
        return ", ".join(HOSTS[(first - 1 + step) % len(NODES) + 1] for step in range(len(NODES)))

    def configure(self, name, token=None, first=1, **more):
        return super().configure(name, token, database={
            "host": self.hosts(first), "port": self.database.ports["sql"], "name": "palate", "user": "palate_worker",
            "password_file": self.root / "worker.password", "lock_timeout": max(LOCK_TIMEOUT, 3), "connect_timeout": 1}, **more)

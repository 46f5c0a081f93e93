"""What is broken on purpose: one MariaDB on a small disk of its own, both web servers with their pools, and a remote recommender.

The stand of the black-box tests gives MariaDB, the tool and the fronts; here they serve the release build unless told otherwise."""
import contextlib
import os
import signal
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pymysql
from faults.crowd import raise_files
from harness import catalogue, stand as stands
from harness.fake_remote import FakeRemote, results
from harness.stand import IS_ROOT, WEB_GROUP, Stand, processes_of, wait_until
from harness.tokens import READ, WRITE, claims_for, sign

POOLS = {"lighttpd": 8, "apache-fcgid": 24}
DISK_MIB, MODEL_DISK_MIB = 700, 192
FILES = 36_000  # so that lighttpd, which runs as an ordinary user here, may have as many as its example asks for
DATABASE_OPTIONS = "--innodb-log-file-size=32M\n--innodb-buffer-pool-size=64M\n"
KITCHEN = results(*((f"ki-{number:02d}", 1 - number / 100) for number in range(1, 11)))
# What the remote recommender leaves out is filled up by the embedded one, so each of these shows its whole category.
CONTEXTS = {
    101: ("garden", {"quantity": 20, "filters": [{"column": "category", "operator": "=", "value": "garden"}]}),
    102: ("kitchen-lenient", {"quantity": 20, "recommender": "remote", "on_failure": "embedded",
                              "filters": [{"column": "category", "operator": "=", "value": "kitchen"}]}),
    103: ("kitchen-strict", {"quantity": 20, "recommender": "remote", "on_failure": "error",
                             "filters": [{"column": "category", "operator": "=", "value": "kitchen"}]}),
}


def mount(arguments, folder):
    """Whether it worked: it needs root and a kernel that lets it."""
    folder.mkdir(exist_ok=True)
    done = IS_ROOT and subprocess.run(["mount", *arguments, str(folder)], capture_output=True, check=False).returncode == 0
    return done


def stat_fields(pid):
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()


class World:
    def __init__(self, seed=1, clients=12, rate=200, disks=True):
        self.seed, self.clients, self.rate = seed, clients, rate
        self.stand = Stand()
        self.stand.environment["PALATE_SQL_DIR"] = str(stands.CHECKOUT / "sql")
        self.root = self.stand.root
        self.mounts, self.plays = [], 0
        self.sanitized = b"__asan_init" in (stands.BUILD / "palate.fcgi").read_bytes()
        if self.sanitized:
            self.stand.environment["ASAN_OPTIONS"] += ":detect_leaks=0"  # a worker killed at its end leaves no report of worth
        self.remote = FakeRemote()
        self.remote.answer = KITCHEN
        self.categories = {}
        for item in catalogue.items():
            category = item["metadata"]["category"]
            if isinstance(category, str) and category != "stationery":
                self.categories.setdefault(category, []).append(item["id"])
        try:
            self.start(disks)
        except BaseException:
            self.close()
            raise

    # ---- Start and end

    def start(self, disks):
        raise_files(FILES)
        stand, database = self.stand, self.stand.database
        self.database_disk = disks and self.small_disk(database.directory)
        self.model_disk = disks and mount(["-t", "tmpfs", "-o", f"size={MODEL_DISK_MIB}m,mode=0755", "palate-fault"], stand.models)
        if self.model_disk:
            self.mounts.append(stand.models)
        database.directory.mkdir(exist_ok=True)
        (database.directory / "mariadb.options").write_text(DATABASE_OPTIONS)
        stand.start()
        self.plant()
        states = stand.root / "states"
        states.mkdir()
        if IS_ROOT:
            shutil.chown(states, WEB_GROUP, WEB_GROUP)
        self.configuration = stand.configure("fault.conf", remote={
            "url": self.remote.url("/list"), "http_hosts": "127.0.0.1", "timeout_ms": 400, "connect_timeout_ms": 200, "max_waiting": 16,
            "breaker_failures": 4, "breaker_open_s": 1, "state_file": states / "remote.state"})
        self.token = sign(claims_for("shop-client", scope=f"{READ} {WRITE}", exp=int(time.time()) + 6 * 3600), stand.secret)
        for kind, workers in POOLS.items():
            stand.front(kind, "front", self.configuration, workers)

    def small_disk(self, folder):
        """A file system of its own below the database, so that filling it harms nobody else."""
        image = self.root / "disk.img"
        with open(image, "wb") as file:
            file.truncate(DISK_MIB << 20)
        if not IS_ROOT or subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(image)], capture_output=True, check=False).returncode:
            return False
        if not mount(["-o", "loop", str(image)], folder):
            return False
        self.mounts.append(folder)
        (folder / "lost+found").rmdir()
        return True

    def plant(self):
        folder = self.root / "import"
        folder.mkdir()
        tool = self.stand.tool
        for tenant in ("shop", "ballast"):
            tool.tenant(tenant)
        tool.run("client", "create", "--tenant", "shop", "--id", "shop-client", "--scopes", f"{READ} {WRITE}")
        tool.items("shop", catalogue.write_items(folder / "items.jsonl"))
        events = catalogue.write_events(folder / "events.csv", catalogue.purchases(int(time.time())))
        for tenant in ("shop", "ballast"):
            tool.events(tenant, events)
        for number, (key, settings) in CONTEXTS.items():
            tool.context("shop", number, key, settings)
        tool.train("shop")
        self.tenant = self.stand.tenant_id("shop")

    def close(self):
        with contextlib.suppress(Exception):
            self.remote.close()
        try:
            self.stand.close()
        finally:
            for folder in reversed(self.mounts):
                subprocess.run(["umount", str(folder)], check=False)
            if self.mounts and not os.environ.get("PALATE_KEEP"):
                shutil.rmtree(self.root, ignore_errors=True)

    # ---- Parts

    @property
    def database(self):
        return self.stand.database

    def front(self, kind, name="front"):
        return self.stand.fronts[name, kind]

    def fronts(self):
        return [front for (name, _), front in self.stand.fronts.items() if name == "front"]

    def ports(self):
        return [(front.kind, front.port) for front in self.fronts()]

    def model_path(self):
        (name,), = self.database.execute("SELECT file_name FROM models WHERE tenant_id = %s ORDER BY generation DESC LIMIT 1", self.tenant)
        return self.stand.models / name

    def workers(self):
        return [pid for front in self.fronts() for pid in front.workers()]

    def kill_database(self):
        """kill -9; returns when it is gone."""
        pid = int((self.database.directory / "mariadb.pid").read_text())
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not processes_of_database(pid), 10, "MariaDB is gone")

    def restart_database(self):
        with contextlib.suppress(pymysql.Error, OSError):
            self.database.connection.close()
        self.database.start()

    def kill_front(self, front):
        """kill -9 of the web server's own processes, its workers left alone; returns their number."""
        configuration = str(front.directory / front.kind / f"{front.kind}.conf")
        killed = 0
        for name in ("/usr/sbin/apache2", "/usr/sbin/lighttpd"):
            for pid in processes_of(name):
                with contextlib.suppress(OSError):
                    if configuration.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                        os.kill(pid, signal.SIGKILL)
                        killed += 1
        return killed

    # ---- What the workers are at

    def busy(self):
        """Workers that are not waiting for a request. Seeing that needs root; without it nobody counts as busy."""
        waiting = {"x86_64": ("271",), "aarch64": ("73",)}.get(os.uname().machine)
        busy = []
        for pid in self.workers():
            with contextlib.suppress(OSError):
                call = Path(f"/proc/{pid}/syscall").read_text().split()[0]
                if waiting and call not in waiting:
                    busy.append(pid)
        return busy

    def private_mib(self, front):
        """MiB that are a front's workers' own, all of them together: what as many workers more would cost."""
        pages = 0
        for pid in front.workers():
            with contextlib.suppress(OSError):
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                pages += sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))
        return pages / 1024

    def memory(self):
        """{pid: (Pss in KiB, file descriptors)} of all workers."""
        found = {}
        for pid in self.workers():
            with contextlib.suppress(OSError):
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                pss = sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
                found[pid] = (pss, len(list(Path(f"/proc/{pid}/fd").iterdir())))
        return found


def processes_of_database(pid):
    with contextlib.suppress(OSError):
        return stat_fields(pid)[0] != "Z"
    return False

"""A Debian machine for one test: a root directory with namespaces of its own, in which services run, and which is thrown away."""
import contextlib
import functools
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ENTER = Path(__file__).with_name("enter.py")
PYTHON = sys.executable
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
HOMES = "/home"
NAMESPACES = ("--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child=KILL")
# What Debian's invoke-rc.d looks for before it starts the service of a freshly installed package: an init, and the runlevel.
INIT = "#!/bin/sh\n# Stands for the init of a real machine, which this root's first process is not.\nexit 1\n"
RUNLEVEL = "#!/bin/sh\necho N 2\n"
FORBID_STARTS = "#!/bin/sh\n# As in a container: packages do not start their services.\nexit 101\n"


class CannotMakeRoots(Exception):
    """This machine does not let roots be made; the text says why."""


@functools.cache
def propagation():
    """What keeps mounts within a namespace. In a chroot, whose / is no mount, unshare cannot: enter.py does it for its own directory."""
    private = ("--propagation", "private")
    tried = subprocess.run(("unshare", "--mount", *private, "true"), capture_output=True, check=False)
    return private if tried.returncode == 0 else ("--propagation", "unchanged")


def unmount_leaked(path):
    """In a chroot on a machine whose mounts are shared, the first mount of a namespace shows here, too: an empty directory on itself."""
    with open("/proc/self/mounts", encoding="utf-8") as mounts:
        if any(line.split(" ")[1] == str(path) for line in mounts):
            subprocess.run(("umount", "--lazy", path), capture_output=True, check=False)


@dataclass(frozen=True)
class Result:
    """What a command said and how it ended."""
    command: str
    status: int
    out: str
    err: str
    seconds: float

    @property
    def text(self):
        return self.out + self.err

    @property
    def lines(self):
        return self.out.splitlines()

    def __str__(self):
        return f"$ {self.command}\n{self.out}{self.err}(status {self.status}, {self.seconds:.2f} s)"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer as curl in the root got it; status 0 when there was none."""
    status: int
    headers: dict
    body: bytes
    error: str

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.body)


class Root:
    """with Root(stack) as root: ... - a machine that nothing leaves.

    stack: a layers.Stack. services: whether packages may start their services when apt-get installs them (a real machine) or not (a
    container). network: the machine's, for apt-get; else only a loopback of the root's own, so that port 80 is free in each root.
    To make a layer, what changes is kept: in upper, a directory above the stack's, or in tree, a whole system in the stack's place.
    """

    def __init__(self, stack, services=True, network=False, hostname="shop", upper=None, tree=None):
        self.stack, self.services, self.network, self.hostname = stack, services, network, hostname
        self.upper, self.tree = upper, tree
        self.pid = None
        self._holder = None
        self._scratch = None
        self._copy = None

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def _specification(self):
        spec = {"scratch": str(self._scratch), "lowers": [], "upper": None, "work": None, "tree": None,
                "network": self.network, "hostname": self.hostname}
        if self.tree or not self.stack.overlay:
            spec["tree"] = str(self.tree or self._copy_tree())
            return spec
        spec["lowers"] = [str(path) for path in self.stack.trees]
        if self.upper:
            spec["upper"], spec["work"] = str(self.upper), f"{self.upper}.work"
        return spec

    def _copy_tree(self):
        self._copy = Path(tempfile.mkdtemp(prefix="palate-deploy-copy."))
        subprocess.run(("cp", "-a", "--reflink=auto", f"{self.stack.trees[0]}/.", self._copy), check=True)
        return self._copy

    def _start(self):
        self._scratch = Path(tempfile.mkdtemp(prefix="palate-deploy."))
        command = ["unshare", *NAMESPACES, *propagation()]
        if not self.network:
            command.append("--net")
        # Its end of the pipe closes with this process, whatever becomes of it.
        self._holder = subprocess.Popen(command + [PYTHON, str(ENTER), json.dumps(self._specification())], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said = self._holder.stdout.readline().strip()
        unmount_leaked(self._scratch)
        if not said.startswith("ready "):
            raise CannotMakeRoots(said or "unshare ended at once")
        self.pid = int(said.split()[1])
        self.put("/etc/hosts", f"127.0.0.1 localhost {self.hostname}\n::1 localhost ip6-localhost\n")
        self.put("/etc/hostname", f"{self.hostname}\n")
        if self.services:
            self.run("rm -f /usr/sbin/policy-rc.d")
            self.put("/usr/sbin/init", INIT, "0755")
            self.put("/usr/sbin/runlevel", RUNLEVEL, "0755")
        else:
            self.put("/usr/sbin/policy-rc.d", FORBID_STARTS, "0755")

    def close(self):
        """Ends every process of the root, and removes what it wrote."""
        if self._holder:
            if self.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.pid, signal.SIGKILL)
            self._holder.stdin.close()
            try:
                self._holder.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self._holder.kill()
                self._holder.wait()
            self._holder.stdout.close()
            self._holder = self.pid = None
        if self._scratch:
            # Mounted only in the namespace that has ended: what is left is an empty directory, or one with an empty root in it.
            with contextlib.suppress(FileNotFoundError):
                (self._scratch / "root").rmdir()
            self._scratch.rmdir()
            self._scratch = None
        if self._copy:
            shutil.rmtree(self._copy)
            self._copy = None

    # -- Commands ---------------------------------------------------------------------------------------------------------------------

    def _enter(self, user, directory, environment):
        entry = ["nsenter", "--target", str(self.pid), "--mount", "--pid", "--uts", "--ipc", "--root", "--wd"]
        if not self.network:
            entry.append("--net")
        home = "/root" if user == "root" else f"{HOMES}/{user}"
        variables = {"PATH": PATH, "HOME": home, "USER": user, "LOGNAME": user, "LANG": "C.UTF-8", "TERM": "dumb", "SHELL": "/bin/bash",
                     **(environment or {})}
        entry += ["env", "-i", *(f"{name}={value}" for name, value in variables.items())]
        if user != "root":
            entry += ["runuser", "-u", user, "--"]
        return entry + ["bash", "-c", f"cd {shlex.quote(directory or home)} 2>/dev/null || cd /; eval \"$1\"", "bash"]

    def start_process(self, command, user="root", directory=None, environment=None, **popen):
        """A command in the root that goes on; ends with the root at the latest. Returns the Popen."""
        return subprocess.Popen(self._enter(user, directory, environment) + [command], **popen)

    def run(self, command, check=True, user="root", directory=None, environment=None, stdin=b"", timeout=300):
        """Runs a shell command. Its outputs go to files, since a daemon that it starts may keep them open for ever."""
        stdin = stdin.encode() if isinstance(stdin, str) else stdin
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            given.write(stdin)
            given.seek(0)
            began = time.monotonic()
            process = self.start_process(command, user, directory, environment, stdin=given, stdout=out, stderr=err)
            try:
                status = process.wait(timeout=timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                status = None
            seconds = time.monotonic() - began
            texts = []
            for file in (out, err):
                file.seek(0)
                texts.append(file.read())
        if status is None:
            raise AssertionError(f"not within {timeout} s: {command}\n{texts[0].decode(errors='replace')}{texts[1].decode(errors='replace')}")
        result = Result(command, status, *(text.decode("utf-8", "replace") for text in texts), seconds)
        assert not check or status == 0, str(result)
        return result

    def bytes_of(self, command):
        """What a command prints, as it is."""
        with tempfile.TemporaryFile() as out:
            process = self.start_process(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE)
            _, said = process.communicate(timeout=300)
            assert process.returncode == 0, f"{command}: {said.decode(errors='replace')}"
            out.seek(0)
            return out.read()

    # -- Files ------------------------------------------------------------------------------------------------------------------------

    def put(self, path, content, mode="0644", owner="root:root"):
        """Writes a file, and the directories above it. Through the root's own shell: its symbolic links lead within it."""
        quoted = shlex.quote(path)
        self.run(f"mkdir -p \"$(dirname {quoted})\" && cat >{quoted} && chmod {mode} {quoted} && chown {owner} {quoted}", stdin=content)

    def read(self, path):
        return self.bytes_of(f"cat {shlex.quote(path)}").decode("utf-8", "replace")

    def exists(self, path):
        return self.run(f"test -e {shlex.quote(path)}", check=False).status == 0

    def owner(self, path):
        """`user:group mode`, such as "palate:www-data 0640"."""
        user, mode = self.run(f"stat -c '%U:%G %a' {shlex.quote(path)}").out.split()
        return f"{user} {mode:0>4}"

    def copy_in(self, source, target):
        """A directory of this machine, its files root's."""
        archive = subprocess.run(("tar", "-C", source, "--owner=root:0", "--group=root:0", "-cf", "-", "."), capture_output=True, check=True)
        self.run(f"mkdir -p {shlex.quote(target)} && tar -C {shlex.quote(target)} --no-overwrite-dir -xf -", stdin=archive.stdout)

    def snapshot_tree(self, *paths, leave_out=()):
        """path -> kind, mode, owner, and checksum or target, of everything below the paths. Compare with differences()."""
        skip = "".join(f" -path {shlex.quote(path)} -prune -o" for path in leave_out)
        listed = self.bytes_of("for path in " + " ".join(map(shlex.quote, paths)) + "; do test ! -e \"$path\" || "
                               f"find \"$path\"{skip} -printf '%y %m %u:%g\\t%p\\t%l\\0'; done")
        tree, regular = {}, []
        for entry in filter(None, listed.split(b"\0")):
            kind, path, target = entry.decode("utf-8", "surrogateescape").split("\t")
            tree[path] = f"{kind} {target}".strip()
            if kind.startswith("f"):
                regular.append(path)
        sums = self.run("xargs -0 -r sha256sum -z", stdin="\0".join(regular).encode("utf-8", "surrogateescape")).out
        for entry in filter(None, sums.split("\0")):
            checksum, path = entry.split("  ", 1)
            tree[path] += f" {checksum[:16]}"
        return tree

    def user(self, name):
        """An ordinary user with a home. Returns its path."""
        self.run(f"useradd --create-home --shell /bin/bash {name} && chmod 0711 {HOMES}/{name}")
        return f"{HOMES}/{name}"

    # -- Disks ------------------------------------------------------------------------------------------------------------------------

    def small_disk(self, path, size="64k", owner="root:root", mode="0755"):
        """Mounts an empty file system of that size."""
        self.run(f"mkdir -p {path} && mount -t tmpfs -o size={size},mode={mode} tmpfs {path} && chown {owner} {path}")

    def fill(self, path):
        """Leaves no byte free there."""
        self.run(f"dd if=/dev/zero of={path}/.filler bs=4k 2>/dev/null; ! printf x >>{path}/.another 2>/dev/null; rm -f {path}/.another")

    def drain(self, path):
        """Makes room again."""
        self.run(f"rm -f {path}/.filler")

    # -- Services ---------------------------------------------------------------------------------------------------------------------

    def start(self, *services):
        for name in services:
            self.run(f"service {name} start")

    def stop(self, *services):
        for name in services:
            self.run(f"service {name} stop")

    def wait_until(self, command, seconds=10):
        """Polls until a shell command succeeds."""
        end = time.monotonic() + seconds
        while (last := self.run(command, check=False)).status:
            assert time.monotonic() < end, f"not within {seconds} s: {last}"
            time.sleep(0.05)
        return last

    def sql(self, text, database=""):
        """As MariaDB's administrator, by Debian's unix_socket authentication. Rows as lists of text."""
        out = self.run(f"mariadb --batch --skip-column-names {database}", stdin=text).out
        return [line.split("\t") for line in out.splitlines()]

    def request(self, method, url, headers=None, body=None, options="", timeout=30):
        """One request by curl in the root. url may be a path of http://localhost. Names lead to the root itself."""
        if url.startswith("/"):
            url = "http://localhost" + url
        given = "".join(f" -H {shlex.quote(f'{name}: {value}')}" for name, value in (headers or {}).items())
        data = "" if body is None else " --data-binary @-"
        command = (f"curl -sS -g --max-time {timeout} --connect-to ::127.0.0.1: -X {method}{given}{data} {options}"
                   f" -D /tmp/.headers -o /tmp/.body -w '%{{http_code}}' {shlex.quote(url)}")
        done = self.run(f"rm -f /tmp/.headers /tmp/.body; {command}", check=False, stdin=body or b"", timeout=timeout + 30)
        if done.status:
            return Answer(0, {}, b"", done.err.strip())
        head = self.bytes_of("cat /tmp/.headers").decode("latin-1").strip().split("\r\n\r\n")[-1]
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        return Answer(int(done.out), {name.lower(): value for name, value in fields.items()},
                      self.bytes_of("cat /tmp/.body 2>/dev/null || true"), "")


def differences(before, after):
    """What two snapshots differ in, a line each; empty when they are equal."""
    found = []
    for path in sorted(before.keys() | after.keys()):
        if path not in after:
            found.append(f"gone: {path}")
        elif path not in before:
            found.append(f"new: {path} ({after[path]})")
        elif before[path] != after[path]:
            found.append(f"changed: {path} ({before[path]} -> {after[path]})")
    return found

"""The layers that roots stand on: Debian systems with packages installed, made once by debootstrap and apt-get, and cached.

    bare -> archives -> build -> apache -> hosting
                              -> lighttpd
                              -> remote

bare      debootstrap's smallest system            archives  and every package that is needed below, fetched but not installed
build     and what compiles Palate                 apache    and etc/demo/packages deploy: MariaDB's server, Apache, cron, ...
lighttpd  the same with lighttpd                   remote    as apache, with the client of a remote database in place of the server
hosting   as apache, and suexec and access lists

Only archives and bare use the network. A layer holds what differs from the one that it stands on (an overlay's upper directory), or
everything where the cache lies on a file system that overlays cannot write to.
"""
import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from harness.root import NAMESPACES, CannotMakeRoots, Root, propagation, unmount_leaked

CHECKOUT = Path(__file__).resolve().parents[3]
FORM = "2"  # raise it when layers of an older form must not be used any more
SUITES = ("bookworm", "trixie")
TOOLS = ("debootstrap", "unshare", "nsenter", "runuser", "tar")
PARENTS = {"bare": None, "archives": "bare", "build": "archives", "apache": "build", "lighttpd": "build", "remote": "build",
           "hosting": "apache"}
HOSTING = ("acl", "apache2-suexec-custom")
INSTALL = ("DEBIAN_FRONTEND=noninteractive apt-get -y -q --no-install-recommends -o Dpkg::Use-Pty=0"
           " -o Dpkg::Options::=--force-unsafe-io install ")


@dataclass(frozen=True)
class Stack:
    """What a root stands on: trees, the uppermost first, and whether an overlay can be laid above them."""
    trees: tuple
    overlay: bool


def own_suite():
    with contextlib.suppress(OSError):
        found = re.search(r"^VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return found.group(1)
    return ""


def package_set(name, **environment):
    listed = subprocess.run((CHECKOUT / "etc/demo/packages", "--list", name), env={**os.environ, "SERVER": "apache", "DATABASE": "local",
                            **environment}, capture_output=True, text=True, check=True)
    return listed.stdout.split()


def package_lists():
    """What each layer installs."""
    return {"build": package_set("build"), "apache": package_set("deploy"), "lighttpd": package_set("deploy", SERVER="lighttpd"),
            "remote": package_set("deploy", DATABASE="remote"), "hosting": list(HOSTING)}


def machine_sources():
    """(address, suite, components) of everything that this machine's apt reads, in both of its formats."""
    folder = Path("/etc/apt/sources.list.d")
    for path in (Path("/etc/apt/sources.list"), *folder.glob("*.list")):
        if path.exists():
            for match in re.finditer(r"^deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)\s+(.+)$", path.read_text(encoding="utf-8"), re.MULTILINE):
                yield match.group(1), match.group(2), match.group(3)
    for path in folder.glob("*.sources"):
        for stanza in re.split(r"\n\s*\n", path.read_text(encoding="utf-8")):
            fields = dict(re.findall(r"^([\w-]+):\s*(.*)$", stanza, re.MULTILINE))
            if "deb" in fields.get("Types", "").split() and fields.get("Enabled", "yes") != "no":
                for address in fields.get("URIs", "").split():
                    for suite in fields.get("Suites", "").split():
                        yield address, suite, fields.get("Components", "")


def debian_sources(suite):
    """This machine's own sources of Debian, for that suite: the main archive first."""
    own, found = own_suite(), []
    for address, named, components in machine_sources():
        if own and named in (own, f"{own}-updates", f"{own}-security") and "main" in components.split():
            found.append((address, named.replace(own, suite, 1), "main"))
    found.sort(key=lambda source: source[1] != suite)
    if not found or found[0][1] != suite:
        raise CannotMakeRoots("this machine's apt knows no archive of Debian: nowhere to install a root from")
    return found


def apt_proxies():
    """The lines of this machine's apt configuration that say through whom it fetches."""
    dumped = subprocess.run(("apt-config", "dump"), capture_output=True, text=True, check=False).stdout
    return "".join(f"{line}\n" for line in dumped.splitlines() if re.match(r"Acquire::\S*Proxy\S* \"[^\"]", line, re.IGNORECASE))


def fetching_environment():
    return {name: value for name, value in os.environ.items() if name.lower() in ("http_proxy", "https_proxy", "no_proxy")}


def overlay_works(lower, upper):
    """Whether an overlay can be laid with its upper directory in that directory, or on a tmpfs (None)."""
    with tempfile.TemporaryDirectory(prefix="palate-deploy-try.") as scratch, \
            tempfile.TemporaryDirectory(prefix="try.", dir=upper or scratch) as place:
        script = "set -e; mount --bind \"$1\" \"$1\"; mount --make-private \"$1\"; cd \"$1\"; [ -n \"$3\" ] || mount -t tmpfs tmpfs \"$1\"; mkdir \"$1/up\" \"$1/work\"; mkdir \"$1/root\";" \
                 " mount -t overlay -o \"lowerdir=$2,upperdir=$1/up,workdir=$1/work\" overlay \"$1/root\"; : >\"$1/root/file\""
        tried = subprocess.run(("unshare", "--mount", *propagation(), "bash", "-c", script, "bash", place, lower, upper or ""),
                               capture_output=True, check=False)
        unmount_leaked(place)
        return tried.returncode == 0


def check_machine(suite):
    """Raises CannotMakeRoots with the reason."""
    if os.geteuid() != 0:
        raise CannotMakeRoots("only root can make roots")
    missing = [tool for tool in TOOLS if not shutil.which(tool, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")]
    if missing:
        raise CannotMakeRoots(f"{', '.join(missing)} missing: make packages FOR=check")
    if suite not in SUITES:
        raise CannotMakeRoots(f"Debian '{suite}' is none that Palate is deployed on; DEPLOY_SUITE chooses: {' '.join(SUITES)}")
    with tempfile.TemporaryDirectory(prefix="palate-deploy-try.") as scratch:
        tried = subprocess.run(("unshare", *NAMESPACES, *propagation(), "--net", "mount", "--bind", scratch, scratch),
                               capture_output=True, text=True, check=False)
        unmount_leaked(scratch)
    if tried.returncode:
        raise CannotMakeRoots(f"no right to make namespaces and to mount in them: {tried.stderr.strip()}")


class Layers:
    def __init__(self):
        self.suite = os.environ.get("DEPLOY_SUITE") or own_suite()
        check_machine(self.suite)
        self.packages = package_lists()
        self.sources = debian_sources(self.suite)
        self.cache = Path(os.environ.get("DEPLOY_CACHE") or Path(tempfile.gettempdir()) / "palate-deploy")
        self.cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.cache.stat().st_uid != 0 or self.cache.is_symlink():
            raise CannotMakeRoots(f"{self.cache} is not root's own; set DEPLOY_CACHE to a directory that is")
        self.deltas = overlay_works(self.cache, self.cache)
        self.overlay = self.deltas or overlay_works(self.cache, None)
        key = hashlib.sha256(repr((FORM, self.deltas, self.sources, sorted(self.packages.items()))).encode()).hexdigest()[:12]
        self.home = self.cache / f"{self.suite}-{key}"
        with self._locked():
            # Held as long as these tests run: others, of a checkout with another list of packages, leave the layers alone.
            self._in_use = open(f"{self.home}.lock", "w", encoding="ascii")
            fcntl.flock(self._in_use, fcntl.LOCK_SH)

    def close(self):
        self._in_use.close()

    @contextlib.contextmanager
    def _locked(self):
        with open(self.cache / "lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def stack(self, name):
        """The layer, made first where it is missing."""
        with self._locked():
            if not self.home.exists():
                self._remove_unused()
                self.home.mkdir()
            return self._stack(name)

    def _remove_unused(self):
        """Layers made from other lists of packages, unless tests that run now stand on them."""
        for old in self.cache.glob(f"{self.suite}-*"):
            if old.is_dir() and old != self.home:
                with open(f"{old}.lock", "w", encoding="ascii") as lock, contextlib.suppress(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(old)
                    Path(lock.name).unlink()

    def _stack(self, name):
        tree, parent = self.home / name, PARENTS[name]
        below = self._stack(parent) if parent else None
        if not tree.exists():
            for left in (f"{tree}.new", f"{tree}.new.work"):
                shutil.rmtree(left, ignore_errors=True)
            self._make(name, below, Path(f"{tree}.new"))
            Path(f"{tree}.new").rename(tree)
            shutil.rmtree(f"{tree}.new.work", ignore_errors=True)
        return Stack((tree, *(below.trees if below and self.deltas else ())), self.overlay)

    def _make(self, name, below, new):
        if not below:
            self._bootstrap(new)
            return
        whole = not self.deltas
        if whole:
            subprocess.run(("cp", "-a", "--reflink=auto", below.trees[0], new), check=True)
        else:
            new.mkdir()
            Path(f"{new}.work").mkdir()
        with Root(below, services=False, network=name == "archives", **{"tree" if whole else "upper": new}) as root:
            if name == "archives":
                self._fetch(root)
            else:
                root.run(INSTALL + " ".join(self.packages[name]), timeout=900)
            root.run("rm -f /usr/sbin/policy-rc.d /usr/sbin/runlevel")

    def _bootstrap(self, new):
        address = self.sources[0][0]
        include = ("--include=ca-certificates",) if address.startswith("https:") else ()
        done = subprocess.run(("debootstrap", "--variant=minbase", *include, self.suite, new, address), capture_output=True, text=True,
                              env={**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}, check=False)
        if done.returncode:
            raise CannotMakeRoots(f"debootstrap failed: {(done.stdout + done.stderr).strip().splitlines()[-1]}")
        (new / "etc/apt/sources.list").write_text("".join(f"deb {' '.join(source)}\n" for source in self.sources), encoding="utf-8")
        (new / "etc/resolv.conf").unlink(missing_ok=True)

    def _fetch(self, root):
        with contextlib.suppress(OSError):
            root.put("/etc/resolv.conf", Path("/etc/resolv.conf").read_bytes())
        root.put("/etc/apt/apt.conf.d/80proxy", apt_proxies())
        done = root.run("apt-get -q update", check=False, environment=fetching_environment(), timeout=900)
        for packages in self.packages.values():
            if done.status == 0:
                done = root.run(INSTALL + "--download-only " + " ".join(packages), check=False, environment=fetching_environment(),
                                timeout=900)
        root.run("rm -f /etc/resolv.conf /etc/apt/apt.conf.d/80proxy")
        # From here on there is no network: apt-get update says so, succeeds, and goes on with the lists that it has.
        root.put("/etc/apt/apt.conf.d/80palate", 'Acquire::Retries "0";\n')
        if done.status:
            raise CannotMakeRoots(f"Debian's packages cannot be fetched: {(done.text.strip().splitlines() or ['apt-get failed'])[-1]}")

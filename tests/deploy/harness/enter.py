"""The first process of a root: lays its file system, then holds its namespaces open. Run by harness/root.py through unshare.

    enter.py SPECIFICATION      JSON: scratch, lowers, upper, work, tree, network, hostname (see Root._specification)

Prints "ready PID", the process as the machine sees it, or one line of why not. Ends, and all processes of the root with it, when its
standard input ends: also when the tests were killed.
"""
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys

NODES = ("null", "zero", "full", "random", "urandom", "tty")
SIOCSIFFLAGS, IFF_UP, IFF_LOOPBACK = 0x8914, 0x1, 0x8
# Takes in whoever lost his parent, as an init does: a daemon that ended must not stay as a zombie that its init script takes for alive.
HOLD = ("perl", "-e", "$SIG{CHLD} = 'IGNORE'; 1 while sysread(STDIN, $_, 1);")


def mount(*arguments):
    done = subprocess.run(("mount", *arguments), capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(done.stderr.strip() or f"mount {' '.join(arguments)} failed")


def lay_tree(spec):
    """The root's file system, at scratch/root: an overlay above layers, or a directory as it is."""
    root = f"{spec['scratch']}/root"
    mount("--bind", spec["scratch"], spec["scratch"])
    mount("--make-private", spec["scratch"])
    if spec["tree"]:
        os.mkdir(root)
        mount("--bind", spec["tree"], root)
        return root
    upper, work = spec["upper"], spec["work"]
    if not upper:
        mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", spec["scratch"])
        upper, work = f"{spec['scratch']}/upper", f"{spec['scratch']}/overlay-work"
        os.mkdir(upper)
        os.mkdir(work)
    os.mkdir(root)
    # Nothing of it must survive a power cut: without volatile, dpkg and MariaDB wait for the disk at each step. It needs Linux 5.10.
    options = f"lowerdir={':'.join(spec['lowers'])},upperdir={upper},workdir={work}"
    try:
        mount("-t", "overlay", "-o", options + ",volatile", "overlay", root)
    except OSError:
        mount("-t", "overlay", "-o", options, "overlay", root)
    return root


def lay_system(root):
    """What a kernel and its first process give: /proc, a few devices, an empty /run."""
    mount("-t", "proc", "-o", "nosuid,nodev,noexec", "proc", f"{root}/proc")
    mount("-t", "tmpfs", "-o", "mode=0755,nosuid", "tmpfs", f"{root}/dev")
    for node in NODES:
        open(f"{root}/dev/{node}", "w", encoding="ascii").close()
        mount("--bind", f"/dev/{node}", f"{root}/dev/{node}")
    for name, target in (("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"),
                         ("stderr", "/proc/self/fd/2"), ("ptmx", "pts/ptmx")):
        os.symlink(target, f"{root}/dev/{name}")
    for folder, kind, options in (("dev/pts", "devpts", "newinstance,ptmxmode=0666,mode=0620,gid=5"),
                                  ("dev/shm", "tmpfs", "mode=1777"), ("run", "tmpfs", "mode=0755"), ("run/lock", "tmpfs", "mode=1777")):
        os.makedirs(f"{root}/{folder}", exist_ok=True)
        mount("-t", kind, "-o", options, kind, f"{root}/{folder}")


def raise_loopback():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP | IFF_LOOPBACK))


def main():
    spec = json.loads(sys.argv[1])
    seen_as = os.readlink("/proc/self")  # /proc is the machine's still
    try:
        root = lay_tree(spec)
        lay_system(root)
        if not spec["network"]:
            raise_loopback()
        socket.sethostname(spec["hostname"])
        os.chroot(root)
        os.chdir("/")
    except OSError as error:
        print(error, flush=True)
        sys.exit(1)
    print(f"ready {seen_as}", flush=True)
    silent = os.open("/dev/null", os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    os.execvp(HOLD[0], HOLD)


main()

"""Palate as this checkout builds it, to be put into roots."""
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from harness.layers import CHECKOUT, own_suite
from harness.root import Root

NOT_COPIED = (".git", "build", "run", "__pycache__", "cgi-bin/palate.fcgi", "tests/bench/results", "tests/fault/results")


class Product:
    """Built once: with this machine's compiler where it runs the roots' Debian, else in a root."""

    def __init__(self, layers):
        self.layers = layers
        self._staged = None

    def install(self, root):
        """What `make install` lays down, without compiling in the root."""
        if not self._staged:
            self._staged = Path(tempfile.mkdtemp(prefix="palate-deploy-product."))
            if self.layers.suite == own_suite():
                self._make(CHECKOUT, "all")
                self._make(CHECKOUT, "install", f"DESTDIR={self._staged}")
            else:
                self._make_in_root()
        root.copy_in(self._staged, "/")

    @staticmethod
    def _make(checkout, *arguments):
        environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "DESTDIR", "SITE", "PREFIX")}
        done = subprocess.run(("make", "--no-print-directory", "-s", f"-j{os.cpu_count()}", "-C", checkout, *arguments), env=environment,
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def _make_in_root(self):
        with Root(self.layers.stack("build")) as root:
            copy_checkout(root, "/root/palate")
            root.run(f"make -s -j{os.cpu_count()} all && make -s install DESTDIR=/root/staged", directory="/root/palate", timeout=900)
            packed = root.bytes_of("tar -C /root/staged -cf - .")
        subprocess.run(("tar", "-C", self._staged, "-xf", "-"), input=packed, check=True)

    def close(self):
        if self._staged:
            shutil.rmtree(self._staged)


def copy_checkout(root, target):
    """The sources, as a fresh clone has them."""
    left_out = [f"--exclude=./{path}" for path in NOT_COPIED] + ["--exclude=__pycache__"]
    with tempfile.TemporaryDirectory(prefix="palate-deploy-sources.") as clean:
        packed = subprocess.run(("tar", "-C", CHECKOUT, *left_out, "-cf", "-", "."), capture_output=True, check=True).stdout
        subprocess.run(("tar", "-C", clean, "-xf", "-"), input=packed, check=True)
        root.copy_in(clean, target)

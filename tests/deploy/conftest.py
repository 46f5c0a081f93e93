"""Fixtures of the tests of deployment. README.md says how they fit together."""
import os
import signal

import pytest

pytest.register_assert_rewrite("harness")  # before anything of it is imported

from harness.layers import Layers  # noqa: E402
from harness.product import Product  # noqa: E402
from harness.root import CannotMakeRoots, Root  # noqa: E402

FORMS = ("full", "short")


def pytest_configure(config):
    # Each of them ends the tests as Ctrl-C does, so that roots are removed, too.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)


def pytest_collection_modifyitems(config, items):
    form = os.environ.get("PALATE_DEPLOY", "full")
    if form not in FORMS:
        raise pytest.UsageError(f"PALATE_DEPLOY is {' or '.join(FORMS)}, not '{form}'")
    if form == "short":
        left_out = [item for item in items if not item.get_closest_marker("short")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item.get_closest_marker("short")]


def pytest_terminal_summary(terminalreporter, config):
    if reason := getattr(config, "no_roots", None):
        terminalreporter.write_line(f"tests/deploy skipped: no roots can be made on this machine: {reason}")


@pytest.fixture(scope="session")
def layers(pytestconfig):
    try:
        made = Layers()
        made.stack("archives")
        with Root(made.stack("archives")):
            pass
    except CannotMakeRoots as reason:
        pytestconfig.no_roots = reason
        pytest.skip(f"no roots: {reason}")
    yield made
    made.close()


@pytest.fixture(scope="session")
def product(layers):
    built = Product(layers)
    yield built
    built.close()


@pytest.fixture
def machine(layers, product):
    """Makes the roots of a test, with Palate installed unless told otherwise: machine("apache", services=False)."""
    opened = []

    def make(layer, palate=True, **how):
        root = Root(layers.stack(layer), **how)
        opened.append(root)
        root.__enter__()
        if palate:
            product.install(root)
        return root

    yield make
    for root in reversed(opened):
        root.close()

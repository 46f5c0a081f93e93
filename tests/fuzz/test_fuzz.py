"""The short form of `make fuzz`: each target stands all its stored inputs, and FUZZ_SECONDS (10) of new ones."""
import concurrent.futures
import os

import pytest

from campaign import Failed, Target, make, names


def stand(name):
    """What went wrong, None when nothing did."""
    try:
        target = Target(name)
        target.replay()
        target.fuzz(seconds=int(os.environ.get("FUZZ_SECONDS", "10")))
    except Failed as problem:
        return str(problem)
    return None


@pytest.fixture(scope="module")
def results():
    make("fuzz-programs")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {name: pool.submit(stand, name) for name in names()}


@pytest.mark.parametrize("name", names())
def test_target_stands_old_and_new_inputs(name, results):
    problem = results[name].result()
    if problem:
        pytest.fail(problem, pytrace=False)

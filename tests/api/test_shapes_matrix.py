"""Any JSON shape at every position of every body that the OpenAPI document tells of: never a 5xx, and what is refused is refused for a field
that is named. Answers are held to the document by the client."""
import copy
import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.client import Api
from harness.openapi import document, operations, resolve
from harness.tokens import READ, WRITE

MISSING = object()
TOO_LARGE = 10 ** 30  # no number of ours: refused before anybody looks at the field
SHAPES = {"null": None, "number": 7, "fraction": -1.5, "huge number": 2 ** 53 + 1, "wide number": 1e300, "true": True, "text": "text", "empty text": "", "blank": " \t",
          "long text": "x" * 100_000, "odd text": "\u0001\u202e'\"\\%_;", "list": [], "list of lists": [[[]]], "list of all": [None, 7, "a", {}, []],
          "long list": [0] * 1500, "object": {}, "deep object": {"a": {"b": [{"c": []}]}}, "missing": MISSING}
ALIAS = re.compile(r"Alias of (\w+)\.")
THREADS = 4
USUAL = {"Recommendations": {"user_id": "u", "quantity": 1}, "Explain": {"itemId": "el-01", "user_id": "u"}, "Recommend": {"quantity": 1}, "Search": {"limit": 1},
         "Token": {"grant_type": "client_credentials", "client_id": "shapes-client", "client_secret": "wrong"}, "Events": {"item_id": "el-01"}}


FEW = ("null", "huge number", "long text", "list of all", "deep object")


def cases():
    """Of operations that take the same body in the same form all but one get only a few shapes; so do aliases."""
    seen = set()
    for path in document()["paths"]:
        for method, operation in sorted(operations(path).items(), reverse=True):
            if "requestBody" in operation:
                kind = (operation["requestBody"]["$ref"], path.startswith("/v1/"))
                yield pytest.param(method.upper(), path, tuple(SHAPES) if kind not in seen else FEW, id=f"{method.upper()} {path}")
                seen.add(kind)


def usual_body(operation):
    """A good body: the document's example, and what makes the answer short."""
    example = resolve(operation["requestBody"])["content"]["application/json"].get("example", {})
    usual = USUAL.get(operation["requestBody"]["$ref"].rsplit("/", 1)[1], {})
    return {**example, **usual} if isinstance(example, dict) else example


def positions(schema, place=(), rivals=(), is_alias=False):
    """(place, names that stand for the same, whether it is another name's alias): each once."""
    schema = resolve(schema)
    yield place, rivals, is_alias
    for alternative in schema.get("oneOf", []):
        yield from list(positions(alternative, place, rivals))[1:]
    names = schema.get("properties", {})
    canonical = {name: (ALIAS.match(resolve(member).get("description", "")) or [None, name])[1] for name, member in names.items()}
    for name, member in names.items():
        same = tuple(other for other in names if canonical[other] == canonical[name] and other != name)
        yield from positions(member, (*place, name), same, canonical[name] != name)
    if "items" in schema:
        yield from positions(schema["items"], (*place, 0))


def with_shape(body, place, rivals, shape):
    """The body with the shape at that place; MISSING when there is no such body."""
    if not place:
        return shape
    body = copy.deepcopy(body)
    if place[0] == 0 and not isinstance(body, list):
        body = [body]
    if isinstance(place[0], str) and isinstance(body, list):
        body = body[0]
    at = body
    for step, after in zip(place[:-1], place[1:]):
        wanted = list if after == 0 else dict
        if isinstance(step, str) and not isinstance(at.get(step), wanted):
            at[step] = wanted()
        if step == 0 and (not at or not isinstance(at[0], wanted)):
            at[:] = [wanted()]
        at = at[step]
    for name in rivals:
        at.pop(name, None)
    if place[-1] == 0:
        at[:1] = [] if shape is MISSING else [shape]
    elif shape is MISSING:
        at.pop(place[-1], None)
    else:
        at[place[-1]] = shape
    return body


def is_named(answer, place, rivals):
    """Whether an error says what is wrong with which field."""
    error = answer.json()
    about = error.get("error", "")
    code = about["code"] if isinstance(about, dict) else error.get("code", about)
    names = [step for step in place if isinstance(step, str)] + list(rivals)
    if answer.status == 413 and place and "body" in json.dumps(error):
        return True  # a request for a token ends at 16 KiB
    if code in ("invalid_client", "item_already_exists", "batch_size_exceeded", "empty_update"):
        return True  # of the whole
    if code == "context_not_found":
        return any("context" in name or name == "template" for name in names)
    said = json.dumps(error)
    return any(name in said for name in names) or ("body" in said.lower() or "[0]" in said or "missing" in said) and (not names or place[-1] == 0)


@pytest.fixture(scope="module")
def shapes(stand):
    """A tenant of its own: the matrix leaves odd items and events behind."""
    stand.tool.tenant("shapes")
    stand.tool.run("client", "create", "--tenant", "shapes", "--id", "shapes-client", "--scopes", f"{READ} {WRITE}")
    stand.tool.items("shapes", stand.root / "import" / "items.jsonl")
    called = stand.root / "import" / "search.jsonl"  # the path of an item that is called like the search
    called.write_text('{"id": "search", "name": "Search"}\n')
    stand.tool.items("shapes", called)


@pytest.mark.parametrize("method, path, names", cases())
def test_any_shape_anywhere(shapes, quick, mint, method, path, names):
    api = Api(quick, mint("shapes-client", scope=f"{READ} {WRITE}"))
    operation = operations(path)[method.lower()]
    body = usual_body(operation)
    schema = resolve(operation["requestBody"])["content"]["application/json"]["schema"]
    target = path.replace("{id}", "el-02")
    tried = [(place, rivals, name) for place, rivals, is_alias in positions(schema) for name in (FEW if is_alias else names)]

    def send(case):
        place, rivals, name = case
        made = with_shape(body, place, rivals, SHAPES[name])
        answer = api.call(method, target, None if made is MISSING else json.dumps(made), {"X-Request-Id": "shape"})
        where = f"{'.'.join(map(str, place)) or 'body'} = {name}"
        assert answer.status < 500, f"{where}: {answer}"
        if answer.status >= 400 and not is_named(answer, place, rivals):
            return f"{where}: {answer}"
        return None

    answer = api.call(method, target, json.dumps(with_shape(body, ("name",), (), TOO_LARGE)))
    assert answer.status == 400 and b"a number that is too large" in answer.body
    with ThreadPoolExecutor(THREADS) as pool:
        unnamed = [problem for problem in pool.map(send, tried) if problem]
    assert not unnamed, f"{len(unnamed)} of {len(tried)} refusals name no field:\n" + "\n".join(unnamed[:20])

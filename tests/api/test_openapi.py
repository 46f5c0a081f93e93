"""The OpenAPI document: served as it is, well-formed, and the same paths and methods as the route table. That every answer is as it says is
seen to by harness/openapi.py, in all tests."""
import copy
import json
import re

import jsonschema
import pytest

from harness.client import Answer, Api, request
from harness.openapi import DOCUMENT_PATH, METHODS, check, document, error_style, expand, operations, resolve
from harness.stand import CHECKOUT
from harness.tokens import READ, WRITE

STYLES = {"STYLE_OBJECT": "V1", "STYLE_MESSAGE": "Plain", "STYLE_DETAIL": "Detail", "STYLE_OAUTH": "Oauth"}
ROUTE = re.compile(r'^    \{"([A-Z]+)", "([^"]+)", (?:\w+), (?:\w+), (ACCESS_\w+), (STYLE_\w+), (BODY_\w+)\},$', re.MULTILINE)


def routes():
    text = (CHECKOUT / "fcgi/routes.c").read_text()
    found = ROUTE.findall(text)
    assert len(found) == text.count('\n    {"'), "each row of the table is understood"
    return found


def everything(node, place="#"):
    """Each object and list of the document with its place."""
    yield place, node
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from everything(value, f"{place}/{key}")


def all_operations():
    return [(path, method, operation) for path in document()["paths"] for method, operation in operations(path).items()]


def schemas():
    """Each schema that is not part of another one, with its place."""
    for place, node in everything(document()):
        if re.fullmatch(r"#/components/schemas/[^/]+|.*/(content/[^/]+/[^/]+|parameters/[^/]+|headers/[^/]+)/schema", place):
            yield place, node


# ---- Is it the service's?


def test_it_is_served_to_everybody_to_the_byte(front):
    answer = request(front.port, "GET", "/openapi.json")
    assert answer.status == 200 and answer.body == DOCUMENT_PATH.read_bytes()
    assert answer.headers["Cache-Control"] == "public, max-age=3600" and answer.headers["Access-Control-Allow-Origin"] == "*"
    tag = answer.headers["ETag"]
    again = request(front.port, "GET", "/openapi.json", headers={"If-None-Match": tag})
    assert again.status == 304 and again.body == b"" and again.headers["ETag"] == tag
    assert request(front.port, "GET", "/openapi.json", headers={"If-None-Match": '"another"'}).status == 200


def test_head_has_the_headers_of_get(front, mint):
    """Of all that may be kept; the key is a secret here, so its path has nothing."""
    api = Api(front, mint())
    for path, status in (("/openapi.json", 200), ("/v1/items/el-01", 200), ("/items/el-01", 200), ("/v1/items/no-such", 404), ("/.well-known/jwks.json", 404)):
        get, head = api.call("GET", path), api.call("HEAD", path)
        assert get.status == head.status == status and head.body == b"" and get.body
        for name in ("ETag", "Cache-Control", "Access-Control-Allow-Origin", "Content-Type"):
            assert head.headers[name] == get.headers[name], (path, name)
        assert head.headers["Content-Length"] in (None, get.headers["Content-Length"]), path


def test_paths_and_methods_are_those_of_the_route_table():
    table = {(method, path) for method, path, *_ in routes()}
    exact = {path for _, path in table if not path.endswith("{id}")}
    table |= {(method, path) for method, pattern in table if pattern.endswith("{id}")
              for path in exact if path.rpartition("/")[0] == pattern.removesuffix("/{id}")}  # an id may be called like the path
    table |= {("OPTIONS", path) for _, path in table}
    assert {(method.upper(), path) for path, method, _ in all_operations()} == table


@pytest.mark.parametrize("path", sorted(document()["paths"]))
def test_options_tells_the_same_methods(quick, path):
    answer = request(quick.port, "OPTIONS", path.replace("{id}", "1"))
    assert answer.status == 204
    assert sorted(answer.headers["Allow"].split(", ")) == sorted(method.upper() for method in operations(path))


def test_each_operation_wants_what_its_route_wants():
    wanted = {"ACCESS_READ": {READ}, "ACCESS_WRITE": {WRITE}, "ACCESS_READ_OWN": {READ}, "ACCESS_WRITE_OWN": {WRITE}, "ACCESS_TOKEN": set()}
    for method, path, access, style, body in routes():
        if method == "OPTIONS":
            assert operations(path)["options"]["security"] == []
            continue
        operation = operations(path)[method.lower()]
        security = operation.get("security", document()["security"])
        if access == "ACCESS_OPEN":
            assert {} in security or security == [], path
        elif access == "ACCESS_METRICS":
            assert security == [{"metrics": []}], path
        else:
            assert {scheme for entry in security for scheme in entry} == {"oauth2", "bearer"}, path
            assert all(set(scopes) == wanted[access] for entry in security for scopes in entry.values()), path
        assert error_style(path) == STYLES[style], path
        assert body == "BODY_MERGED" or ("requestBody" in operation) == (body != "BODY_NONE"), path


# ---- Is it OpenAPI?

FIELDS = {  # of each kind of object: required and optional members (OpenAPI 3.1.0, 4.8)
    "document": ({"openapi", "info", "paths"}, {"servers", "components", "security", "tags", "externalDocs", "webhooks", "jsonSchemaDialect"}),
    "info": ({"title", "version"}, {"summary", "description", "termsOfService", "contact", "license"}),
    "path": (set(), {"summary", "description", "servers", "parameters", *METHODS}),
    "operation": ({"responses", "operationId", "tags", "summary"}, {"description", "externalDocs", "parameters", "requestBody", "deprecated", "security", "servers"}),
    "parameter": ({"name", "in", "schema"}, {"description", "required", "deprecated", "style", "explode", "example"}),
    "header": ({"schema"}, {"description", "required", "deprecated"}),
    "body": ({"content"}, {"description", "required"}),
    "response": ({"description"}, {"headers", "content"}),
    "media": ({"schema"}, {"example"}),
}


def check_fields(kind, node, place):
    required, optional = FIELDS[kind]
    assert required <= set(node) <= required | optional, f"{place}: {set(node) ^ required}"


def test_its_frame():
    check_fields("document", document(), "#")
    check_fields("info", document()["info"], "info")
    assert re.fullmatch(r"3\.1\.\d+", document()["openapi"])
    assert set(document()["components"]) <= {"schemas", "responses", "parameters", "requestBodies", "headers", "securitySchemes"}
    for kind in document()["components"].values():
        assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in kind)
    assert all(not server["url"].startswith("/") and "://" not in server["url"] for server in document()["servers"]), "relative"


def test_every_reference_leads_somewhere_and_every_component_is_used():
    references = {node["$ref"] for _, node in everything(document()) if isinstance(node, dict) and "$ref" in node}
    assert all(resolve({"$ref": reference}) is not None for reference in references)
    components = {f"#/components/{kind}/{name}" for kind, members in document()["components"].items() if kind != "securitySchemes" for name in members}
    unused = components - references
    # Methods that a path does not have are answered by these.
    assert unused == {f"#/components/responses/{style}MethodNotAllowed" for style in STYLES.values()}


def test_its_paths_and_operations():
    seen, tags = set(), {tag["name"] for tag in document()["tags"]}
    for path, node in document()["paths"].items():
        check_fields("path", node, path)
        assert path.startswith("/") and (path == "/" or not path.endswith("/"))
    for path, method, operation in all_operations():
        where = f"{method} {path}"
        check_fields("operation", operation, where)
        assert operation["operationId"] not in seen and not seen.add(operation["operationId"]), where
        assert set(operation["tags"]) <= tags, where
        parameters = [resolve(parameter) for parameter in document()["paths"][path].get("parameters", []) + operation.get("parameters", [])]
        for parameter in parameters:
            check_fields("parameter", parameter, where)
        names = [(parameter["name"], parameter["in"]) for parameter in parameters]
        assert len(set(names)) == len(names), f"{where}: a parameter stands twice"
        assert {name for name, place in names if place == "path"} == set(re.findall(r"\{(\w+)\}", path)), where
        for parameter in parameters:
            assert parameter["in"] in ("query", "path", "header") and (parameter["in"] != "path" or parameter["required"] is True), where
            assert parameter["name"].lower() not in ("accept", "content-type", "authorization"), where
        if "requestBody" in operation:
            check_content(resolve(operation["requestBody"]), "body", where)
        check_responses(operation, where)


def check_content(node, kind, where):
    check_fields(kind, node, where)
    for name, media in node.get("content", {}).items():
        assert re.fullmatch(r"[a-z]+/[a-z.+-]+", name), where
        check_fields("media", media, where)


def check_responses(operation, where):
    assert operation["responses"], where
    for status, response in operation["responses"].items():
        assert re.fullmatch("[2345][0-9][0-9]", status), where
        response = resolve(response)
        check_content(response, "response", f"{where} {status}")
        for name, header in response.get("headers", {}).items():
            assert name.lower() != "content-type", where
            check_fields("header", resolve(header), where)


def test_its_security():
    schemes = document()["components"]["securitySchemes"]
    scopes = set(schemes["oauth2"]["flows"]["clientCredentials"]["scopes"])
    assert scopes == {READ, WRITE}
    for path, method, operation in all_operations():
        for entry in operation.get("security", document()["security"]):
            for scheme, wanted in entry.items():
                assert scheme in schemes and set(wanted) <= scopes, f"{method} {path}"


def test_its_schemas():
    count = 0
    for place, schema in schemas():
        jsonschema.Draft202012Validator.check_schema(schema)
        count += 1
        for inner, node in everything(schema, place):
            if isinstance(node, dict) and isinstance(node.get("properties"), dict) and "required" in node and "allOf" not in node:
                assert set(node["required"]) <= set(node["properties"]), f"{inner}: a required member is not described"
    assert count > 150


def test_its_examples_are_as_their_schemas_say():
    examples = [(place, node) for place, node in everything(document()["components"]) if isinstance(node, dict) and "example" in node and "schema" in node]
    assert len(examples) >= 8
    for place, node in examples:
        errors = list(jsonschema.Draft202012Validator(expand(node["schema"])).iter_errors(node["example"]))
        assert not errors, f"{place}: {errors}"


def test_no_line_holds_a_tab_or_trailing_blanks():
    text = DOCUMENT_PATH.read_text(encoding="utf-8")
    assert json.loads(text) == document() and text.endswith("}\n")
    assert not re.search(r"\t|[ ]+$", text, re.MULTILINE)


# ---- Would a deviation be found?


def changed(answer, status=None, drop=None, **members):
    body = json.dumps({**answer.json(), **members}).encode() if members else answer.body
    headers = copy.copy(answer.headers)
    if drop:
        headers = type(headers)()
        for name, value in answer.headers.items():
            if name != drop:
                headers[name] = value
    return Answer(status or answer.status, headers, body)


def test_the_check_of_every_answer_fails_where_it_should(api):
    path = "/v1/items/el-01"
    good, missing = api.call("GET", path), api.call("GET", "/v1/items/no-such")
    port = api.front.port
    check(port, "GET", path, good)
    for method, target, answer in (
            ("GET", path, changed(good, status=201)), ("GET", path, changed(good, colour="red")), ("GET", path, changed(good, name=7)),
            ("GET", path, changed(good, active=None)), ("GET", path, changed(good, drop="ETag")), ("GET", path, changed(good, drop="Cache-Control")),
            ("GET", path, changed(good, drop="Content-Type")), ("HEAD", path, good), ("PUT", path, good), ("GET", "/v1/nothing", good),
            ("GET", "/items/no-such", missing), ("GET", path, changed(missing, status=400)), ("GET", "/v1/recommendations", good)):
        with pytest.raises(AssertionError):
            check(port, method, target, answer)

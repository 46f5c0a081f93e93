"""Holds every answer to the OpenAPI document: client.py calls check() with each of them.

Objects of the document are closed here, so that a member that it does not tell of is found, too. What the web server has answered
by itself is passed over: only the worker's answers have an X-Request-Id."""
import functools
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema

DOCUMENT_PATH = Path(__file__).resolve().parents[3] / "fcgi/api/openapi.json"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
UNLISTED = {404: "NotFound", 405: "MethodNotAllowed", 414: "UriTooLong"}  # of paths and methods that are not in the document

base_paths = {}  # port -> [http] base_path of the front that listens there


@functools.cache
def document():
    return json.loads(DOCUMENT_PATH.read_text())


def resolve(node):
    """What a $ref stands for, as often as needed."""
    while isinstance(node, dict) and "$ref" in node:
        place = document()
        for part in node["$ref"].removeprefix("#/").split("/"):
            place = place[part.replace("~1", "/").replace("~0", "~")]
        node = place
    return node


def expand(schema):
    """The schema with every $ref replaced (none of them is recursive) and its objects closed."""
    schema = resolve(schema)
    if isinstance(schema, list):
        return [expand(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: ({name: expand(member) for name, member in value.items()} if key == "properties" else
                  value if key in ("enum", "const", "example", "default") else expand(value)) for key, value in schema.items()}
    if made.get("type") == "object" and "properties" in made:
        made.setdefault("additionalProperties", False)
    return made


@functools.cache
def templates():
    """Paths of the document as patterns, exact ones first."""
    ordered = sorted(document()["paths"], key=lambda path: "{" in path)
    return [(re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), path) for path in ordered]


def find_template(path):
    return next((template for pattern, template in templates() if pattern.fullmatch(path)), None)


def operations(path):
    return {key: value for key, value in document()["paths"][path].items() if key in METHODS}


def error_style(path):
    """V1, Plain, Detail or Oauth: the form of a path's errors."""
    for operation in operations(path).values():
        if "400" in operation["responses"]:
            return operation["responses"]["400"]["$ref"].rsplit("/", 1)[1].removesuffix("BadRequest")
    return "V1" if path.startswith("/v1/") else "Plain"


def find_response(template, method, path, status):
    """The document's response; None: it has none."""
    if template and method.isupper() and method.lower() in operations(template):
        return resolve(operations(template)[method.lower()]["responses"].get(str(status)))
    nothing_else = template is None or set(operations(template)) == {"options"}
    if status not in UNLISTED or (status == 404) is not nothing_else and status != 414:
        return None
    style = error_style(template) if template else "V1" if path.startswith("/v1/") else "Plain"
    return document()["components"]["responses"].get(style + UNLISTED[status])


@functools.cache
def compiled(template, method, status, is_v1):
    """(headers, validator): header names to (required, validator); validator None: no content."""
    response = find_response(template, method, "/v1/" if is_v1 else "/", status)
    if response is None:
        return None
    headers = {}
    for name, header in response.get("headers", {}).items():
        header = resolve(header)
        headers[name] = (header.get("required", False), header["schema"])
    content = response.get("content")
    if content and "text/plain" in content:
        return headers, "text/plain"
    schema = content and content["application/json"]["schema"]
    return headers, schema and jsonschema.Draft202012Validator(expand(schema))


def check_header(name, value, required, schema):
    if value is None:
        assert not required, f"the header {name} is missing"
        return
    if schema.get("type") == "integer":
        value = int(value)
    jsonschema.validate(value, schema, jsonschema.Draft202012Validator)


def check_content(validator, answer):
    assert answer.headers.get_content_type() == "application/json"
    body = json.loads(answer.body)
    if isinstance(body, dict) and body.get("recommendations") == body.get("data"):
        body = {**body, "recommendations": body["recommendations"][:1]} if "data" in body else body  # it need not be looked at twice
    error = jsonschema.exceptions.best_match(validator.iter_errors(body))
    assert error is None, f"{'/'.join(map(str, error.absolute_path))}: {error.message[:600]}"


def check(port, method, target, answer):
    """target: what stands in the request line, or REQUEST_URI."""
    if answer.headers["X-Request-Id"] is None:
        return
    path = urlsplit(target).path if "://" in target else target.split("?", 1)[0]
    base = base_paths.get(port, "")
    path = path.removeprefix(base) if path.startswith(base + "/") else "//" + path
    template = find_template(path)
    found = compiled(template, method, answer.status, path.startswith("/v1/"))
    where = f"{method} {template or target[:100]} {answer.status}"
    assert found is not None, f"the OpenAPI document does not tell of {where}: {answer}"
    headers, validator = found
    try:
        for name, (required, schema) in headers.items():
            check_header(name, answer.headers[name], required, schema)
        if validator is None or method == "HEAD":
            assert answer.body == b"", "there must be no body"
        elif validator == "text/plain":
            assert answer.headers.get_content_type() == "text/plain" and answer.body
        else:
            check_content(validator, answer)
    except (AssertionError, jsonschema.ValidationError, ValueError) as problem:
        raise AssertionError(f"{where} is not as the OpenAPI document says: {problem}") from None

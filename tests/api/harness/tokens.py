"""Bearer tokens: proper ones by PyJWT, and forged ones put together by hand."""
import base64
import hashlib
import hmac
import json
import time

import jwt

READ = "neuronsearchlab-api/read"
WRITE = "neuronsearchlab-api/write"
BOTH = f"{READ} {WRITE}"


def claims_for(client="alpha-client", **more):
    """Proper claims; a claim given as None is left out."""
    claims = {"client_id": client, "sub": "someone", "scope": READ, "exp": int(time.time()) + 3600}
    claims.update(more)
    return {name: value for name, value in claims.items() if value is not None}


def sign(claims, key, algorithm="HS256", headers=None):
    return jwt.encode(claims, key, algorithm=algorithm, headers=headers)


def sign_bytes(payload, key, algorithm):
    """The same for any payload: PyJWT itself refuses to write claims of wrong types."""
    return jwt.api_jws.encode(payload, key, algorithm)


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def by_hand(header, payload, key, digest=hashlib.sha256):
    """A token of any header and payload (JSON values or bytes), signed with HMAC whatever the header says."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload)]
    signed = ".".join(base64url(part) for part in parts)
    return signed + "." + base64url(hmac.new(key, signed.encode(), digest).digest())

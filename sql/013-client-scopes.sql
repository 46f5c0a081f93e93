-- A client's scopes can be changed. Tokens carry the scopes that it had when they were issued, so a token that
-- is older than the last change counts only as far as the client still has its scopes.

ALTER TABLE api_clients
    ADD COLUMN scopes_since BIGINT NOT NULL DEFAULT 0 COMMENT 'Unix seconds: what tokens with an earlier iat carry counts as far as it is among scopes' AFTER scopes;

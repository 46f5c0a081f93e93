-- Tokens that Palate issues and takes: a second secret while one is being replaced, a moment before which
-- tokens are refused, and the clients of foreign identity providers.

ALTER TABLE api_clients
    ADD COLUMN previous_salt     BINARY(16) NULL COMMENT 'salt of the secret before the last rotation; NULL: none' AFTER secret_hash,
    ADD COLUMN previous_hash     BINARY(32) NULL COMMENT 'its hash, made as secret_hash' AFTER previous_salt,
    ADD COLUMN previous_until    BIGINT     NOT NULL DEFAULT 0 COMMENT 'Unix seconds: the previous secret counts before then' AFTER previous_hash,
    ADD COLUMN tokens_not_before BIGINT     NOT NULL DEFAULT 0 COMMENT 'Unix seconds: tokens with an earlier iat are refused' AFTER active;

CREATE TABLE client_aliases (
    tenant_id    INT UNSIGNED NOT NULL COMMENT 'owner',
    issuer       VARCHAR(255) NOT NULL COMMENT 'iss claim of the foreign identity provider',
    alias        VARCHAR(255) NOT NULL COMMENT 'what its tokens call the client: the value of client_id, azp, aud or sub',
    client_id    VARCHAR(128) NOT NULL COMMENT 'our client that the token then stands for',
    created_at   TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'when it was added',
    PRIMARY KEY (tenant_id, issuer, alias),
    UNIQUE KEY client_aliases_name_one_client (issuer, alias),
    CONSTRAINT client_aliases_client FOREIGN KEY (tenant_id, client_id) REFERENCES api_clients (tenant_id, client_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='clients as foreign identity providers name them';

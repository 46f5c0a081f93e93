-- Ranked lists that are kept for a few minutes, so that later pages of a list do not change under the reader.

CREATE TABLE ranked_lists (
    tenant_id  INT UNSIGNED NOT NULL COMMENT 'owner',
    list_key   BINARY(16)   NOT NULL COMMENT 'hash of who asked for what: user or seed, context, filters, exclusions, entity',
    list       MEDIUMTEXT   NOT NULL COMMENT 'JSON: items or groups with id, score and source, best first',
    expires_at BIGINT       NOT NULL COMMENT 'Unix seconds after which it counts no more',
    PRIMARY KEY (tenant_id, list_key),
    KEY ranked_lists_by_expiry (tenant_id, expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='lists whose later pages may be asked for';

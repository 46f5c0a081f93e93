-- Receipts of erasures: that and how much was removed about an end user, without saying who it was.

CREATE TABLE erasures (
    tenant_id  INT UNSIGNED    NOT NULL COMMENT 'owner',
    erasure_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'number of the receipt in the installation',
    user_hash  BINARY(32)      NOT NULL COMMENT 'SHA-256 of tenant key, zero byte and user id: whoever knows the id can find the receipt',
    removed    LONGTEXT        NOT NULL COMMENT 'JSON: rows removed by table',
    erased_at  TIMESTAMP(6)    NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'when it was done',
    PRIMARY KEY (tenant_id, erasure_id),
    KEY erasures_erasure_id (erasure_id),
    KEY erasures_by_user (tenant_id, user_hash),
    CONSTRAINT erasures_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='receipts of erased end users';

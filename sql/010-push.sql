-- How far `palate push` has come with telling a tenant's items and events to a Gorse server.

CREATE TABLE push_positions (
    tenant_id          INT UNSIGNED    NOT NULL COMMENT 'owner',
    url                VARCHAR(255)    NOT NULL COMMENT '[remote] url of the server: another one is told everything anew',
    catalogue_revision BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'items of lower revisions have been sent',
    item_id            VARCHAR(128)    NOT NULL DEFAULT '' COMMENT 'of that revision items up to this id have been sent',
    event_id           BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'events up to this number have been sent',
    moves              BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'counts the changes of the position, so that of two runs only one can move it',
    moved_at           TIMESTAMP(6)    NULL COMMENT 'when the server last took something',
    completed_at       TIMESTAMP(6)    NULL COMMENT 'when a run last reached the end; NULL: none yet',
    PRIMARY KEY (tenant_id, url),
    CONSTRAINT push_positions_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='what palate push has sent';

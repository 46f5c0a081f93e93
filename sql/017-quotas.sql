-- How much each tenant may have, set by `palate tenant limit`. The worker reads it with the tenant, which each
-- request does anyway.
--
-- What a catalogue takes is counted by an index that holds the length of each item's metadata, so that it is
-- right whoever has written the items, a worker of the version before included. The column is virtual: to add
-- it changes no row.

ALTER TABLE tenants
    ADD COLUMN IF NOT EXISTS quotas VARCHAR(255) NULL COMMENT 'JSON object: the most items, metadata_bytes, event_types, contexts, lists; what is not there has no limit' CHECK (JSON_VALID(quotas));

ALTER TABLE items
    ADD COLUMN IF NOT EXISTS metadata_bytes INT UNSIGNED GENERATED ALWAYS AS (OCTET_LENGTH(metadata)) VIRTUAL COMMENT 'what the item counts towards its tenant''s quota';

ALTER TABLE items
    ADD KEY IF NOT EXISTS items_by_size (tenant_id, deleted, metadata_bytes);

-- Items over the wire: lists by key, search by words, writes whose outcome can be looked up.
--
-- items.category serves the list's filter: a scalar of up to 255 characters, else NULL; stored, so that an
-- index can be read without the wide rows. Both indexes hold created_at, which the list can also ask for.

ALTER TABLE items
    ADD COLUMN category VARCHAR(255) GENERATED ALWAYS AS (
        IF(deleted OR CHAR_LENGTH(JSON_VALUE(metadata, '$.category')) > 255, NULL, JSON_VALUE(metadata, '$.category'))) STORED
        COMMENT 'metadata.category where it is a scalar: what lists are filtered by',
    ADD KEY items_live (tenant_id, deleted, item_id, created_at),
    ADD KEY items_by_category (tenant_id, category, item_id, created_at);

-- The words are the worker's own spelling: folded to a-z and 0-9, each behind the tenant's number and an x
-- ("7xshirt"). So a search reads only its own tenant's part of the index, and no word is too short or a stop
-- word for MariaDB (innodb_ft_min_token_size up to 3, its default).
CREATE TABLE item_search (
    tenant_id  INT UNSIGNED    NOT NULL COMMENT 'owner',
    item_id    VARCHAR(128)    NOT NULL COMMENT 'item that the words are of',
    revision   BIGINT UNSIGNED NOT NULL COMMENT 'items.revision that the words were made from; another there: they are due anew',
    recipe     INT UNSIGNED    NOT NULL COMMENT 'hash of the settings that the words were made by',
    words      TEXT CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL COMMENT 'words of name, description and chosen metadata',
    PRIMARY KEY (tenant_id, item_id),
    FULLTEXT KEY item_search_words (words)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='what items are found by';

CREATE TABLE catalogue_writes (
    tenant_id      INT UNSIGNED      NOT NULL COMMENT 'owner',
    slot           SMALLINT UNSIGNED NOT NULL COMMENT 'revision modulo 4096: the newest writes are kept, old ones are written over',
    revision       BIGINT UNSIGNED   NOT NULL COMMENT 'tenants.catalogue_revision that the write made',
    settlement_key BINARY(16)        NOT NULL COMMENT 'random key by which a worker finds its own write when the outcome of its COMMIT is unknown',
    PRIMARY KEY (tenant_id, slot)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='the newest writes of workers to the catalogue';

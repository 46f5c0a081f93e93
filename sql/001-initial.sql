-- Palate's first schema. Files of this folder are numbered and only ever go forward: `palate migrate`
-- applies each one once and notes it in schema_versions. Never edit a file that has been released.
--
-- Every table of a tenant has tenant_id in front of its primary key, so rows of one tenant lie together
-- and every statement can (and, by lint, must) name the tenant. What workers write has no foreign keys:
-- an insert would wait for whoever changes the tenant's row, such as an import, and the logs outlive what
-- they name and are meant to be dropped by age.
--
-- The collation compares bytes and does not pad: "a" and "a " are two ids.

CREATE TABLE schema_versions (
    version     SMALLINT UNSIGNED NOT NULL COMMENT 'number in front of the schema file name',
    name        VARCHAR(100)      NOT NULL COMMENT 'schema file name without folder',
    applied_at  TIMESTAMP(6)      NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'when it was applied',
    PRIMARY KEY (version)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='schema files that have been applied';

CREATE TABLE tenants (
    tenant_id          INT UNSIGNED    NOT NULL AUTO_INCREMENT COMMENT 'internal number of the tenant',
    tenant_key         VARCHAR(64)     NOT NULL COMMENT 'public name in commands and as metadata.team_id in answers',
    name               VARCHAR(200)    NOT NULL COMMENT 'name for people',
    active             BOOLEAN         NOT NULL DEFAULT TRUE COMMENT 'false: every token of the tenant is refused',
    catalogue_revision BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'raised, under a row lock, by each change of an item; so revisions become visible in order',
    catalogue_key      BIGINT UNSIGNED NOT NULL COMMENT 'random; also in the model files, so that one made from other data is refused',
    created_at         TIMESTAMP(6)    NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'when the tenant was created',
    PRIMARY KEY (tenant_id),
    UNIQUE KEY tenants_by_key (tenant_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='customers of this installation';

CREATE TABLE api_clients (
    tenant_id    INT UNSIGNED NOT NULL COMMENT 'owner',
    client_id    VARCHAR(128) NOT NULL COMMENT 'value of the client_id (else sub) claim; unique in the installation',
    name         VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'name for people',
    secret_salt  BINARY(16)   NOT NULL COMMENT 'random salt of the secret',
    secret_hash  BINARY(32)   NOT NULL COMMENT 'SHA-256 of salt and secret; the secret itself is random and shown once',
    scopes       VARCHAR(500) NOT NULL DEFAULT '' COMMENT 'scopes that its tokens may carry, separated by spaces',
    active       BOOLEAN      NOT NULL DEFAULT TRUE COMMENT 'false: revoked',
    created_at   TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'when it was created',
    PRIMARY KEY (tenant_id, client_id),
    UNIQUE KEY api_clients_client_id_is_unique (client_id),
    CONSTRAINT api_clients_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='programs that may call the API';

CREATE TABLE contexts (
    tenant_id    INT UNSIGNED NOT NULL COMMENT 'owner',
    context_id   INT UNSIGNED NOT NULL COMMENT 'number that requests name; chosen by the operator',
    context_key  VARCHAR(64)  NOT NULL COMMENT 'URL-safe name that requests may use instead',
    name         VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'name for people',
    description  TEXT         NOT NULL DEFAULT '' COMMENT 'what the context is for',
    settings     LONGTEXT     NOT NULL DEFAULT '{}' COMMENT 'JSON: filters, group_by, quantity, exclude_viewed_items, strict',
    created_at   TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'when it was created',
    updated_at   TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6) COMMENT 'last change',
    PRIMARY KEY (tenant_id, context_id),
    UNIQUE KEY contexts_by_key (tenant_id, context_key),
    CONSTRAINT contexts_settings_are_json CHECK (JSON_VALID(settings)),
    CONSTRAINT contexts_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='stored rules of a place where recommendations are shown';

CREATE TABLE items (
    tenant_id    INT UNSIGNED    NOT NULL COMMENT 'owner',
    item_id      VARCHAR(128)    NOT NULL COMMENT 'id that the shop gave',
    name         VARCHAR(500)    NOT NULL COMMENT 'product name',
    description  TEXT            NOT NULL DEFAULT '' COMMENT 'product text; source of content vectors',
    metadata     LONGTEXT        NOT NULL DEFAULT '{}' COMMENT 'JSON object of the shop: category, price, ...',
    active       BOOLEAN         NOT NULL DEFAULT TRUE COMMENT 'false: kept, never recommended',
    deleted      BOOLEAN         NOT NULL DEFAULT FALSE COMMENT 'true: a tombstone that tells workers to drop the item',
    revision     BIGINT UNSIGNED NOT NULL COMMENT 'tenants.catalogue_revision of the last change',
    created_at   BIGINT          NOT NULL COMMENT 'Unix seconds: since when it is in the catalogue',
    updated_at   BIGINT          NOT NULL COMMENT 'Unix seconds of the last change',
    PRIMARY KEY (tenant_id, item_id),
    UNIQUE KEY items_by_revision (tenant_id, revision, item_id),
    CONSTRAINT items_metadata_is_json CHECK (JSON_VALID(metadata)),
    CONSTRAINT items_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='the catalogue';

CREATE TABLE entity_embeddings (
    tenant_id    INT UNSIGNED NOT NULL COMMENT 'owner',
    entity_type  ENUM('User','Item') NOT NULL COMMENT 'what the entity is',
    entity_id    VARCHAR(128) NOT NULL COMMENT 'user id or item id',
    name         VARCHAR(500) NOT NULL DEFAULT '' COMMENT 'name given by a request',
    description  TEXT         NOT NULL DEFAULT '' COMMENT 'description given by a request',
    created_at   TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'first request about it',
    updated_at   TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6) COMMENT 'last change of name or description',
    PRIMARY KEY (tenant_id, entity_type, entity_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='what requests said about users and items; vectors are in the model file';

CREATE TABLE event_types (
    tenant_id     INT UNSIGNED NOT NULL COMMENT 'owner',
    event_type_id INT UNSIGNED NOT NULL COMMENT 'number of the type within the tenant',
    name          VARCHAR(64)  NOT NULL COMMENT 'view, click, purchase, ...',
    weight        SMALLINT     NOT NULL COMMENT '-100 to 100: how much an event says; negative is dislike',
    is_purchase   BOOLEAN      NOT NULL DEFAULT FALSE COMMENT 'true: the item is bought by it and not recommended to that user',
    PRIMARY KEY (tenant_id, event_type_id),
    UNIQUE KEY event_types_by_name (tenant_id, name),
    CONSTRAINT event_types_weight CHECK (weight BETWEEN -100 AND 100),
    CONSTRAINT event_types_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='kinds of events and their weights';

CREATE TABLE events (
    tenant_id     INT UNSIGNED    NOT NULL COMMENT 'owner',
    event_id      BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'number of the event in the installation',
    user_id       VARCHAR(128)    NOT NULL COMMENT 'end user',
    item_id       VARCHAR(128)    NOT NULL COMMENT 'item; need not be in the catalogue',
    event_type_id INT UNSIGNED    NOT NULL COMMENT 'kind of event',
    occurred_at   BIGINT          NOT NULL COMMENT 'Unix milliseconds, as told by the caller',
    quantity      INT UNSIGNED    NOT NULL DEFAULT 1 COMMENT 'pieces, where that makes sense',
    deduplication BINARY(16)      NULL COMMENT 'hash of what makes the event unique; NULL: not deduplicated',
    received_at   TIMESTAMP(6)    NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'when it arrived',
    PRIMARY KEY (tenant_id, event_id),
    KEY events_event_id (event_id),
    KEY events_by_user (tenant_id, user_id, occurred_at, event_id),
    KEY events_by_time (tenant_id, occurred_at),
    UNIQUE KEY events_once (tenant_id, deduplication)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='what end users did';

CREATE TABLE sequences (
    tenant_id   INT UNSIGNED    NOT NULL COMMENT 'owner',
    sequence_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'number of the request in the installation',
    request_id  VARCHAR(128)    NOT NULL COMMENT 'X-Request-Id of the answer; the caller may have chosen it',
    endpoint    VARCHAR(64)     NOT NULL COMMENT 'method and path as in the route table',
    client_id   VARCHAR(128)    NOT NULL COMMENT 'API client that asked',
    user_id     VARCHAR(128)    NULL COMMENT 'end user, where one was named',
    task        VARCHAR(100)    NULL COMMENT 'task of the first document',
    template    VARCHAR(100)    NULL COMMENT 'template of the first document',
    context_id  INT UNSIGNED    NULL COMMENT 'context used',
    input       LONGTEXT        NOT NULL COMMENT 'JSON: the parameters as merged from query and body',
    created_at  TIMESTAMP(6)    NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'when it was asked',
    PRIMARY KEY (tenant_id, sequence_id),
    KEY sequences_sequence_id (sequence_id),
    KEY sequences_by_time (tenant_id, created_at),
    KEY sequences_by_user (tenant_id, user_id, created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='sequence log: what was asked; one row for each answer 200';

CREATE TABLE decisions (
    tenant_id         INT UNSIGNED    NOT NULL COMMENT 'owner',
    decision_id       BIGINT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'number of the answer in the installation; recommendation_id = decision_id * 128 + rank',
    sequence_id       BIGINT UNSIGNED NOT NULL COMMENT 'what was asked; written in the same transaction',
    settlement_key    BINARY(16)      NOT NULL COMMENT 'random key by which a worker finds its own row when the outcome of its COMMIT is unknown',
    recommender       VARCHAR(32)     NOT NULL COMMENT 'who ranked: embedded, ...',
    model_generation  BIGINT UNSIGNED NOT NULL COMMENT 'generation of the model file; 0: none',
    result_count      SMALLINT UNSIGNED NOT NULL COMMENT 'recommendations in the answer',
    results           LONGTEXT        NOT NULL COMMENT 'JSON list in rank order: item_id, score, source, group',
    processing_us     INT UNSIGNED    NOT NULL COMMENT 'microseconds from the arrival of the request to this row',
    created_at        TIMESTAMP(6)    NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'when it was answered',
    PRIMARY KEY (tenant_id, decision_id),
    KEY decisions_decision_id (decision_id),
    KEY decisions_by_sequence (tenant_id, sequence_id),
    UNIQUE KEY decisions_by_settlement_key (tenant_id, settlement_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='decision log: what was answered; one row for each answer 200';

CREATE TABLE explored_items (
    tenant_id   INT UNSIGNED NOT NULL COMMENT 'owner',
    item_id     VARCHAR(128) NOT NULL COMMENT 'item that took an exploring place in a list',
    impressions INT UNSIGNED NOT NULL COMMENT 'how often; a new item is explored until it has had as many as its context grants',
    PRIMARY KEY (tenant_id, item_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='impressions of items by exploration';

CREATE TABLE models (
    tenant_id          INT UNSIGNED    NOT NULL COMMENT 'owner',
    generation         BIGINT UNSIGNED NOT NULL COMMENT 'number of the model file, rising',
    catalogue_revision BIGINT UNSIGNED NOT NULL COMMENT 'items up to this revision are in the file',
    item_count         INT UNSIGNED    NOT NULL COMMENT 'items in it',
    user_count         INT UNSIGNED    NOT NULL COMMENT 'users it was learned from',
    event_count        BIGINT UNSIGNED NOT NULL COMMENT 'events it was learned from',
    file_name          VARCHAR(255)    NOT NULL COMMENT 'file below model.directory',
    trained_at         TIMESTAMP(6)    NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'when training ended',
    training_ms        INT UNSIGNED    NOT NULL COMMENT 'how long it took',
    PRIMARY KEY (tenant_id, generation),
    CONSTRAINT models_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='model files that have been built';

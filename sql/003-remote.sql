-- The shadow of the remote recommender ([remote] shadow): what it would have shown in place of a decision.

CREATE TABLE shadow_decisions (
    tenant_id    INT UNSIGNED    NOT NULL COMMENT 'owner',
    decision_id  BIGINT UNSIGNED NOT NULL COMMENT 'the decision that was shown instead',
    outcome      VARCHAR(32)     NOT NULL COMMENT 'answered, or why there is no list: timeout, breaker_open, ...',
    result_count SMALLINT UNSIGNED NOT NULL COMMENT 'entries in the list',
    results      LONGTEXT        NOT NULL COMMENT 'JSON list in rank order: item_id, score; only what could have been shown',
    remote_us    INT UNSIGNED    NOT NULL COMMENT 'microseconds that it took',
    created_at   TIMESTAMP(6)    NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'when it was answered',
    PRIMARY KEY (tenant_id, decision_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='shadow log: what the remote recommender would have answered';

-- What a request was about, a user or an item: both have ids, and in many shops equal ones, so that an id alone
-- does not say whose request it was.
--
-- user_id keeps its name, which workers of the version before write; so does the index, which they name. The
-- expression below gives their rows the right type: of the first document's requests all are about users, and a
-- search drops the parameter before it is logged. It goes when the version before can no longer be running.

ALTER TABLE sequences
    MODIFY COLUMN user_id VARCHAR(128) NULL COMMENT 'id of the user or item that the request was about, where one was named',
    ADD COLUMN IF NOT EXISTS entity_type ENUM('User','Item') NOT NULL DEFAULT 'User' COMMENT 'what user_id is the id of' AFTER user_id,
    DROP KEY IF EXISTS sequences_by_user,
    ADD KEY sequences_by_user (tenant_id, user_id, created_at, entity_type);

ALTER TABLE sequences
    ALTER COLUMN entity_type SET DEFAULT
        (IF(endpoint <> 'POST /api/recommend/recommend' AND JSON_VALUE(input, '$.entity_type') = 'Item'
            AND (endpoint LIKE '% /v1/%' OR JSON_EXISTS(input, '$.user_id')), 'Item', 'User'));

-- The rows there are, a thousand numbers at a time and each time in a transaction of its own: the log may be
-- long, and workers go on writing to it.
BEGIN NOT ATOMIC
    DECLARE number, last BIGINT UNSIGNED;
    SELECT COALESCE(MIN(sequence_id), 1), COALESCE(MAX(sequence_id), 0) INTO number, last FROM sequences;
    WHILE number <= last DO
        UPDATE sequences FORCE INDEX (sequences_sequence_id) SET entity_type = 'Item'
            WHERE sequence_id >= number AND sequence_id < number + 1000 AND entity_type = 'User'
            AND endpoint <> 'POST /api/recommend/recommend' AND JSON_VALUE(input, '$.entity_type') = 'Item'
            AND (endpoint LIKE '% /v1/%' OR JSON_EXISTS(input, '$.user_id'));
        SET number = number + 1000;
    END WHILE;
END;

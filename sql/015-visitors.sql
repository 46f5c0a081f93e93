-- Whether an id was named as that of a user whom the shop knows (user_id), or of a visitor (anonymous_id, which a
-- browser may send whatever it likes in): an id that was once a known user's is no visitor's, and what belongs to
-- somebody who is to be forgotten is found by it. The indexes keep their names, which workers of the version before
-- name, and hold the column at their end.

ALTER TABLE events
    ADD COLUMN IF NOT EXISTS named_as ENUM('user','visitor') NULL COMMENT 'how user_id was named; NULL: not said, by a version before' AFTER user_id,
    DROP KEY IF EXISTS events_by_user,
    ADD KEY events_by_user (tenant_id, user_id, occurred_at, event_id, item_id, event_type_id, factor, named_as);

ALTER TABLE sequences
    ADD COLUMN IF NOT EXISTS named_as ENUM('user','visitor') NULL COMMENT 'how user_id was named, where it is a user' AFTER user_id,
    DROP KEY IF EXISTS sequences_by_user,
    ADD KEY sequences_by_user (tenant_id, user_id, created_at, entity_type, named_as);

-- For rows of workers of the version before; it goes when they can no longer be running.
ALTER TABLE sequences
    ALTER COLUMN named_as SET DEFAULT
        (IF(user_id IS NULL, NULL,
            IF(COALESCE(JSON_VALUE(input, '$.user_id'), JSON_VALUE(input, '$.userId')) IS NULL
               AND user_id IN (JSON_VALUE(input, '$.anonymous_id'), JSON_VALUE(input, '$.anonymousId')), 'visitor', 'user')));

-- The rows there are, as in 011.
BEGIN NOT ATOMIC
    DECLARE number, last BIGINT UNSIGNED;
    SELECT COALESCE(MIN(sequence_id), 1), COALESCE(MAX(sequence_id), 0) INTO number, last FROM sequences;
    WHILE number <= last DO
        UPDATE sequences FORCE INDEX (sequences_sequence_id) SET named_as =
            IF(COALESCE(JSON_VALUE(input, '$.user_id'), JSON_VALUE(input, '$.userId')) IS NULL
               AND user_id IN (JSON_VALUE(input, '$.anonymous_id'), JSON_VALUE(input, '$.anonymousId')), 'visitor', 'user')
            WHERE sequence_id >= number AND sequence_id < number + 1000 AND user_id IS NOT NULL AND named_as IS NULL
            AND entity_type = 'User';
        SET number = number + 1000;
    END WHILE;
END;

-- Receipts of erasures: hashes without a key can be tried out by whoever reads the database.
ALTER TABLE erasures
    MODIFY COLUMN user_hash BINARY(32) NOT NULL COMMENT 'HMAC by the tool''s receipt key of SHA-256 of tenant key, zero byte and user id; until keyed, that SHA-256',
    ADD COLUMN IF NOT EXISTS keyed BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'user_hash is by the key';

-- Events that were told to have happened more than a day after their arrival: a clock was wrong, and such an
-- event hides what its user does until then. From this version on such an event is stored with its arrival
-- (LIMIT_CLOCK_AHEAD_MS); these are the rows there are, a thousand numbers at a time and each time in a
-- transaction of its own, since the table may be long and workers go on writing to it.
BEGIN NOT ATOMIC
    DECLARE number, last BIGINT UNSIGNED;
    SELECT COALESCE(MIN(event_id), 1), COALESCE(MAX(event_id), 0) INTO number, last FROM events;
    WHILE number <= last DO
        UPDATE events FORCE INDEX (events_event_id) SET occurred_at = FLOOR(UNIX_TIMESTAMP(received_at) * 1000)
            WHERE event_id >= number AND event_id < number + 1000
            AND occurred_at > UNIX_TIMESTAMP(received_at) * 1000 + 86400000;
        SET number = number + 1000;
    END WHILE;
END;

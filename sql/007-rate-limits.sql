-- How often a client may ask; [limits] state_file counts.

ALTER TABLE api_clients
    ADD COLUMN rate_per_minute INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'requests a minute in the long run; 0: no limit' AFTER tokens_not_before,
    ADD COLUMN rate_burst      INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'requests at once, at least 1 where there is a limit' AFTER rate_per_minute;

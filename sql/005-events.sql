-- Events by the API: what a caller says beside user, item, type and time; the type "search" for tenants that were made
-- before it; and what the list of events looks up by.
--
-- A worker that still runs on the schema before goes on working: every new column may be NULL.

ALTER TABLE events
    ADD COLUMN session_id VARCHAR(128) NULL COMMENT 'session of the end user, as told by the caller',
    ADD COLUMN request_id VARCHAR(128) NULL COMMENT 'request_id of the answer that the event goes back to',
    ADD COLUMN context_id VARCHAR(128) NULL COMMENT 'context named by the caller: number, key or any text',
    ADD COLUMN placement  VARCHAR(128) NULL COMMENT 'where it was shown',
    ADD COLUMN factor     FLOAT        NULL COMMENT '-100 to 100: multiplies the weight of the type for this event; NULL: 1',
    ADD COLUMN metadata   LONGTEXT     NULL COMMENT 'JSON object: metadata, context_id and the object named after the type; NULL: empty',
    MODIFY COLUMN item_id VARCHAR(128) NOT NULL COMMENT 'item; need not be in the catalogue; empty: a search',
    ADD KEY events_by_session (tenant_id, session_id),
    ADD KEY events_by_request (tenant_id, request_id);

INSERT INTO event_types (tenant_id, event_type_id, name, weight, is_purchase)
SELECT t.tenant_id, 1 + COALESCE((SELECT MAX(known.event_type_id) FROM event_types known WHERE known.tenant_id = t.tenant_id), 0),
       'search', 0, FALSE
FROM tenants t
WHERE NOT EXISTS (SELECT 1 FROM event_types named WHERE named.tenant_id = t.tenant_id AND named.name = 'search');

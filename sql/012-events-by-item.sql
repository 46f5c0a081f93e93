-- What the list of events looks up by, beside users, sessions and requests: a list of one item, or of one type, read
-- every event of the tenant before. Both keys end with event_id, as each key of InnoDB ends with the primary one.
--
-- Workers go on reading and writing events while the keys are made; workers of the version before do not name them.

ALTER TABLE events
    ADD KEY events_by_item (tenant_id, item_id),
    ADD KEY events_by_type (tenant_id, event_type_id),
    ALGORITHM=INPLACE, LOCK=NONE;

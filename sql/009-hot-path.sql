-- The index by which a user's newest events are read also holds what is read of them, so that no row is looked up.
-- It keeps its name: workers that name it go on working.

ALTER TABLE events
    DROP KEY events_by_user,
    ADD KEY events_by_user (tenant_id, user_id, occurred_at, event_id, item_id, event_type_id, factor);

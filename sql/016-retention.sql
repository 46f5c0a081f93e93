-- What `palate prune` cuts it finds by time, a few rows at once: requests, events and kept lists have had such
-- an index from the start. An answer goes with its request and a shadow with its answer, by the indexes that
-- join them: one more index there would cost each request, and find the same rows.

ALTER TABLE entity_embeddings
    ADD KEY IF NOT EXISTS entity_embeddings_by_time (tenant_id, updated_at);

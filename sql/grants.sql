-- The least that each side needs. Run by the database's administrator in Palate's database, after
-- `palate migrate`, with both users existing:
--
--     CREATE USER 'palate_worker'@'localhost' IDENTIFIED BY '...';
--     CREATE USER 'palate_tool'@'localhost'   IDENTIFIED BY '...';
--     GRANT ALL PRIVILEGES ON palate.* TO 'palate_tool'@'localhost';
--
-- Other names, or workers on other hosts: `palate grants --from 10.0.0.%` prints this for the configured users
-- and database. By hand: write the worker's account, its host as in CREATE USER, into every line below, and the
-- tool's account and the database into the line above. Where both have one user there is nothing to grant: it
-- owns the database.
--
-- item_search is no longer read or written. Table and right stay for one release, so that workers of the version
-- before run on until they are restarted.
--
-- The tool owns the database (it migrates it). The worker reads what it ranks with, appends to the two logs
-- and to the events, adds types of events, writes items, and keeps entity rows, impressions
-- and, for minutes, ranked lists; it can change or delete nothing else. Of the secrets of clients, which are
-- random, it reads salted hashes, to issue tokens.

GRANT SELECT (version) ON schema_versions TO 'palate_worker'@'localhost';
GRANT SELECT (tenant_id, tenant_key, active, catalogue_revision, catalogue_key, quotas) ON tenants TO 'palate_worker'@'localhost';
GRANT SELECT (tenant_id, client_id, scopes, scopes_since, active, tokens_not_before, rate_per_minute, rate_burst, secret_salt, secret_hash, previous_salt, previous_hash, previous_until) ON api_clients TO 'palate_worker'@'localhost';
GRANT SELECT (tenant_id, issuer, alias, client_id) ON client_aliases TO 'palate_worker'@'localhost';
GRANT SELECT ON contexts TO 'palate_worker'@'localhost';
GRANT UPDATE (catalogue_revision) ON tenants TO 'palate_worker'@'localhost';
GRANT SELECT, INSERT, UPDATE ON items TO 'palate_worker'@'localhost';
GRANT SELECT, INSERT, UPDATE ON item_search TO 'palate_worker'@'localhost';
GRANT SELECT, INSERT, UPDATE ON catalogue_writes TO 'palate_worker'@'localhost';
GRANT SELECT, INSERT ON events TO 'palate_worker'@'localhost';
GRANT SELECT, INSERT ON event_types TO 'palate_worker'@'localhost';
GRANT SELECT, INSERT, UPDATE ON entity_embeddings TO 'palate_worker'@'localhost';
GRANT SELECT, INSERT, UPDATE ON explored_items TO 'palate_worker'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE ON ranked_lists TO 'palate_worker'@'localhost';
GRANT INSERT, SELECT (tenant_id, sequence_id, entity_type, user_id, named_as, created_at) ON sequences TO 'palate_worker'@'localhost';
GRANT INSERT, SELECT (tenant_id, decision_id, sequence_id, settlement_key, results) ON decisions TO 'palate_worker'@'localhost';
GRANT INSERT ON shadow_decisions TO 'palate_worker'@'localhost';

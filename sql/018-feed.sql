-- `palate import items --sync` switches off what a feed no longer has. Such an item is shown again when the feed has
-- it again; one that somebody has switched off is not. A worker of the version before does not look at the column.

ALTER TABLE items
    ADD COLUMN IF NOT EXISTS left_feed BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'true: switched off by an import, because its feed no longer had it';

-- What a task promises and what came of it: the format, how far it is, what the finished file holds, how often it was fetched.
ALTER TABLE export_tasks ADD COLUMN format INTEGER NOT NULL DEFAULT 1;
ALTER TABLE export_tasks ADD COLUMN snapshot_ms INTEGER;
ALTER TABLE export_tasks ADD COLUMN rows_expected INTEGER;
ALTER TABLE export_tasks ADD COLUMN sheet_count INTEGER;
ALTER TABLE export_tasks ADD COLUMN cells_cut INTEGER;
ALTER TABLE export_tasks ADD COLUMN program_version TEXT;
ALTER TABLE export_tasks ADD COLUMN download_count INTEGER NOT NULL DEFAULT 0;
UPDATE export_tasks SET download_count = is_downloaded, rows_expected = row_count;
ALTER TABLE export_tasks DROP COLUMN is_downloaded;

-- When a worker last began it: tenants take turns by it.
ALTER TABLE export_tasks ADD COLUMN begun_ms INTEGER;

-- Tasks are looked for by when they ended: to expire them, and to purge their records.
CREATE INDEX export_tasks_ended ON export_tasks (state, ended_ms);

-- When a tenant last had its turn. Tasks cannot say: they are purged, and there may be many.
CREATE TABLE export_turns (
    tenant   TEXT    NOT NULL PRIMARY KEY REFERENCES tenants (id),
    begun_ms INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO export_turns (tenant, begun_ms)
    SELECT tenant, MAX(begun_ms) FROM export_tasks WHERE begun_ms IS NOT NULL GROUP BY tenant;
ALTER TABLE export_tasks DROP COLUMN begun_ms;

-- Whose rights a schedule needs each time: an operator's number or an API token's id, and the name to show.
ALTER TABLE export_schedules ADD COLUMN runs_for TEXT NOT NULL DEFAULT '';
ALTER TABLE export_schedules ADD COLUMN runs_for_operator INTEGER;
ALTER TABLE export_schedules ADD COLUMN runs_for_token TEXT;
UPDATE export_schedules SET
    runs_for = created_by,
    runs_for_operator = (SELECT o.id FROM operators o WHERE o.name = created_by AND o.removed_ms IS NULL),
    runs_for_token = (SELECT t.id FROM api_tokens t WHERE t.tenant = export_schedules.tenant AND t.name = created_by LIMIT 1);

-- Why it waits for somebody to resume it; null: it does not.
ALTER TABLE export_schedules ADD COLUMN suspended TEXT;

-- A due time whose task the queue had no room for is tried again: which, and how often it was tried.
ALTER TABLE export_schedules ADD COLUMN retried_ms INTEGER;
ALTER TABLE export_schedules ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
DROP INDEX export_schedules_due;
CREATE INDEX export_schedules_due ON export_schedules (next_ms) WHERE suspended IS NULL;

-- Sign-ins are written out newest first, by when they began.
CREATE INDEX sign_ins_started ON sign_ins (tenant, started_ms, id);

CREATE TABLE export_schedules (
    tenant       TEXT    NOT NULL REFERENCES tenants (id),
    id           TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    cron         TEXT    NOT NULL,
    time_zone    TEXT    NOT NULL,
    period       INTEGER NOT NULL,
    kind         TEXT    NOT NULL,
    format       INTEGER NOT NULL,
    filter       TEXT    NOT NULL,
    mail_to      TEXT    NOT NULL,
    created_by   TEXT    NOT NULL,
    created_ms   INTEGER NOT NULL,
    next_ms      INTEGER NOT NULL,
    last_ms      INTEGER,
    last_task_id TEXT,
    last_failure TEXT,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;
CREATE INDEX export_schedules_due ON export_schedules (next_ms);

-- Who is told of the task's end, as JSON; null: nobody, or everybody has been. mail_ms: when it is tried next.
ALTER TABLE export_tasks ADD COLUMN mail_to TEXT;
ALTER TABLE export_tasks ADD COLUMN mail_ms INTEGER;
ALTER TABLE export_tasks ADD COLUMN mail_attempts INTEGER NOT NULL DEFAULT 0;
CREATE INDEX export_tasks_mail ON export_tasks (mail_ms) WHERE mail_to IS NOT NULL;

-- Beats stand apart from the events (ADR 0005): a host sends thousands a day that all say the same. Each is kept for an hour,
-- then the first and the last of every run of equal ones. A roster is stored once a host.
CREATE TABLE rosters (
    tenant  TEXT    NOT NULL,
    host_no INTEGER NOT NULL,
    no      INTEGER NOT NULL,
    hash    BLOB    NOT NULL,
    content BLOB    NOT NULL,
    PRIMARY KEY (tenant, host_no, no),
    UNIQUE (tenant, host_no, hash)
) WITHOUT ROWID;

CREATE TABLE host_beats (
    tenant      TEXT    NOT NULL,
    host_no     INTEGER NOT NULL,
    at_us       INTEGER NOT NULL,
    source_no   INTEGER NOT NULL,
    id_hash     BLOB    NOT NULL,
    received_ms INTEGER NOT NULL,
    lease_s     INTEGER NOT NULL,
    boot        TEXT,
    roster_no   INTEGER,
    PRIMARY KEY (tenant, host_no, at_us, source_no, id_hash)
) WITHOUT ROWID;
CREATE UNIQUE INDEX host_beats_identity ON host_beats (tenant, source_no, id_hash);

-- The newest beat's time and lease, the newest arrival of a beat, the newest other event; null before the first.
ALTER TABLE hosts ADD COLUMN beat_us INTEGER;
ALTER TABLE hosts ADD COLUMN beat_received_ms INTEGER;
ALTER TABLE hosts ADD COLUMN lease_s INTEGER;
ALTER TABLE hosts ADD COLUMN event_us INTEGER;

-- When the host's silence is to be judged, by the server's clock; null when it has no lease or was judged.
ALTER TABLE hosts ADD COLUMN watch_ms INTEGER;

-- 1 while nothing but equal and newer beats has come since every session of the host was compared with a roster newer than every event.
ALTER TABLE hosts ADD COLUMN is_settled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE hosts ADD COLUMN beats_unpruned INTEGER NOT NULL DEFAULT 0;
CREATE INDEX hosts_watch ON hosts (watch_ms) WHERE watch_ms IS NOT NULL;

CREATE INDEX sessions_open ON sessions (tenant, host_no, stream, epoch_us) WHERE ended_ms IS NULL;
CREATE INDEX sessions_inferred ON sessions (tenant, host_no, end_latest_ms) WHERE end_source <> 1;
CREATE INDEX sessions_silent ON sessions (tenant, host_no, stream, epoch_us) WHERE end_source = 2;

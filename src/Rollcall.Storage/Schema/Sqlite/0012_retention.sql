-- Retention (ADR 0012). Identity is kept for ever: an event that was removed and is sent again is still a duplicate.
CREATE TABLE event_identities (
    tenant    INTEGER NOT NULL,
    source_no INTEGER NOT NULL,
    id_hash   BLOB    NOT NULL,
    at_us     INTEGER NOT NULL,
    host_no   INTEGER NOT NULL,
    PRIMARY KEY (tenant, source_no, id_hash)
) WITHOUT ROWID;

-- What the chain needs of a removed event, until a checkpoint cuts it off: its hash, from which nothing of it can be read.
CREATE TABLE removed_leaves (
    tenant INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    leaf   BLOB    NOT NULL,
    PRIMARY KEY (tenant, seq)
) WITHOUT ROWID;

-- Where the chain was cut: the last batch that is gone, and its hash, on which the next one rests. seal: the digest under the server's key.
CREATE TABLE ledger_checkpoints (
    tenant   INTEGER NOT NULL,
    batch    INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    hash     BLOB    NOT NULL,
    made_ms  INTEGER NOT NULL,
    digest   BLOB    NOT NULL,
    seal     BLOB    NOT NULL,
    PRIMARY KEY (tenant, batch)
) WITHOUT ROWID;

-- keep_days: null as the server is configured, 0 for ever. kept_from_ms: what ended before may be gone. The counts are of the run that began at run_ms.
CREATE TABLE tenant_retention (
    tenant       INTEGER NOT NULL,
    keep_days    INTEGER,
    kept_from_ms INTEGER,
    run_ms       INTEGER,
    finished_ms  INTEGER,
    lease_by     TEXT,
    lease_ms     INTEGER,
    sessions     INTEGER NOT NULL DEFAULT 0,
    connections  INTEGER NOT NULL DEFAULT 0,
    events       INTEGER NOT NULL DEFAULT 0,
    beats        INTEGER NOT NULL DEFAULT 0,
    sign_ins     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant)
) WITHOUT ROWID;

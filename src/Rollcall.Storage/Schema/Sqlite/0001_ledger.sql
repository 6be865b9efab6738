-- Instants end in _ms (milliseconds since 1970, UTC) or _us (microseconds). Names that are compared ignoring case
-- have a twin ending in _key, folded by the server, because SQLite folds ASCII only.

CREATE TABLE tenants (
    id         TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    name_key   TEXT    NOT NULL UNIQUE,
    created_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- Names and ids are unique on the whole server: a person signs in by name alone. AUTOINCREMENT never gives an id twice.
-- A removed operator stays, since its sign-ins do; its name_key gets the id behind it, so that the name is free again.
CREATE TABLE operators (
    id                      INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    tenant                  TEXT    NOT NULL REFERENCES tenants (id),
    name                    TEXT    NOT NULL,
    name_key                TEXT    NOT NULL UNIQUE,
    roles                   TEXT    NOT NULL,
    is_server_administrator INTEGER NOT NULL,
    password_hash           TEXT,
    created_ms              INTEGER NOT NULL,
    removed_ms              INTEGER
);
CREATE UNIQUE INDEX operators_tenant ON operators (tenant, id);

CREATE TABLE api_tokens (
    tenant     TEXT    NOT NULL REFERENCES tenants (id),
    id         TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    roles      TEXT    NOT NULL,
    token_hash BLOB    NOT NULL UNIQUE,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;

CREATE TABLE access_keys (
    tenant        TEXT    NOT NULL REFERENCES tenants (id),
    access_key    TEXT    NOT NULL UNIQUE,
    operator_id   INTEGER NOT NULL REFERENCES operators (id),
    sealed_secret BLOB    NOT NULL,
    created_ms    INTEGER NOT NULL,
    PRIMARY KEY (tenant, access_key)
) WITHOUT ROWID;

-- Rollcall's own sign-ins have a token_hash; those that another console reported have a stream instead.
CREATE TABLE sign_ins (
    tenant             TEXT    NOT NULL REFERENCES tenants (id),
    id                 TEXT    NOT NULL,
    operator_id        INTEGER,
    operator_name      TEXT    NOT NULL,
    operator_key       TEXT    NOT NULL,
    scope              INTEGER NOT NULL,
    scope_tenant       TEXT,
    console_type       INTEGER NOT NULL,
    host               TEXT    NOT NULL,
    browser_session_id INTEGER NOT NULL,
    started_ms         INTEGER NOT NULL,
    last_seen_ms       INTEGER NOT NULL,
    idle_limit_ms      INTEGER,
    expires_ms         INTEGER,
    signed_out_ms      INTEGER,
    token_hash         BLOB    UNIQUE,
    stream             TEXT,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;
CREATE INDEX sign_ins_operator ON sign_ins (tenant, operator_id, started_ms);
CREATE INDEX sign_ins_reported ON sign_ins (tenant, operator_key, started_ms) WHERE operator_id IS NULL;
CREATE INDEX sign_ins_browser ON sign_ins (tenant, browser_session_id) WHERE token_hash IS NOT NULL;
CREATE INDEX sign_ins_stream ON sign_ins (tenant, stream) WHERE stream IS NOT NULL;

CREATE TABLE users (
    tenant                 TEXT    NOT NULL REFERENCES tenants (id),
    id                     TEXT    NOT NULL,
    name                   TEXT    NOT NULL,
    name_key               TEXT    NOT NULL,
    sid                    TEXT,
    domain                 TEXT,
    full_name              TEXT,
    email                  TEXT,
    phone                  TEXT,
    description            TEXT,
    description_key        TEXT,
    activation             INTEGER NOT NULL,
    invited                INTEGER NOT NULL,
    enabled                INTEGER NOT NULL,
    locked                 INTEGER NOT NULL,
    user_groups            TEXT    NOT NULL,
    expires_ms             INTEGER,
    password_never_expires INTEGER NOT NULL,
    may_change_password    INTEGER NOT NULL,
    must_change_password   INTEGER NOT NULL,
    desktops               INTEGER NOT NULL,
    sharing                INTEGER NOT NULL,
    shared_desktops        INTEGER NOT NULL,
    subproject             TEXT,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX users_name ON users (tenant, name_key);

CREATE TABLE sources (
    tenant TEXT    NOT NULL REFERENCES tenants (id),
    no     INTEGER NOT NULL,
    name   TEXT    NOT NULL,
    PRIMARY KEY (tenant, no),
    UNIQUE (tenant, name)
) WITHOUT ROWID;

CREATE TABLE hosts (
    tenant        TEXT    NOT NULL REFERENCES tenants (id),
    no            INTEGER NOT NULL,
    name          TEXT    NOT NULL,
    name_key      TEXT    NOT NULL,
    sid           TEXT,
    ip            TEXT,
    group_id      TEXT,
    facts_us      INTEGER NOT NULL,
    first_seen_ms INTEGER NOT NULL,
    last_seen_ms  INTEGER NOT NULL,
    PRIMARY KEY (tenant, no),
    UNIQUE (tenant, name_key)
) WITHOUT ROWID;

CREATE TABLE host_groups (
    tenant   TEXT    NOT NULL REFERENCES tenants (id),
    id       TEXT    NOT NULL,
    name     TEXT,
    facts_us INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;

-- Append-only. stream says whose story an event tells: 's:' and the OS session id, 'h' for the host itself, 'b' for its beats,
-- 'i:' and a hash for a sign-in. The hash of a batch covers each event's clear part and the commitment to its
-- personal part, never that part itself: it can be sealed or destroyed and the chain still verifies.
CREATE TABLE events (
    tenant     TEXT    NOT NULL,
    seq        INTEGER NOT NULL,
    batch      INTEGER NOT NULL,
    source_no  INTEGER NOT NULL,
    id_hash    BLOB    NOT NULL,
    kind       INTEGER NOT NULL,
    at_us      INTEGER NOT NULL,
    host_no    INTEGER NOT NULL,
    stream     TEXT    NOT NULL,
    clear      BLOB    NOT NULL,
    personal   BLOB,
    salt       BLOB,
    commitment BLOB    NOT NULL,
    PRIMARY KEY (tenant, seq)
) WITHOUT ROWID;
CREATE UNIQUE INDEX events_identity ON events (tenant, source_no, id_hash);
CREATE INDEX events_stream ON events (tenant, host_no, stream, source_no, at_us);

CREATE TABLE event_batches (
    tenant        TEXT    NOT NULL,
    no            INTEGER NOT NULL,
    first_seq     INTEGER NOT NULL,
    last_seq      INTEGER NOT NULL,
    received_ms   INTEGER NOT NULL,
    previous_hash BLOB    NOT NULL,
    hash          BLOB    NOT NULL,
    PRIMARY KEY (tenant, no)
) WITHOUT ROWID;

-- The projection of the events: written in their transaction, and derived from them alone.
CREATE TABLE sessions (
    tenant             TEXT    NOT NULL,
    no                 INTEGER NOT NULL,
    id                 TEXT    NOT NULL,
    anchor_seq         INTEGER NOT NULL,
    epoch_us           INTEGER NOT NULL,
    epoch_boot         TEXT,
    host_no            INTEGER NOT NULL,
    stream             TEXT    NOT NULL,
    user_name          TEXT    NOT NULL,
    user_key           TEXT    NOT NULL,
    user_plain_key     TEXT    NOT NULL,
    kind               INTEGER NOT NULL,
    state              INTEGER NOT NULL,
    host_name          TEXT    NOT NULL,
    host_name_key      TEXT    NOT NULL,
    host_sid           TEXT,
    host_ip            TEXT,
    group_id           TEXT,
    group_name         TEXT,
    primary_group_id   TEXT,
    secondary_group_id TEXT,
    boot_id            TEXT,
    os_session_id      TEXT    NOT NULL,
    protocol           TEXT,
    app_name           TEXT,
    client_name        TEXT,
    client_ip          TEXT,
    client_public_ip   TEXT,
    client_mac         TEXT,
    client_source_ip   TEXT,
    client_type        TEXT,
    client_version     TEXT,
    requested_ms       INTEGER,
    started_ms         INTEGER NOT NULL,
    ended_ms           INTEGER,
    end_source         INTEGER,
    end_earliest_ms    INTEGER,
    end_latest_ms      INTEGER,
    end_reason         TEXT,
    failure_code       TEXT,
    failure_reason     TEXT,
    changed_ms         INTEGER NOT NULL,
    connected_ms       INTEGER NOT NULL,
    disconnected_ms    INTEGER NOT NULL,
    agent_version      TEXT,
    session_stamp      TEXT,
    revision           INTEGER NOT NULL,
    PRIMARY KEY (tenant, no)
) WITHOUT ROWID;
CREATE UNIQUE INDEX sessions_id ON sessions (tenant, id);
CREATE INDEX sessions_start ON sessions (tenant, started_ms, no);
CREATE INDEX sessions_stream ON sessions (tenant, host_no, stream, epoch_us);
CREATE INDEX sessions_user ON sessions (tenant, user_key, started_ms);
CREATE INDEX sessions_user_plain ON sessions (tenant, user_plain_key, started_ms);
CREATE INDEX sessions_host ON sessions (tenant, host_name_key, started_ms);
CREATE INDEX sessions_state ON sessions (tenant, state, started_ms);

CREATE TABLE session_events (
    tenant     TEXT    NOT NULL,
    session_no INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    PRIMARY KEY (tenant, seq)
) WITHOUT ROWID;
CREATE INDEX session_events_session ON session_events (tenant, session_no, seq);

-- Ids of sessions that a late event showed to be one with another: they go on finding it.
CREATE TABLE session_aliases (
    tenant     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    session_no INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;
CREATE INDEX session_aliases_session ON session_aliases (tenant, session_no);

CREATE TABLE connections (
    tenant           TEXT    NOT NULL,
    session_no       INTEGER NOT NULL,
    ordinal          INTEGER NOT NULL,
    id               TEXT    NOT NULL,
    user_name        TEXT    NOT NULL,
    user_key         TEXT    NOT NULL,
    host_name        TEXT    NOT NULL,
    host_name_key    TEXT    NOT NULL,
    host_ip          TEXT,
    client_name      TEXT,
    client_ip        TEXT,
    client_public_ip TEXT,
    client_mac       TEXT,
    client_source_ip TEXT,
    client_type      TEXT,
    client_type_key  TEXT,
    client_version   TEXT,
    transaction_id   TEXT,
    agent_version    TEXT,
    requested_ms     INTEGER NOT NULL,
    established_ms   INTEGER,
    ended_ms         INTEGER,
    is_reconnect     INTEGER NOT NULL,
    is_failed        INTEGER NOT NULL,
    failure_code     TEXT,
    failure_reason   TEXT,
    network_rtt_ms   INTEGER,
    e2e_rtt_ms       INTEGER,
    PRIMARY KEY (tenant, session_no, ordinal)
) WITHOUT ROWID;
CREATE INDEX connections_requested ON connections (tenant, requested_ms, session_no, ordinal);
CREATE INDEX connections_user ON connections (tenant, user_key, requested_ms);
CREATE INDEX connections_host ON connections (tenant, host_name_key, requested_ms);

CREATE TABLE export_tasks (
    tenant        TEXT    NOT NULL REFERENCES tenants (id),
    id            TEXT    NOT NULL,
    kind          TEXT    NOT NULL,
    filter        TEXT    NOT NULL,
    file_name     TEXT    NOT NULL,
    state         INTEGER NOT NULL,
    requested_by  TEXT    NOT NULL,
    created_ms    INTEGER NOT NULL,
    ended_ms      INTEGER,
    failure       TEXT,
    row_count     INTEGER,
    size_bytes    INTEGER,
    sha256        TEXT,
    is_downloaded INTEGER NOT NULL,
    attempts      INTEGER NOT NULL,
    lease_ms      INTEGER,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;
CREATE INDEX export_tasks_created ON export_tasks (tenant, created_ms, id);
CREATE INDEX export_tasks_work ON export_tasks (state, created_ms);

-- Sessions and connections are packed: what many of them share (who, where, from which client, what, which boot) stands once, under a number, and
-- readers see the whole through a view. A tenant is a number in every key: its 32 digits stood in each row of each index.
-- facts_digest, name_key, plain_key and stamp_pattern are functions of the program (SqliteSchema).

CREATE TABLE new_tenants (
    no         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id         TEXT    NOT NULL UNIQUE,
    name       TEXT    NOT NULL,
    name_key   TEXT    NOT NULL UNIQUE,
    created_ms INTEGER NOT NULL
);
INSERT INTO new_tenants (id, name, name_key, created_ms) SELECT id, name, name_key, created_ms FROM tenants ORDER BY created_ms, id;
DROP TABLE tenants;
ALTER TABLE new_tenants RENAME TO tenants;

-- Each distinct fact once; digest is that of its texts, by which its number is found. A number never means anything else.
CREATE TABLE session_users (
    tenant    INTEGER NOT NULL,
    no        INTEGER NOT NULL,
    digest    BLOB    NOT NULL,
    name      TEXT    NOT NULL,
    key       TEXT    NOT NULL,
    plain_key TEXT    NOT NULL,
    PRIMARY KEY (tenant, no)
) WITHOUT ROWID;
INSERT INTO session_users (tenant, no, digest, name, key, plain_key)
SELECT t.no, ROW_NUMBER() OVER (PARTITION BY t.no ORDER BY u.name), facts_digest(u.name), u.name, name_key(u.name), plain_key(u.name)
FROM (SELECT tenant, user_name AS name FROM sessions UNION SELECT tenant, user_name FROM connections) u
CROSS JOIN tenants t ON t.id = u.tenant;
CREATE UNIQUE INDEX session_users_digest ON session_users (tenant, digest);
CREATE INDEX session_users_key ON session_users (tenant, key);
CREATE INDEX session_users_plain ON session_users (tenant, plain_key);

CREATE TABLE session_places (
    tenant             INTEGER NOT NULL,
    no                 INTEGER NOT NULL,
    digest             BLOB    NOT NULL,
    host_name          TEXT    NOT NULL,
    host_name_key      TEXT    NOT NULL,
    host_sid           TEXT,
    host_ip            TEXT,
    group_id           TEXT,
    group_name         TEXT,
    primary_group_id   TEXT,
    secondary_group_id TEXT,
    PRIMARY KEY (tenant, no)
) WITHOUT ROWID;
INSERT INTO session_places (tenant, no, digest, host_name, host_name_key, host_sid, host_ip, group_id, group_name, primary_group_id, secondary_group_id)
SELECT t.no, ROW_NUMBER() OVER (PARTITION BY t.no ORDER BY p.host_name),
    facts_digest(p.host_name, p.host_sid, p.host_ip, p.group_id, p.group_name, p.primary_group_id, p.secondary_group_id),
    p.host_name, name_key(p.host_name), p.host_sid, p.host_ip, p.group_id, p.group_name, p.primary_group_id, p.secondary_group_id
FROM (
    SELECT tenant, host_name, host_sid, host_ip, group_id, group_name, primary_group_id, secondary_group_id FROM sessions
    UNION
    SELECT c.tenant, c.host_name, s.host_sid, c.host_ip, s.group_id, s.group_name, s.primary_group_id, s.secondary_group_id
    FROM connections c CROSS JOIN sessions s ON s.tenant = c.tenant AND s.no = c.session_no) p
CROSS JOIN tenants t ON t.id = p.tenant;
CREATE UNIQUE INDEX session_places_digest ON session_places (tenant, digest);

CREATE TABLE session_devices (
    tenant    INTEGER NOT NULL,
    no        INTEGER NOT NULL,
    digest    BLOB    NOT NULL,
    name      TEXT,
    ip        TEXT,
    public_ip TEXT,
    mac       TEXT,
    source_ip TEXT,
    type      TEXT,
    type_key  TEXT,
    version   TEXT,
    PRIMARY KEY (tenant, no)
) WITHOUT ROWID;
INSERT INTO session_devices (tenant, no, digest, name, ip, public_ip, mac, source_ip, type, type_key, version)
SELECT t.no, ROW_NUMBER() OVER (PARTITION BY t.no ORDER BY d.client_name, d.client_ip),
    facts_digest(d.client_name, d.client_ip, d.client_public_ip, d.client_mac, d.client_source_ip, d.client_type, d.client_version),
    d.client_name, d.client_ip, d.client_public_ip, d.client_mac, d.client_source_ip, d.client_type, name_key(d.client_type), d.client_version
FROM (
    SELECT tenant, client_name, client_ip, client_public_ip, client_mac, client_source_ip, client_type, client_version FROM sessions
    UNION
    SELECT tenant, client_name, client_ip, client_public_ip, client_mac, client_source_ip, client_type, client_version FROM connections) d
CROSS JOIN tenants t ON t.id = d.tenant;
CREATE UNIQUE INDEX session_devices_digest ON session_devices (tenant, digest);

CREATE TABLE session_natures (
    tenant         INTEGER NOT NULL,
    no             INTEGER NOT NULL,
    digest         BLOB    NOT NULL,
    protocol       TEXT,
    app_name       TEXT,
    agent_version  TEXT,
    end_reason     TEXT,
    failure_code   TEXT,
    failure_reason TEXT,
    stamp_pattern  TEXT,
    PRIMARY KEY (tenant, no)
) WITHOUT ROWID;
INSERT INTO session_natures (tenant, no, digest, protocol, app_name, agent_version, end_reason, failure_code, failure_reason, stamp_pattern)
SELECT t.no, ROW_NUMBER() OVER (PARTITION BY t.no ORDER BY n.protocol, n.app_name),
    facts_digest(n.protocol, n.app_name, n.agent_version, n.end_reason, n.failure_code, n.failure_reason, n.stamp_pattern),
    n.protocol, n.app_name, n.agent_version, n.end_reason, n.failure_code, n.failure_reason, n.stamp_pattern
FROM (
    SELECT tenant, protocol, app_name, agent_version, end_reason, failure_code, failure_reason,
        stamp_pattern(session_stamp, user_name, host_sid, os_session_id) AS stamp_pattern
    FROM sessions
    UNION
    SELECT tenant, NULL, NULL, agent_version, NULL, failure_code, failure_reason, NULL FROM connections) n
CROSS JOIN tenants t ON t.id = n.tenant;
CREATE UNIQUE INDEX session_natures_digest ON session_natures (tenant, digest);

CREATE TABLE session_boots (
    tenant  INTEGER NOT NULL,
    no      INTEGER NOT NULL,
    digest  BLOB    NOT NULL,
    boot_id TEXT    NOT NULL,
    PRIMARY KEY (tenant, no)
) WITHOUT ROWID;
INSERT INTO session_boots (tenant, no, digest, boot_id)
SELECT t.no, ROW_NUMBER() OVER (PARTITION BY t.no ORDER BY b.boot_id), facts_digest(b.boot_id), b.boot_id
FROM (SELECT tenant, boot_id FROM sessions WHERE boot_id IS NOT NULL UNION SELECT tenant, epoch_boot FROM sessions WHERE epoch_boot IS NOT NULL) b
CROSS JOIN tenants t ON t.id = b.tenant;
CREATE UNIQUE INDEX session_boots_digest ON session_boots (tenant, digest);

-- The projection of the events: written in their transaction, and derived from them alone.
CREATE TABLE session_rows (
    tenant          INTEGER NOT NULL,
    no              INTEGER NOT NULL,
    id              TEXT    NOT NULL,
    anchor_seq      INTEGER NOT NULL,
    epoch_us        INTEGER NOT NULL,
    epoch_boot_no   INTEGER,
    host_no         INTEGER NOT NULL,
    stream          TEXT    NOT NULL,
    user_no         INTEGER NOT NULL,
    place_no        INTEGER NOT NULL,
    device_no       INTEGER NOT NULL,
    nature_no       INTEGER NOT NULL,
    boot_no         INTEGER,
    kind            INTEGER NOT NULL,
    state           INTEGER NOT NULL,
    requested_ms    INTEGER,
    started_ms      INTEGER NOT NULL,
    ended_ms        INTEGER,
    end_source      INTEGER,
    end_earliest_ms INTEGER,
    end_latest_ms   INTEGER,
    changed_ms      INTEGER NOT NULL,
    connected_ms    INTEGER NOT NULL,
    disconnected_ms INTEGER NOT NULL,
    session_stamp   TEXT,
    revision        INTEGER NOT NULL,
    PRIMARY KEY (tenant, no)
) WITHOUT ROWID;
INSERT INTO session_rows (tenant, no, id, anchor_seq, epoch_us, epoch_boot_no, host_no, stream, user_no, place_no, device_no, nature_no, boot_no, kind, state,
    requested_ms, started_ms, ended_ms, end_source, end_earliest_ms, end_latest_ms, changed_ms, connected_ms, disconnected_ms, session_stamp, revision)
SELECT t.no, s.no, s.id, s.anchor_seq, s.epoch_us, e.no, s.host_no, s.stream, u.no, p.no, d.no, n.no, b.no, s.kind, s.state,
    s.requested_ms, s.started_ms, s.ended_ms, s.end_source, s.end_earliest_ms, s.end_latest_ms, s.changed_ms, s.connected_ms, s.disconnected_ms,
    CASE WHEN n.stamp_pattern IS NULL THEN s.session_stamp END, s.revision
FROM sessions s
CROSS JOIN tenants t ON t.id = s.tenant
CROSS JOIN session_users u ON u.tenant = t.no AND u.digest = facts_digest(s.user_name)
CROSS JOIN session_places p ON p.tenant = t.no
    AND p.digest = facts_digest(s.host_name, s.host_sid, s.host_ip, s.group_id, s.group_name, s.primary_group_id, s.secondary_group_id)
CROSS JOIN session_devices d ON d.tenant = t.no
    AND d.digest = facts_digest(s.client_name, s.client_ip, s.client_public_ip, s.client_mac, s.client_source_ip, s.client_type, s.client_version)
CROSS JOIN session_natures n ON n.tenant = t.no
    AND n.digest = facts_digest(s.protocol, s.app_name, s.agent_version, s.end_reason, s.failure_code, s.failure_reason,
        stamp_pattern(s.session_stamp, s.user_name, s.host_sid, s.os_session_id))
LEFT JOIN session_boots b ON b.tenant = t.no AND b.digest = facts_digest(s.boot_id)
LEFT JOIN session_boots e ON e.tenant = t.no AND e.digest = facts_digest(s.epoch_boot);

CREATE TABLE connection_rows (
    tenant         INTEGER NOT NULL,
    session_no     INTEGER NOT NULL,
    ordinal        INTEGER NOT NULL,
    id             TEXT    NOT NULL,
    host_no        INTEGER NOT NULL,
    user_no        INTEGER NOT NULL,
    place_no       INTEGER NOT NULL,
    device_no      INTEGER NOT NULL,
    nature_no      INTEGER NOT NULL,
    transaction_id TEXT,
    requested_ms   INTEGER NOT NULL,
    established_ms INTEGER,
    ended_ms       INTEGER,
    is_reconnect   INTEGER NOT NULL,
    is_failed      INTEGER NOT NULL,
    network_rtt_ms INTEGER,
    e2e_rtt_ms     INTEGER,
    PRIMARY KEY (tenant, session_no, ordinal)
) WITHOUT ROWID;
INSERT INTO connection_rows (tenant, session_no, ordinal, id, host_no, user_no, place_no, device_no, nature_no, transaction_id, requested_ms, established_ms,
    ended_ms, is_reconnect, is_failed, network_rtt_ms, e2e_rtt_ms)
SELECT t.no, c.session_no, c.ordinal, c.id, s.host_no, u.no, p.no, d.no, n.no, c.transaction_id, c.requested_ms, c.established_ms,
    c.ended_ms, c.is_reconnect, c.is_failed, c.network_rtt_ms, c.e2e_rtt_ms
FROM connections c
CROSS JOIN tenants t ON t.id = c.tenant
CROSS JOIN sessions s ON s.tenant = c.tenant AND s.no = c.session_no
CROSS JOIN session_users u ON u.tenant = t.no AND u.digest = facts_digest(c.user_name)
CROSS JOIN session_places p ON p.tenant = t.no
    AND p.digest = facts_digest(c.host_name, s.host_sid, c.host_ip, s.group_id, s.group_name, s.primary_group_id, s.secondary_group_id)
CROSS JOIN session_devices d ON d.tenant = t.no
    AND d.digest = facts_digest(c.client_name, c.client_ip, c.client_public_ip, c.client_mac, c.client_source_ip, c.client_type, c.client_version)
CROSS JOIN session_natures n ON n.tenant = t.no
    AND n.digest = facts_digest(NULL, NULL, c.agent_version, NULL, c.failure_code, c.failure_reason, NULL);

-- gone_no is the number that a joined session had; its anchors stand under it.
CREATE TABLE new_session_aliases (
    tenant     INTEGER NOT NULL,
    id         TEXT    NOT NULL,
    session_no INTEGER NOT NULL,
    gone_no    INTEGER,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;
-- An older ledger may have given the number of a joined session again: here each gets one below zero, which no session has.
INSERT INTO new_session_aliases (tenant, id, session_no, gone_no)
SELECT t.no, a.id, a.session_no, -ROW_NUMBER() OVER (PARTITION BY t.no ORDER BY a.id)
FROM session_aliases a CROSS JOIN tenants t ON t.id = a.tenant;

-- By which event each session was found since when. The rows of one session follow those of the one before it.
CREATE TABLE new_session_anchors (
    tenant     INTEGER NOT NULL,
    session_no INTEGER NOT NULL,
    since_ms   INTEGER NOT NULL,
    anchor_seq INTEGER,
    PRIMARY KEY (tenant, session_no, since_ms)
) WITHOUT ROWID;
INSERT INTO new_session_anchors (tenant, session_no, since_ms, anchor_seq)
SELECT t.no, COALESCE(n.gone_no, a.session_no), a.since_ms, a.anchor_seq
FROM session_anchors a
CROSS JOIN tenants t ON t.id = a.tenant
LEFT JOIN new_session_aliases n ON n.tenant = t.no AND n.id = a.id;

DROP TABLE session_aliases;
ALTER TABLE new_session_aliases RENAME TO session_aliases;
CREATE INDEX session_aliases_session ON session_aliases (tenant, session_no);
DROP TABLE session_anchors;
ALTER TABLE new_session_anchors RENAME TO session_anchors;
DROP TABLE connections;
DROP TABLE sessions;

CREATE UNIQUE INDEX sessions_id ON session_rows (tenant, id);
CREATE INDEX sessions_start ON session_rows (tenant, started_ms, no);
CREATE INDEX sessions_stream ON session_rows (tenant, host_no, stream, epoch_us);
CREATE INDEX sessions_user ON session_rows (tenant, user_no, started_ms);
CREATE INDEX sessions_ended ON session_rows (tenant, ended_ms, started_ms, host_no) WHERE state = 4;
CREATE INDEX sessions_open ON session_rows (tenant, host_no, stream, epoch_us) WHERE ended_ms IS NULL;
CREATE INDEX sessions_unfinished ON session_rows (tenant, state, started_ms) WHERE state IN (1, 2, 3);
CREATE INDEX sessions_failed ON session_rows (tenant, started_ms) WHERE state = 5;
CREATE INDEX sessions_inferred ON session_rows (tenant, host_no, end_latest_ms) WHERE end_source <> 1;
CREATE INDEX sessions_silent ON session_rows (tenant, host_no, stream, epoch_us) WHERE end_source = 2;
CREATE INDEX connections_requested ON connection_rows (tenant, requested_ms, session_no, ordinal);
CREATE INDEX connections_user ON connection_rows (tenant, user_no, requested_ms);
CREATE INDEX connections_host ON connection_rows (tenant, host_no, requested_ms);

-- Everything else, as it was, under the tenant's number.
CREATE TABLE new_operators (
    id                      INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    tenant                  INTEGER NOT NULL REFERENCES tenants (no),
    name                    TEXT    NOT NULL,
    name_key                TEXT    NOT NULL UNIQUE,
    roles                   TEXT    NOT NULL,
    is_server_administrator INTEGER NOT NULL,
    password_hash           TEXT,
    created_ms              INTEGER NOT NULL,
    removed_ms              INTEGER
);
INSERT INTO new_operators (tenant, id, name, name_key, roles, is_server_administrator, password_hash, created_ms, removed_ms)
SELECT t.no, o.id, o.name, o.name_key, o.roles, o.is_server_administrator, o.password_hash, o.created_ms, o.removed_ms
FROM operators o CROSS JOIN tenants t ON t.id = o.tenant;
DROP TABLE operators;
ALTER TABLE new_operators RENAME TO operators;
CREATE UNIQUE INDEX operators_tenant ON operators (tenant, id);

CREATE TABLE new_api_tokens (
    tenant     INTEGER NOT NULL REFERENCES tenants (no),
    id         TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    roles      TEXT    NOT NULL,
    token_hash BLOB    NOT NULL UNIQUE,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;
INSERT INTO new_api_tokens (tenant, id, name, roles, token_hash, created_ms, expires_ms)
SELECT t.no, o.id, o.name, o.roles, o.token_hash, o.created_ms, o.expires_ms
FROM api_tokens o CROSS JOIN tenants t ON t.id = o.tenant;
DROP TABLE api_tokens;
ALTER TABLE new_api_tokens RENAME TO api_tokens;

CREATE TABLE new_access_keys (
    tenant        INTEGER NOT NULL REFERENCES tenants (no),
    access_key    TEXT    NOT NULL UNIQUE,
    operator_id   INTEGER NOT NULL REFERENCES operators (id),
    sealed_secret BLOB    NOT NULL,
    created_ms    INTEGER NOT NULL,
    PRIMARY KEY (tenant, access_key)
) WITHOUT ROWID;
INSERT INTO new_access_keys (tenant, access_key, operator_id, sealed_secret, created_ms)
SELECT t.no, o.access_key, o.operator_id, o.sealed_secret, o.created_ms
FROM access_keys o CROSS JOIN tenants t ON t.id = o.tenant;
DROP TABLE access_keys;
ALTER TABLE new_access_keys RENAME TO access_keys;

CREATE TABLE new_sign_ins (
    tenant             INTEGER NOT NULL REFERENCES tenants (no),
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
    device_id          TEXT,
    client_address     TEXT,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;
INSERT INTO new_sign_ins (tenant, id, operator_id, operator_name, operator_key, scope, scope_tenant, console_type, host, browser_session_id,
    started_ms, last_seen_ms, idle_limit_ms, expires_ms, signed_out_ms, token_hash, stream, device_id, client_address)
SELECT t.no, o.id, o.operator_id, o.operator_name, o.operator_key, o.scope, o.scope_tenant, o.console_type, o.host, o.browser_session_id,
    o.started_ms, o.last_seen_ms, o.idle_limit_ms, o.expires_ms, o.signed_out_ms, o.token_hash, o.stream, o.device_id, o.client_address
FROM sign_ins o CROSS JOIN tenants t ON t.id = o.tenant;
DROP TABLE sign_ins;
ALTER TABLE new_sign_ins RENAME TO sign_ins;
CREATE INDEX sign_ins_operator ON sign_ins (tenant, operator_id, started_ms);
CREATE INDEX sign_ins_reported ON sign_ins (tenant, operator_key, started_ms) WHERE operator_id IS NULL;
CREATE INDEX sign_ins_browser ON sign_ins (tenant, browser_session_id) WHERE token_hash IS NOT NULL;
CREATE INDEX sign_ins_stream ON sign_ins (tenant, stream) WHERE stream IS NOT NULL;
CREATE INDEX sign_ins_started ON sign_ins (tenant, started_ms, id);

CREATE TABLE new_users (
    tenant                 INTEGER NOT NULL REFERENCES tenants (no),
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
INSERT INTO new_users (tenant, id, name, name_key, sid, domain, full_name, email, phone, description, description_key, activation, invited, enabled,
    locked, user_groups, expires_ms, password_never_expires, may_change_password, must_change_password, desktops, sharing, shared_desktops,
    subproject)
SELECT t.no, o.id, o.name, o.name_key, o.sid, o.domain, o.full_name, o.email, o.phone, o.description, o.description_key, o.activation, o.invited,
    o.enabled, o.locked, o.user_groups, o.expires_ms, o.password_never_expires, o.may_change_password, o.must_change_password, o.desktops, o.sharing,
    o.shared_desktops, o.subproject
FROM users o CROSS JOIN tenants t ON t.id = o.tenant;
DROP TABLE users;
ALTER TABLE new_users RENAME TO users;
CREATE UNIQUE INDEX users_name ON users (tenant, name_key);

CREATE TABLE new_sources (
    tenant INTEGER NOT NULL REFERENCES tenants (no),
    no     INTEGER NOT NULL,
    name   TEXT    NOT NULL,
    PRIMARY KEY (tenant, no),
    UNIQUE (tenant, name)
) WITHOUT ROWID;
INSERT INTO new_sources (tenant, no, name)
SELECT t.no, o.no, o.name
FROM sources o CROSS JOIN tenants t ON t.id = o.tenant;
DROP TABLE sources;
ALTER TABLE new_sources RENAME TO sources;

CREATE TABLE new_hosts (
    tenant           INTEGER NOT NULL REFERENCES tenants (no),
    no               INTEGER NOT NULL,
    name             TEXT    NOT NULL,
    name_key         TEXT    NOT NULL,
    sid              TEXT,
    ip               TEXT,
    group_id         TEXT,
    facts_us         INTEGER NOT NULL,
    first_seen_ms    INTEGER NOT NULL,
    last_seen_ms     INTEGER NOT NULL,
    beat_us          INTEGER,
    beat_received_ms INTEGER,
    lease_s          INTEGER,
    event_us         INTEGER,
    watch_ms         INTEGER,
    is_settled       INTEGER NOT NULL DEFAULT 0,
    beats_unpruned   INTEGER NOT NULL DEFAULT 0,
    beats            INTEGER NOT NULL DEFAULT 0,
    beat_source_no   INTEGER,
    window_ms        INTEGER,
    delay_ms         INTEGER,
    delay_before_ms  INTEGER,
    skew_ms          INTEGER,
    skew_from        INTEGER,
    skew_at_ms       INTEGER,
    skew_warned      INTEGER NOT NULL DEFAULT 0,
    silent_ms        INTEGER,
    PRIMARY KEY (tenant, no),
    UNIQUE (tenant, name_key)
) WITHOUT ROWID;
INSERT INTO new_hosts (tenant, no, name, name_key, sid, ip, group_id, facts_us, first_seen_ms, last_seen_ms, beat_us, beat_received_ms, lease_s,
    event_us, watch_ms, is_settled, beats_unpruned, beats, beat_source_no, window_ms, delay_ms, delay_before_ms, skew_ms, skew_from, skew_at_ms,
    skew_warned, silent_ms)
SELECT t.no, o.no, o.name, o.name_key, o.sid, o.ip, o.group_id, o.facts_us, o.first_seen_ms, o.last_seen_ms, o.beat_us, o.beat_received_ms, o.lease_s,
    o.event_us, o.watch_ms, o.is_settled, o.beats_unpruned, o.beats, o.beat_source_no, o.window_ms, o.delay_ms, o.delay_before_ms, o.skew_ms,
    o.skew_from, o.skew_at_ms, o.skew_warned, o.silent_ms
FROM hosts o CROSS JOIN tenants t ON t.id = o.tenant;
DROP TABLE hosts;
ALTER TABLE new_hosts RENAME TO hosts;
CREATE INDEX hosts_watch ON hosts (watch_ms) WHERE watch_ms IS NOT NULL;
CREATE INDEX hosts_silent ON hosts (tenant, name_key) WHERE watch_ms IS NULL AND lease_s IS NOT NULL;

CREATE TABLE new_host_groups (
    tenant   INTEGER NOT NULL REFERENCES tenants (no),
    id       TEXT    NOT NULL,
    name     TEXT,
    facts_us INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;
INSERT INTO new_host_groups (tenant, id, name, facts_us)
SELECT t.no, o.id, o.name, o.facts_us
FROM host_groups o CROSS JOIN tenants t ON t.id = o.tenant;
DROP TABLE host_groups;
ALTER TABLE new_host_groups RENAME TO host_groups;

CREATE TABLE new_events (
    tenant     INTEGER NOT NULL,
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
INSERT INTO new_events (tenant, seq, batch, source_no, id_hash, kind, at_us, host_no, stream, clear, personal, salt, commitment)
SELECT t.no, o.seq, o.batch, o.source_no, o.id_hash, o.kind, o.at_us, o.host_no, o.stream, o.clear, o.personal, o.salt, o.commitment
FROM events o CROSS JOIN tenants t ON t.id = o.tenant;
DROP TABLE events;
ALTER TABLE new_events RENAME TO events;
CREATE UNIQUE INDEX events_identity ON events (tenant, source_no, id_hash);
CREATE INDEX events_stream ON events (tenant, host_no, stream, source_no, at_us);

CREATE TABLE new_event_batches (
    tenant        INTEGER NOT NULL,
    no            INTEGER NOT NULL,
    first_seq     INTEGER NOT NULL,
    last_seq      INTEGER NOT NULL,
    received_ms   INTEGER NOT NULL,
    previous_hash BLOB    NOT NULL,
    hash          BLOB    NOT NULL,
    PRIMARY KEY (tenant, no)
) WITHOUT ROWID;
INSERT INTO new_event_batches (tenant, no, first_seq, last_seq, received_ms, previous_hash, hash)
SELECT t.no, o.no, o.first_seq, o.last_seq, o.received_ms, o.previous_hash, o.hash
FROM event_batches o CROSS JOIN tenants t ON t.id = o.tenant;
DROP TABLE event_batches;
ALTER TABLE new_event_batches RENAME TO event_batches;

CREATE TABLE new_session_events (
    tenant     INTEGER NOT NULL,
    session_no INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    PRIMARY KEY (tenant, seq)
) WITHOUT ROWID;
INSERT INTO new_session_events (tenant, session_no, seq)
SELECT t.no, o.session_no, o.seq
FROM session_events o CROSS JOIN tenants t ON t.id = o.tenant;
DROP TABLE session_events;
ALTER TABLE new_session_events RENAME TO session_events;
CREATE INDEX session_events_session ON session_events (tenant, session_no, seq);

CREATE TABLE new_export_tasks (
    tenant          INTEGER NOT NULL REFERENCES tenants (no),
    id              TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    filter          TEXT    NOT NULL,
    file_name       TEXT    NOT NULL,
    state           INTEGER NOT NULL,
    requested_by    TEXT    NOT NULL,
    created_ms      INTEGER NOT NULL,
    ended_ms        INTEGER,
    failure         TEXT,
    row_count       INTEGER,
    size_bytes      INTEGER,
    sha256          TEXT,
    attempts        INTEGER NOT NULL,
    lease_ms        INTEGER,
    format          INTEGER NOT NULL DEFAULT 1,
    snapshot_ms     INTEGER,
    rows_expected   INTEGER,
    sheet_count     INTEGER,
    cells_cut       INTEGER,
    program_version TEXT,
    download_count  INTEGER NOT NULL DEFAULT 0,
    mail_to         TEXT,
    mail_ms         INTEGER,
    mail_attempts   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;
INSERT INTO new_export_tasks (tenant, id, kind, filter, file_name, state, requested_by, created_ms, ended_ms, failure, row_count, size_bytes, sha256,
    attempts, lease_ms, format, snapshot_ms, rows_expected, sheet_count, cells_cut, program_version, download_count, mail_to, mail_ms, mail_attempts)
SELECT t.no, o.id, o.kind, o.filter, o.file_name, o.state, o.requested_by, o.created_ms, o.ended_ms, o.failure, o.row_count, o.size_bytes, o.sha256,
    o.attempts, o.lease_ms, o.format, o.snapshot_ms, o.rows_expected, o.sheet_count, o.cells_cut, o.program_version, o.download_count, o.mail_to,
    o.mail_ms, o.mail_attempts
FROM export_tasks o CROSS JOIN tenants t ON t.id = o.tenant;
DROP TABLE export_tasks;
ALTER TABLE new_export_tasks RENAME TO export_tasks;
CREATE INDEX export_tasks_created ON export_tasks (tenant, created_ms, id);
CREATE INDEX export_tasks_work ON export_tasks (state, created_ms);
CREATE INDEX export_tasks_mail ON export_tasks (mail_ms) WHERE mail_to IS NOT NULL;
CREATE INDEX export_tasks_ended ON export_tasks (state, ended_ms);

CREATE TABLE new_rosters (
    tenant  INTEGER NOT NULL,
    host_no INTEGER NOT NULL,
    no      INTEGER NOT NULL,
    hash    BLOB    NOT NULL,
    content BLOB    NOT NULL,
    PRIMARY KEY (tenant, host_no, no),
    UNIQUE (tenant, host_no, hash)
) WITHOUT ROWID;
INSERT INTO new_rosters (tenant, host_no, no, hash, content)
SELECT t.no, o.host_no, o.no, o.hash, o.content
FROM rosters o CROSS JOIN tenants t ON t.id = o.tenant;
DROP TABLE rosters;
ALTER TABLE new_rosters RENAME TO rosters;

CREATE TABLE new_host_beats (
    tenant      INTEGER NOT NULL,
    host_no     INTEGER NOT NULL,
    at_us       INTEGER NOT NULL,
    source_no   INTEGER NOT NULL,
    id_hash     BLOB    NOT NULL,
    received_ms INTEGER NOT NULL,
    lease_s     INTEGER NOT NULL,
    boot        TEXT,
    roster_no   INTEGER,
    is_telling  INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant, host_no, at_us, source_no, id_hash)
) WITHOUT ROWID;
INSERT INTO new_host_beats (tenant, host_no, at_us, source_no, id_hash, received_ms, lease_s, boot, roster_no, is_telling)
SELECT t.no, o.host_no, o.at_us, o.source_no, o.id_hash, o.received_ms, o.lease_s, o.boot, o.roster_no, o.is_telling
FROM host_beats o CROSS JOIN tenants t ON t.id = o.tenant;
DROP TABLE host_beats;
ALTER TABLE new_host_beats RENAME TO host_beats;
CREATE UNIQUE INDEX host_beats_identity ON host_beats (tenant, source_no, id_hash);

CREATE TABLE new_host_sources (
    tenant            INTEGER NOT NULL,
    host_no           INTEGER NOT NULL,
    source_no         INTEGER NOT NULL,
    accepted          INTEGER NOT NULL,
    duplicate         INTEGER NOT NULL,
    late              INTEGER NOT NULL,
    backfilled        INTEGER NOT NULL,
    rejected          INTEGER NOT NULL,
    live_since_ms     INTEGER,
    first_received_ms INTEGER,
    last_received_ms  INTEGER,
    last_at_us        INTEGER,
    newest_us         INTEGER,
    late_ms           INTEGER,
    duplicate_ms      INTEGER,
    rejected_ms       INTEGER,
    window_ms         INTEGER,
    delay_ms          INTEGER,
    delay_before_ms   INTEGER,
    skew_ms           INTEGER,
    skew_at_ms        INTEGER,
    PRIMARY KEY (tenant, host_no, source_no)
) WITHOUT ROWID;
INSERT INTO new_host_sources (tenant, host_no, source_no, accepted, duplicate, late, backfilled, rejected, live_since_ms, first_received_ms,
    last_received_ms, last_at_us, newest_us, late_ms, duplicate_ms, rejected_ms, window_ms, delay_ms, delay_before_ms, skew_ms, skew_at_ms)
SELECT t.no, o.host_no, o.source_no, o.accepted, o.duplicate, o.late, o.backfilled, o.rejected, o.live_since_ms, o.first_received_ms,
    o.last_received_ms, o.last_at_us, o.newest_us, o.late_ms, o.duplicate_ms, o.rejected_ms, o.window_ms, o.delay_ms, o.delay_before_ms, o.skew_ms,
    o.skew_at_ms
FROM host_sources o CROSS JOIN tenants t ON t.id = o.tenant;
DROP TABLE host_sources;
ALTER TABLE new_host_sources RENAME TO host_sources;

CREATE TABLE new_export_schedules (
    tenant            INTEGER NOT NULL REFERENCES tenants (no),
    id                TEXT    NOT NULL,
    name              TEXT    NOT NULL,
    cron              TEXT    NOT NULL,
    time_zone         TEXT    NOT NULL,
    period            INTEGER NOT NULL,
    kind              TEXT    NOT NULL,
    format            INTEGER NOT NULL,
    filter            TEXT    NOT NULL,
    mail_to           TEXT    NOT NULL,
    created_by        TEXT    NOT NULL,
    created_ms        INTEGER NOT NULL,
    next_ms           INTEGER NOT NULL,
    last_ms           INTEGER,
    last_task_id      TEXT,
    last_failure      TEXT,
    runs_for          TEXT    NOT NULL DEFAULT '',
    runs_for_operator INTEGER,
    runs_for_token    TEXT,
    suspended         TEXT,
    retried_ms        INTEGER,
    tries             INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;
INSERT INTO new_export_schedules (tenant, id, name, cron, time_zone, period, kind, format, filter, mail_to, created_by, created_ms, next_ms, last_ms,
    last_task_id, last_failure, runs_for, runs_for_operator, runs_for_token, suspended, retried_ms, tries)
SELECT t.no, o.id, o.name, o.cron, o.time_zone, o.period, o.kind, o.format, o.filter, o.mail_to, o.created_by, o.created_ms, o.next_ms, o.last_ms,
    o.last_task_id, o.last_failure, o.runs_for, o.runs_for_operator, o.runs_for_token, o.suspended, o.retried_ms, o.tries
FROM export_schedules o CROSS JOIN tenants t ON t.id = o.tenant;
DROP TABLE export_schedules;
ALTER TABLE new_export_schedules RENAME TO export_schedules;
CREATE INDEX export_schedules_due ON export_schedules (next_ms) WHERE suspended IS NULL;

CREATE TABLE new_export_turns (
    tenant   INTEGER NOT NULL PRIMARY KEY REFERENCES tenants (no),
    begun_ms INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO new_export_turns (tenant, begun_ms)
SELECT t.no, o.begun_ms
FROM export_turns o CROSS JOIN tenants t ON t.id = o.tenant;
DROP TABLE export_turns;
ALTER TABLE new_export_turns RENAME TO export_turns;

CREATE TABLE new_session_changes (
    tenant     INTEGER NOT NULL,
    no         INTEGER NOT NULL,
    session_no INTEGER NOT NULL,
    gone_id    TEXT,
    at_ms      INTEGER NOT NULL,
    PRIMARY KEY (tenant, no)
) WITHOUT ROWID;
INSERT INTO new_session_changes (tenant, no, session_no, gone_id, at_ms)
SELECT t.no, o.no, o.session_no, o.gone_id, o.at_ms
FROM session_changes o CROSS JOIN tenants t ON t.id = o.tenant;
DROP TABLE session_changes;
ALTER TABLE new_session_changes RENAME TO session_changes;

-- LEFT: a row's fact that a query does not ask for is not looked up; to count, the rows are counted. As bytes: SQLite cuts texts at their first NUL.
CREATE VIEW sessions AS
SELECT r.tenant, r.no, r.id, r.anchor_seq, r.epoch_us, e.boot_id AS epoch_boot, r.host_no, r.stream, r.user_no, r.place_no, r.device_no, r.nature_no,
    u.name AS user_name, u.key AS user_key, u.plain_key AS user_plain_key, r.kind, r.state,
    p.host_name, p.host_name_key, p.host_sid, p.host_ip, p.group_id, p.group_name, p.primary_group_id, p.secondary_group_id, b.boot_id,
    CAST(substr(CAST(r.stream AS BLOB), 3) AS TEXT) AS os_session_id, n.protocol, n.app_name,
    d.name AS client_name, d.ip AS client_ip, d.public_ip AS client_public_ip, d.mac AS client_mac, d.source_ip AS client_source_ip,
    d.type AS client_type, d.version AS client_version,
    r.requested_ms, r.started_ms, r.ended_ms, r.end_source, r.end_earliest_ms, r.end_latest_ms, n.end_reason, n.failure_code, n.failure_reason,
    r.changed_ms, r.connected_ms, r.disconnected_ms, n.agent_version,
    COALESCE(r.session_stamp, replace(replace(replace(n.stamp_pattern, '{sid}', COALESCE(p.host_sid, '')), '{session}', CAST(substr(CAST(r.stream AS BLOB), 3) AS TEXT)), '{user}', u.name)) AS session_stamp,
    r.revision
FROM session_rows r
LEFT JOIN session_users u ON u.tenant = r.tenant AND u.no = r.user_no
LEFT JOIN session_places p ON p.tenant = r.tenant AND p.no = r.place_no
LEFT JOIN session_devices d ON d.tenant = r.tenant AND d.no = r.device_no
LEFT JOIN session_natures n ON n.tenant = r.tenant AND n.no = r.nature_no
LEFT JOIN session_boots b ON b.tenant = r.tenant AND b.no = r.boot_no
LEFT JOIN session_boots e ON e.tenant = r.tenant AND e.no = r.epoch_boot_no;

CREATE VIEW connections AS
SELECT r.tenant, r.session_no, r.ordinal, r.id, r.host_no, r.user_no, r.place_no, r.device_no, r.nature_no,
    u.name AS user_name, u.key AS user_key, p.host_name, p.host_name_key, p.host_ip,
    d.name AS client_name, d.ip AS client_ip, d.public_ip AS client_public_ip, d.mac AS client_mac, d.source_ip AS client_source_ip,
    d.type AS client_type, d.type_key AS client_type_key, d.version AS client_version, r.transaction_id, n.agent_version,
    r.requested_ms, r.established_ms, r.ended_ms, r.is_reconnect, r.is_failed, n.failure_code, n.failure_reason, r.network_rtt_ms, r.e2e_rtt_ms
FROM connection_rows r
LEFT JOIN session_users u ON u.tenant = r.tenant AND u.no = r.user_no
LEFT JOIN session_places p ON p.tenant = r.tenant AND p.no = r.place_no
LEFT JOIN session_devices d ON d.tenant = r.tenant AND d.no = r.device_no
LEFT JOIN session_natures n ON n.tenant = r.tenant AND n.no = r.nature_no;

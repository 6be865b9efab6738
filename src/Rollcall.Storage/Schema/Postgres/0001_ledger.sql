-- The facts of Schema/Sqlite/0001 to 0009, where columns are explained. Texts are compared byte by byte, whatever the database's language:
-- a key folded by the server (_key) must not be folded again. Conditions are 0 or 1, as in SQLite, so that one SQL serves both.

-- The functions of SQLite that our SQL uses and PostgreSQL lacks. Beside the aggregates, MAX and MIN of two values: null when one is.
CREATE FUNCTION max(bigint, bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN $1 >= $2 THEN $1 ELSE $2 END;
CREATE FUNCTION min(bigint, bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN $1 <= $2 THEN $1 ELSE $2 END;
CREATE FUNCTION min(bigint, bigint, bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN min(min($1, $2), $3);
CREATE FUNCTION instr(text, text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN strpos($1, $2);
CREATE FUNCTION json_each(bigint[]) RETURNS TABLE (value bigint) LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 100 AS 'SELECT unnest($1)';
CREATE FUNCTION json_each(text[]) RETURNS TABLE (value text) LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 100 AS 'SELECT unnest($1)';

-- Whether an address, as a source sent it, lies in a range: what AddressRange.Contains says. What is no address lies in none.
CREATE FUNCTION within(address text, range text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT AS $within$
DECLARE
    plain inet;
BEGIN
    IF address ~ '^(0|[1-9][0-9]{0,2})(\.(0|[1-9][0-9]{0,2})){3}$' THEN
        plain := address::inet;
    ELSIF address ~ '^[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(%.*)?$' THEN
        plain := split_part(address, '%', 1)::inet;
        IF plain <<= '::ffff:0:0/96' THEN
            plain := regexp_replace(host(plain), '^.*:', '')::inet;
        END IF;
    ELSE
        RETURN FALSE;
    END IF;
    RETURN family(plain) = family(range::inet) AND plain <<= range::inet;
EXCEPTION WHEN invalid_text_representation THEN
    RETURN FALSE;
END
$within$;

-- What all servers on this database must agree on.
CREATE TABLE server_facts (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value BYTEA            NOT NULL
);

CREATE TABLE tenants (
    id         TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    name_key   TEXT COLLATE "C" NOT NULL UNIQUE,
    created_ms BIGINT           NOT NULL,
    PRIMARY KEY (id)
);

-- Names and ids are unique on the whole server. No sequence, which would skip the first number when the first start fails: that number is the first
-- operator's for ever.
CREATE TABLE operators (
    id                      BIGINT           NOT NULL PRIMARY KEY,
    tenant                  TEXT COLLATE "C" NOT NULL REFERENCES tenants (id),
    name                    TEXT COLLATE "C" NOT NULL,
    name_key                TEXT COLLATE "C" NOT NULL UNIQUE,
    roles                   TEXT COLLATE "C" NOT NULL,
    is_server_administrator BIGINT           NOT NULL,
    password_hash           TEXT COLLATE "C",
    created_ms              BIGINT           NOT NULL,
    removed_ms              BIGINT
);
CREATE UNIQUE INDEX operators_tenant ON operators (tenant, id);

CREATE TABLE api_tokens (
    tenant     TEXT COLLATE "C" NOT NULL REFERENCES tenants (id),
    id         TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    roles      TEXT COLLATE "C" NOT NULL,
    token_hash BYTEA            NOT NULL UNIQUE,
    created_ms BIGINT           NOT NULL,
    expires_ms BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE access_keys (
    tenant        TEXT COLLATE "C" NOT NULL REFERENCES tenants (id),
    access_key    TEXT COLLATE "C" NOT NULL UNIQUE,
    operator_id   BIGINT           NOT NULL REFERENCES operators (id),
    sealed_secret BYTEA            NOT NULL,
    created_ms    BIGINT           NOT NULL,
    PRIMARY KEY (tenant, access_key)
);

CREATE TABLE sign_ins (
    tenant             TEXT COLLATE "C" NOT NULL REFERENCES tenants (id),
    id                 TEXT COLLATE "C" NOT NULL,
    operator_id        BIGINT,
    operator_name      TEXT COLLATE "C" NOT NULL,
    operator_key       TEXT COLLATE "C" NOT NULL,
    scope              BIGINT           NOT NULL,
    scope_tenant       TEXT COLLATE "C",
    console_type       BIGINT           NOT NULL,
    host               TEXT COLLATE "C" NOT NULL,
    browser_session_id BIGINT           NOT NULL,
    started_ms         BIGINT           NOT NULL,
    last_seen_ms       BIGINT           NOT NULL,
    idle_limit_ms      BIGINT,
    expires_ms         BIGINT,
    signed_out_ms      BIGINT,
    token_hash         BYTEA            UNIQUE,
    stream             TEXT COLLATE "C",
    device_id          TEXT COLLATE "C",
    client_address     TEXT COLLATE "C",
    PRIMARY KEY (tenant, id)
);
CREATE INDEX sign_ins_operator ON sign_ins (tenant, operator_id, started_ms);
CREATE INDEX sign_ins_name ON sign_ins (tenant, operator_key, started_ms);
CREATE INDEX sign_ins_browser ON sign_ins (tenant, browser_session_id) WHERE token_hash IS NOT NULL;
CREATE INDEX sign_ins_stream ON sign_ins (tenant, stream) WHERE stream IS NOT NULL;
CREATE INDEX sign_ins_started ON sign_ins (tenant, started_ms, id) INCLUDE (host, client_address);
CREATE INDEX sign_ins_lasting ON sign_ins (tenant, started_ms, id) WHERE signed_out_ms IS NULL;

CREATE TABLE users (
    tenant                 TEXT COLLATE "C" NOT NULL REFERENCES tenants (id),
    id                     TEXT COLLATE "C" NOT NULL,
    name                   TEXT COLLATE "C" NOT NULL,
    name_key               TEXT COLLATE "C" NOT NULL,
    sid                    TEXT COLLATE "C",
    domain                 TEXT COLLATE "C",
    full_name              TEXT COLLATE "C",
    email                  TEXT COLLATE "C",
    phone                  TEXT COLLATE "C",
    description            TEXT COLLATE "C",
    description_key        TEXT COLLATE "C",
    activation             BIGINT           NOT NULL,
    invited                BIGINT           NOT NULL,
    enabled                BIGINT           NOT NULL,
    locked                 BIGINT           NOT NULL,
    user_groups            TEXT COLLATE "C" NOT NULL,
    expires_ms             BIGINT,
    password_never_expires BIGINT           NOT NULL,
    may_change_password    BIGINT           NOT NULL,
    must_change_password   BIGINT           NOT NULL,
    desktops               BIGINT           NOT NULL,
    sharing                BIGINT           NOT NULL,
    shared_desktops        BIGINT           NOT NULL,
    subproject             TEXT COLLATE "C",
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX users_name ON users (tenant, name_key);

CREATE TABLE sources (
    tenant TEXT COLLATE "C" NOT NULL REFERENCES tenants (id),
    no     BIGINT           NOT NULL,
    name   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, no),
    UNIQUE (tenant, name)
);

-- Every beat writes its host's row: room is left on each page for the next version of it.
CREATE TABLE hosts (
    tenant           TEXT COLLATE "C" NOT NULL REFERENCES tenants (id),
    no               BIGINT           NOT NULL,
    name             TEXT COLLATE "C" NOT NULL,
    name_key         TEXT COLLATE "C" NOT NULL,
    sid              TEXT COLLATE "C",
    ip               TEXT COLLATE "C",
    group_id         TEXT COLLATE "C",
    facts_us         BIGINT           NOT NULL,
    first_seen_ms    BIGINT           NOT NULL,
    last_seen_ms     BIGINT           NOT NULL,
    beat_us          BIGINT,
    beat_received_ms BIGINT,
    lease_s          BIGINT,
    event_us         BIGINT,
    watch_ms         BIGINT,
    is_settled       BIGINT           NOT NULL DEFAULT 0,
    beats_unpruned   BIGINT           NOT NULL DEFAULT 0,
    beats            BIGINT           NOT NULL DEFAULT 0,
    beat_source_no   BIGINT,
    window_ms        BIGINT,
    delay_ms         BIGINT,
    delay_before_ms  BIGINT,
    skew_ms          BIGINT,
    skew_from        BIGINT,
    skew_at_ms       BIGINT,
    skew_warned      BIGINT           NOT NULL DEFAULT 0,
    silent_ms        BIGINT,
    PRIMARY KEY (tenant, no),
    UNIQUE (tenant, name_key)
) WITH (fillfactor = 70);
CREATE INDEX hosts_watch ON hosts (watch_ms) WHERE watch_ms IS NOT NULL;
CREATE INDEX hosts_silent ON hosts (tenant, name_key) WHERE watch_ms IS NULL AND lease_s IS NOT NULL;

CREATE TABLE host_groups (
    tenant   TEXT COLLATE "C" NOT NULL REFERENCES tenants (id),
    id       TEXT COLLATE "C" NOT NULL,
    name     TEXT COLLATE "C",
    facts_us BIGINT           NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- Append-only; not partitioned by month, since its keys must not have the time in them (ADR 0009).
CREATE TABLE events (
    tenant     TEXT COLLATE "C" NOT NULL,
    seq        BIGINT           NOT NULL,
    batch      BIGINT           NOT NULL,
    source_no  BIGINT           NOT NULL,
    id_hash    BYTEA            NOT NULL,
    kind       BIGINT           NOT NULL,
    at_us      BIGINT           NOT NULL,
    host_no    BIGINT           NOT NULL,
    stream     TEXT COLLATE "C" NOT NULL,
    clear      BYTEA            NOT NULL,
    personal   BYTEA,
    salt       BYTEA,
    commitment BYTEA            NOT NULL,
    PRIMARY KEY (tenant, seq)
);
CREATE UNIQUE INDEX events_identity ON events (tenant, source_no, id_hash);
CREATE INDEX events_stream ON events (tenant, host_no, stream, source_no, at_us);

CREATE TABLE event_batches (
    tenant        TEXT COLLATE "C" NOT NULL,
    no            BIGINT           NOT NULL,
    first_seq     BIGINT           NOT NULL,
    last_seq      BIGINT           NOT NULL,
    received_ms   BIGINT           NOT NULL,
    previous_hash BYTEA            NOT NULL,
    hash          BYTEA            NOT NULL,
    PRIMARY KEY (tenant, no)
);

-- Each distinct fact once; digest is that of its texts, by which its number is found. A number never means anything else.
CREATE TABLE session_users (
    tenant    TEXT COLLATE "C" NOT NULL,
    no        BIGINT           NOT NULL,
    digest    BYTEA            NOT NULL,
    name      TEXT COLLATE "C" NOT NULL,
    key       TEXT COLLATE "C" NOT NULL,
    plain_key TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, no)
);
CREATE UNIQUE INDEX session_users_digest ON session_users (tenant, digest);
CREATE INDEX session_users_key ON session_users (tenant, key);
CREATE INDEX session_users_plain ON session_users (tenant, plain_key);

CREATE TABLE session_places (
    tenant             TEXT COLLATE "C" NOT NULL,
    no                 BIGINT           NOT NULL,
    digest             BYTEA            NOT NULL,
    host_name          TEXT COLLATE "C" NOT NULL,
    host_name_key      TEXT COLLATE "C" NOT NULL,
    host_sid           TEXT COLLATE "C",
    host_ip            TEXT COLLATE "C",
    group_id           TEXT COLLATE "C",
    group_name         TEXT COLLATE "C",
    primary_group_id   TEXT COLLATE "C",
    secondary_group_id TEXT COLLATE "C",
    PRIMARY KEY (tenant, no)
);
CREATE UNIQUE INDEX session_places_digest ON session_places (tenant, digest);

CREATE TABLE session_devices (
    tenant    TEXT COLLATE "C" NOT NULL,
    no        BIGINT           NOT NULL,
    digest    BYTEA            NOT NULL,
    name      TEXT COLLATE "C",
    ip        TEXT COLLATE "C",
    public_ip TEXT COLLATE "C",
    mac       TEXT COLLATE "C",
    source_ip TEXT COLLATE "C",
    type      TEXT COLLATE "C",
    type_key  TEXT COLLATE "C",
    version   TEXT COLLATE "C",
    PRIMARY KEY (tenant, no)
);
CREATE UNIQUE INDEX session_devices_digest ON session_devices (tenant, digest);

CREATE TABLE session_natures (
    tenant         TEXT COLLATE "C" NOT NULL,
    no             BIGINT           NOT NULL,
    digest         BYTEA            NOT NULL,
    protocol       TEXT COLLATE "C",
    app_name       TEXT COLLATE "C",
    agent_version  TEXT COLLATE "C",
    end_reason     TEXT COLLATE "C",
    failure_code   TEXT COLLATE "C",
    failure_reason TEXT COLLATE "C",
    stamp_pattern  TEXT COLLATE "C",
    PRIMARY KEY (tenant, no)
);
CREATE UNIQUE INDEX session_natures_digest ON session_natures (tenant, digest);

CREATE TABLE session_boots (
    tenant  TEXT COLLATE "C" NOT NULL,
    no      BIGINT           NOT NULL,
    digest  BYTEA            NOT NULL,
    boot_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, no)
);
CREATE UNIQUE INDEX session_boots_digest ON session_boots (tenant, digest);

-- The projection of the events: written in their transaction, and derived from them alone.
CREATE TABLE session_rows (
    tenant          TEXT COLLATE "C" NOT NULL,
    no              BIGINT           NOT NULL,
    id              TEXT COLLATE "C" NOT NULL,
    anchor_seq      BIGINT           NOT NULL,
    epoch_us        BIGINT           NOT NULL,
    epoch_boot_no   BIGINT,
    host_no         BIGINT           NOT NULL,
    stream          TEXT COLLATE "C" NOT NULL,
    user_no         BIGINT           NOT NULL,
    place_no        BIGINT           NOT NULL,
    device_no       BIGINT           NOT NULL,
    nature_no       BIGINT           NOT NULL,
    boot_no         BIGINT,
    kind            BIGINT           NOT NULL,
    state           BIGINT           NOT NULL,
    requested_ms    BIGINT,
    started_ms      BIGINT           NOT NULL,
    ended_ms        BIGINT,
    end_source      BIGINT,
    end_earliest_ms BIGINT,
    end_latest_ms   BIGINT,
    changed_ms      BIGINT           NOT NULL,
    connected_ms    BIGINT           NOT NULL,
    disconnected_ms BIGINT           NOT NULL,
    session_stamp   TEXT COLLATE "C",
    revision        BIGINT           NOT NULL,
    PRIMARY KEY (tenant, no)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.02);
CREATE UNIQUE INDEX sessions_id ON session_rows (tenant, id);
-- Lists are answered from the indexes with INCLUDE, which takes a vacuum soon after rows came (ADR 0016).
-- With all that filters and orders ask of a row: a filter that few or no rows meet costs the pages of this index in the window, and no row.
CREATE INDEX sessions_start ON session_rows (tenant, started_ms, no)
    INCLUDE (user_no, host_no, place_no, device_no, nature_no, kind, state, ended_ms, end_source);
CREATE INDEX sessions_stream ON session_rows (tenant, host_no, stream, epoch_us);
CREATE INDEX sessions_user ON session_rows (tenant, user_no, started_ms);
CREATE INDEX sessions_ended ON session_rows (tenant, ended_ms, started_ms, host_no) WHERE state = 4;
CREATE INDEX sessions_open ON session_rows (tenant, host_no, stream, epoch_us) WHERE ended_ms IS NULL;
CREATE INDEX sessions_unfinished ON session_rows (tenant, state, started_ms) WHERE state IN (1, 2, 3);
CREATE INDEX sessions_failed ON session_rows (tenant, started_ms) WHERE state = 5;
CREATE INDEX sessions_inferred ON session_rows (tenant, host_no, end_latest_ms) WHERE end_source <> 1;
CREATE INDEX sessions_silent ON session_rows (tenant, host_no, stream, epoch_us) WHERE end_source = 2;

CREATE TABLE session_events (
    tenant     TEXT COLLATE "C" NOT NULL,
    session_no BIGINT           NOT NULL,
    seq        BIGINT           NOT NULL,
    PRIMARY KEY (tenant, seq)
);
CREATE INDEX session_events_session ON session_events (tenant, session_no, seq);

-- Ids of sessions that a late event showed to be one with another: they go on finding it. gone_no is the number that the joined session had.
CREATE TABLE session_aliases (
    tenant     TEXT COLLATE "C" NOT NULL,
    id         TEXT COLLATE "C" NOT NULL,
    session_no BIGINT           NOT NULL,
    gone_no    BIGINT,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX session_aliases_session ON session_aliases (tenant, session_no);

CREATE TABLE connection_rows (
    tenant         TEXT COLLATE "C" NOT NULL,
    session_no     BIGINT           NOT NULL,
    ordinal        BIGINT           NOT NULL,
    id             TEXT COLLATE "C" NOT NULL,
    host_no        BIGINT           NOT NULL,
    user_no        BIGINT           NOT NULL,
    place_no       BIGINT           NOT NULL,
    device_no      BIGINT           NOT NULL,
    nature_no      BIGINT           NOT NULL,
    transaction_id TEXT COLLATE "C",
    requested_ms   BIGINT           NOT NULL,
    established_ms BIGINT,
    ended_ms       BIGINT,
    is_reconnect   BIGINT           NOT NULL,
    is_failed      BIGINT           NOT NULL,
    network_rtt_ms BIGINT,
    e2e_rtt_ms     BIGINT,
    PRIMARY KEY (tenant, session_no, ordinal)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX connections_requested ON connection_rows (tenant, requested_ms, session_no, ordinal)
    INCLUDE (user_no, host_no, place_no, device_no, nature_no, established_ms, ended_ms, is_failed, network_rtt_ms, e2e_rtt_ms, id);
CREATE INDEX connections_user ON connection_rows (tenant, user_no, requested_ms);
CREATE INDEX connections_host ON connection_rows (tenant, host_no, requested_ms);

-- LEFT: a fact that a query does not ask for is not looked up.
CREATE VIEW sessions AS
SELECT r.tenant, r.no, r.id, r.anchor_seq, r.epoch_us, e.boot_id AS epoch_boot, r.host_no, r.stream, r.user_no, r.place_no, r.device_no, r.nature_no,
    u.name AS user_name, u.key AS user_key, u.plain_key AS user_plain_key, r.kind, r.state,
    p.host_name, p.host_name_key, p.host_sid, p.host_ip, p.group_id, p.group_name, p.primary_group_id, p.secondary_group_id, b.boot_id,
    substr(r.stream, 3) AS os_session_id, n.protocol, n.app_name,
    d.name AS client_name, d.ip AS client_ip, d.public_ip AS client_public_ip, d.mac AS client_mac, d.source_ip AS client_source_ip,
    d.type AS client_type, d.version AS client_version,
    r.requested_ms, r.started_ms, r.ended_ms, r.end_source, r.end_earliest_ms, r.end_latest_ms, n.end_reason, n.failure_code, n.failure_reason,
    r.changed_ms, r.connected_ms, r.disconnected_ms, n.agent_version,
    COALESCE(r.session_stamp, replace(replace(replace(n.stamp_pattern, '{sid}', COALESCE(p.host_sid, '')), '{session}', substr(r.stream, 3)), '{user}', u.name)) AS session_stamp,
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

CREATE TABLE export_tasks (
    tenant          TEXT COLLATE "C" NOT NULL REFERENCES tenants (id),
    id              TEXT COLLATE "C" NOT NULL,
    kind            TEXT COLLATE "C" NOT NULL,
    filter          TEXT COLLATE "C" NOT NULL,
    file_name       TEXT COLLATE "C" NOT NULL,
    state           BIGINT           NOT NULL,
    requested_by    TEXT COLLATE "C" NOT NULL,
    created_ms      BIGINT           NOT NULL,
    ended_ms        BIGINT,
    failure         TEXT COLLATE "C",
    row_count       BIGINT,
    size_bytes      BIGINT,
    sha256          TEXT COLLATE "C",
    attempts        BIGINT           NOT NULL,
    lease_ms        BIGINT,
    format          BIGINT           NOT NULL DEFAULT 1,
    snapshot_ms     BIGINT,
    rows_expected   BIGINT,
    sheet_count     BIGINT,
    cells_cut       BIGINT,
    program_version TEXT COLLATE "C",
    download_count  BIGINT           NOT NULL DEFAULT 0,
    mail_to         TEXT COLLATE "C",
    mail_ms         BIGINT,
    mail_attempts   BIGINT           NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX export_tasks_created ON export_tasks (tenant, created_ms, id);
CREATE INDEX export_tasks_work ON export_tasks (state, created_ms);
CREATE INDEX export_tasks_unfinished ON export_tasks (tenant, created_ms, id) WHERE state IN (1, 2);
CREATE INDEX export_tasks_mail ON export_tasks (mail_ms) WHERE mail_to IS NOT NULL;
CREATE INDEX export_tasks_ended ON export_tasks (state, ended_ms);

CREATE TABLE rosters (
    tenant  TEXT COLLATE "C" NOT NULL,
    host_no BIGINT           NOT NULL,
    no      BIGINT           NOT NULL,
    hash    BYTEA            NOT NULL,
    content BYTEA            NOT NULL,
    PRIMARY KEY (tenant, host_no, no),
    UNIQUE (tenant, host_no, hash)
);

-- Beats stand apart from the events (ADR 0005).
CREATE TABLE host_beats (
    tenant      TEXT COLLATE "C" NOT NULL,
    host_no     BIGINT           NOT NULL,
    at_us       BIGINT           NOT NULL,
    source_no   BIGINT           NOT NULL,
    id_hash     BYTEA            NOT NULL,
    received_ms BIGINT           NOT NULL,
    lease_s     BIGINT           NOT NULL,
    boot        TEXT COLLATE "C",
    roster_no   BIGINT,
    is_telling  BIGINT           NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant, host_no, at_us, source_no, id_hash)
);
CREATE UNIQUE INDEX host_beats_identity ON host_beats (tenant, source_no, id_hash);

CREATE TABLE host_sources (
    tenant            TEXT COLLATE "C" NOT NULL,
    host_no           BIGINT           NOT NULL,
    source_no         BIGINT           NOT NULL,
    accepted          BIGINT           NOT NULL,
    duplicate         BIGINT           NOT NULL,
    late              BIGINT           NOT NULL,
    backfilled        BIGINT           NOT NULL,
    rejected          BIGINT           NOT NULL,
    live_since_ms     BIGINT,
    first_received_ms BIGINT,
    last_received_ms  BIGINT,
    last_at_us        BIGINT,
    newest_us         BIGINT,
    late_ms           BIGINT,
    duplicate_ms      BIGINT,
    rejected_ms       BIGINT,
    window_ms         BIGINT,
    delay_ms          BIGINT,
    delay_before_ms   BIGINT,
    skew_ms           BIGINT,
    skew_at_ms        BIGINT,
    PRIMARY KEY (tenant, host_no, source_no)
);

CREATE TABLE export_schedules (
    tenant            TEXT COLLATE "C" NOT NULL REFERENCES tenants (id),
    id                TEXT COLLATE "C" NOT NULL,
    name              TEXT COLLATE "C" NOT NULL,
    cron              TEXT COLLATE "C" NOT NULL,
    time_zone         TEXT COLLATE "C" NOT NULL,
    period            BIGINT           NOT NULL,
    kind              TEXT COLLATE "C" NOT NULL,
    format            BIGINT           NOT NULL,
    filter            TEXT COLLATE "C" NOT NULL,
    mail_to           TEXT COLLATE "C" NOT NULL,
    created_by        TEXT COLLATE "C" NOT NULL,
    created_ms        BIGINT           NOT NULL,
    next_ms           BIGINT           NOT NULL,
    last_ms           BIGINT,
    last_task_id      TEXT COLLATE "C",
    last_failure      TEXT COLLATE "C",
    runs_for          TEXT COLLATE "C" NOT NULL DEFAULT '',
    runs_for_operator BIGINT,
    runs_for_token    TEXT COLLATE "C",
    suspended         TEXT COLLATE "C",
    retried_ms        BIGINT,
    tries             BIGINT           NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX export_schedules_due ON export_schedules (next_ms) WHERE suspended IS NULL;

-- By which event each session was found since when; null: it was joined with another one then.
CREATE TABLE session_anchors (
    tenant     TEXT COLLATE "C" NOT NULL,
    session_no BIGINT           NOT NULL,
    since_ms   BIGINT           NOT NULL,
    anchor_seq BIGINT,
    PRIMARY KEY (tenant, session_no, since_ms)
);

-- By which transaction of which server a tenant was written last: what a server remembers of it is good as long as the mark is its own.
CREATE TABLE writer_marks (
    tenant TEXT COLLATE "C" NOT NULL,
    mark   BIGINT           NOT NULL,
    PRIMARY KEY (tenant)
) WITH (fillfactor = 50);

CREATE TABLE export_turns (
    tenant   TEXT COLLATE "C" NOT NULL REFERENCES tenants (id),
    begun_ms BIGINT           NOT NULL,
    PRIMARY KEY (tenant)
);

-- Which sessions were written, in the order of the commits: writers of one tenant come one after another, so whoever sees a number sees all before it.
CREATE TABLE session_changes (
    tenant     TEXT COLLATE "C" NOT NULL,
    no         BIGINT           NOT NULL,
    session_no BIGINT           NOT NULL,
    gone_id    TEXT COLLATE "C",
    at_ms      BIGINT           NOT NULL,
    PRIMARY KEY (tenant, no)
);

-- Retention (ADR 0012). Identity is kept for ever: an event that was removed and is sent again is still a duplicate.
CREATE TABLE event_identities (
    tenant    TEXT COLLATE "C" NOT NULL,
    source_no BIGINT           NOT NULL,
    id_hash   BYTEA            NOT NULL,
    at_us     BIGINT           NOT NULL,
    host_no   BIGINT           NOT NULL,
    PRIMARY KEY (tenant, source_no, id_hash)
);

-- What the chain needs of a removed event, until a checkpoint cuts it off: its hash, from which nothing of it can be read.
CREATE TABLE removed_leaves (
    tenant TEXT COLLATE "C" NOT NULL,
    seq    BIGINT           NOT NULL,
    leaf   BYTEA            NOT NULL,
    PRIMARY KEY (tenant, seq)
);

-- Where the chain was cut: the last batch that is gone, and its hash, on which the next one rests. seal: the digest under the server's key.
CREATE TABLE ledger_checkpoints (
    tenant   TEXT COLLATE "C" NOT NULL,
    batch    BIGINT           NOT NULL,
    last_seq BIGINT           NOT NULL,
    hash     BYTEA            NOT NULL,
    made_ms  BIGINT           NOT NULL,
    digest   BYTEA            NOT NULL,
    seal     BYTEA            NOT NULL,
    PRIMARY KEY (tenant, batch)
);

-- keep_days: null as the server is configured, 0 for ever. kept_from_ms: what ended before may be gone. The counts are of the run that began at run_ms.
CREATE TABLE tenant_retention (
    tenant       TEXT COLLATE "C" NOT NULL,
    keep_days    BIGINT,
    kept_from_ms BIGINT,
    run_ms       BIGINT,
    finished_ms  BIGINT,
    lease_by     TEXT COLLATE "C",
    lease_ms     BIGINT,
    sessions     BIGINT           NOT NULL DEFAULT 0,
    connections  BIGINT           NOT NULL DEFAULT 0,
    events       BIGINT           NOT NULL DEFAULT 0,
    beats        BIGINT           NOT NULL DEFAULT 0,
    sign_ins     BIGINT           NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant)
);

-- What became of what a source sent of a host, counted in the transaction that stored or refused it. host_no 0: of a host that the ledger
-- does not have; source_no 0: of a source that could not be read. Beats are counted in hosts, whose row every beat writes anyway;
-- only those that were sent again or rejected are counted here.
CREATE TABLE host_sources (
    tenant            TEXT    NOT NULL,
    host_no           INTEGER NOT NULL,
    source_no         INTEGER NOT NULL,
    accepted          INTEGER NOT NULL,
    duplicate         INTEGER NOT NULL,
    late              INTEGER NOT NULL,
    backfilled        INTEGER NOT NULL,
    rejected          INTEGER NOT NULL,

    -- Arrival of the first event that came in time; null while none did. What is older than this is no late event but history.
    live_since_ms     INTEGER,

    -- Arrivals of the first and the newest accepted event; then the newest one's delay, and the newest event's time by its source's clock.
    first_received_ms INTEGER,
    last_received_ms  INTEGER,
    last_at_us        INTEGER,
    newest_us         INTEGER,

    -- Arrivals of the newest one that was late, sent again, rejected.
    late_ms           INTEGER,
    duplicate_ms      INTEGER,
    rejected_ms       INTEGER,

    -- The smallest delays in this window of arrivals and in the one before (DelayWindow), and what they say of the clock.
    window_ms         INTEGER,
    delay_ms          INTEGER,
    delay_before_ms   INTEGER,
    skew_ms           INTEGER,
    skew_at_ms        INTEGER,
    PRIMARY KEY (tenant, host_no, source_no)
) WITHOUT ROWID;

-- Of an older ledger what was accepted is known; late, repeated and rejected events are counted from here on.
INSERT INTO host_sources (tenant, host_no, source_no, accepted, duplicate, late, backfilled, rejected, newest_us)
SELECT e.tenant, e.host_no, e.source_no, COUNT(*), 0, 0, 0, 0, MAX(e.at_us)
FROM events e CROSS JOIN sources s ON s.tenant = e.tenant AND s.no = e.source_no
WHERE substr(s.name, 1, 9) <> 'rollcall:'
GROUP BY e.tenant, e.host_no, e.source_no;

-- A host with neither a beat nor an event of its own is one that somebody signed in from. Older ledgers did not write event_us.
UPDATE hosts SET is_settled = 0, event_us = (
    SELECT MAX(e.at_us) FROM events e WHERE e.tenant = hosts.tenant AND e.host_no = hosts.no AND substr(e.stream, 1, 2) <> 'i:')
WHERE event_us IS NULL AND EXISTS (
    SELECT 1 FROM events e WHERE e.tenant = hosts.tenant AND e.host_no = hosts.no AND substr(e.stream, 1, 2) <> 'i:');

ALTER TABLE hosts ADD COLUMN beats INTEGER NOT NULL DEFAULT 0;

-- Source of the newest beat, and its delays as above.
ALTER TABLE hosts ADD COLUMN beat_source_no INTEGER;
ALTER TABLE hosts ADD COLUMN window_ms INTEGER;
ALTER TABLE hosts ADD COLUMN delay_ms INTEGER;
ALTER TABLE hosts ADD COLUMN delay_before_ms INTEGER;

-- How far the host's clock is ahead, as far as can be told; from beats (1) or events (2); the newest arrival it takes in.
ALTER TABLE hosts ADD COLUMN skew_ms INTEGER;
ALTER TABLE hosts ADD COLUMN skew_from INTEGER;
ALTER TABLE hosts ADD COLUMN skew_at_ms INTEGER;

-- 1 from the warning until the skew is under half the limit: a clock at the limit is not warned about at every beat.
ALTER TABLE hosts ADD COLUMN skew_warned INTEGER NOT NULL DEFAULT 0;

-- When the lease ran out by which the host was judged silent; of use only while watch_ms is null.
ALTER TABLE hosts ADD COLUMN silent_ms INTEGER;

-- Hosts come and go here when they fall silent and come back, not with every beat.
CREATE INDEX hosts_silent ON hosts (tenant, name_key) WHERE watch_ms IS NULL AND lease_s IS NOT NULL;

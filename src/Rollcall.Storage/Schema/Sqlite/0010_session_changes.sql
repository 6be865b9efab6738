-- Which sessions were written, in the order of the commits: one row a session and transaction. Readers go on from a number they know; the oldest
-- rows go when there are many. gone_id is the id of a session that was joined with another one, and null for a session that was written.
CREATE TABLE session_changes (
    tenant     TEXT    NOT NULL,
    no         INTEGER NOT NULL,
    session_no INTEGER NOT NULL,
    gone_id    TEXT,
    at_ms      INTEGER NOT NULL,
    PRIMARY KEY (tenant, no)
) WITHOUT ROWID;

-- 1 on a beat by which sessions were read: it stays when its run is thinned, so that what the ledger said at an instant can be told again
-- (ADR 0005). Beats of before this column stay too: what is left of them says nothing twice.
ALTER TABLE host_beats ADD COLUMN is_telling INTEGER NOT NULL DEFAULT 1;

-- By which event each session was found since when: the id it had at an instant follows from it. A null anchor says that the session was
-- joined with another one then. Sessions of before this table are found by the anchor they had when it was made.
CREATE TABLE session_anchors (
    tenant     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    since_ms   INTEGER NOT NULL,
    session_no INTEGER NOT NULL,
    host_no    INTEGER NOT NULL,
    stream     TEXT    NOT NULL,
    anchor_seq INTEGER,
    PRIMARY KEY (tenant, id, since_ms)
) WITHOUT ROWID;
CREATE INDEX session_anchors_stream ON session_anchors (tenant, host_no, stream);
INSERT INTO session_anchors (tenant, id, since_ms, session_no, host_no, stream, anchor_seq)
SELECT tenant, id, 0, no, host_no, stream, anchor_seq FROM sessions;

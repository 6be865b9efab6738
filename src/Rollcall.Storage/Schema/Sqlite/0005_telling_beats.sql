-- 1 on a beat by which sessions were read: it stays when its run is thinned, so that what the ledger said at an instant can be told again
-- (ADR 0005). Beats of before this column stay too: what is left of them says nothing twice.
ALTER TABLE host_beats ADD COLUMN is_telling INTEGER NOT NULL DEFAULT 1;

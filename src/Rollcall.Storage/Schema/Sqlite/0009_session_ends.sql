-- Sessions that are over, by their end: what was open in a span is those that ended after it began and those that are open. Without it "the last
-- day" reads the whole history. Started and host stand beside, so that counting over time reads nothing else.
CREATE INDEX sessions_ended ON sessions (tenant, ended_ms, started_ms, host_no) WHERE state = 4;

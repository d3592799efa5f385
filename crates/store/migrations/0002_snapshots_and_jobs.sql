-- Snapshots, their results (stored once per inputs and engine) and the durable jobs that calculate them.

CREATE TABLE snapshots (
    id TEXT NOT NULL PRIMARY KEY,
    fund_id BIGINT NOT NULL REFERENCES funds (id),
    name TEXT NOT NULL,
    as_of TEXT NOT NULL,
    known_at BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'calculating', 'complete', 'error')),
    progress_current BIGINT NOT NULL,
    progress_total BIGINT NOT NULL,
    inputs_hash TEXT,
    engine_version TEXT,
    error TEXT,
    cached BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) {{clustered}};
CREATE INDEX snapshots_by_fund ON snapshots (fund_id, id);
CREATE INDEX snapshots_by_status ON snapshots (fund_id, status, id);

CREATE TABLE snapshot_results (
    inputs_hash TEXT NOT NULL,
    engine_version TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (inputs_hash, engine_version)
) {{strict}};

CREATE TABLE jobs (
    id {{integer_key}},
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'dead')),
    attempt BIGINT NOT NULL,
    attempts_max BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    lease_until BIGINT,
    worker TEXT,
    progress_current BIGINT NOT NULL,
    progress_total BIGINT NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (kind, subject)
) {{strict}};
CREATE INDEX jobs_to_run ON jobs (kind, state, run_at, id);
CREATE INDEX jobs_by_lease ON jobs (state, lease_until);

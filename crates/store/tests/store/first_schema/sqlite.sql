-- A database of the first schema (versions 1 to 4) on SQLite, as a program of that time left it. Kept as it is: never generate it anew.

CREATE TABLE schema_migrations (version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000000));

CREATE TABLE clock_floor (
    singleton INTEGER NOT NULL PRIMARY KEY CHECK (singleton = 1),
    recorded_at INTEGER NOT NULL
) STRICT;
INSERT INTO clock_floor (singleton, recorded_at) VALUES (1, 0);

CREATE TABLE funds (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    vintage_year INTEGER,
    committed_cents INTEGER,
    policy TEXT,
    revision INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE fund_versions (
    fund_id INTEGER NOT NULL REFERENCES funds (id),
    version INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    policy TEXT,
    PRIMARY KEY (fund_id, version)
) STRICT;

CREATE TABLE companies (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    fund_id INTEGER NOT NULL REFERENCES funds (id),
    name TEXT NOT NULL,
    sector TEXT,
    stage TEXT,
    status TEXT NOT NULL,
    lot_count INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX companies_by_fund ON companies (fund_id, id);

CREATE TABLE company_versions (
    company_id INTEGER NOT NULL REFERENCES companies (id),
    version INTEGER NOT NULL,
    fund_id INTEGER NOT NULL REFERENCES funds (id),
    recorded_at INTEGER NOT NULL,
    name TEXT NOT NULL,
    sector TEXT,
    stage TEXT,
    status TEXT NOT NULL,
    PRIMARY KEY (company_id, version)
) STRICT;
CREATE INDEX company_versions_by_fund ON company_versions (fund_id, company_id, version);

CREATE TABLE investments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    fund_id INTEGER NOT NULL REFERENCES funds (id),
    company_id INTEGER NOT NULL REFERENCES companies (id),
    round TEXT NOT NULL,
    investment_date TEXT NOT NULL,
    amount_cents INTEGER NOT NULL,
    ownership TEXT,
    post_money_valuation_cents INTEGER,
    version INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX investments_by_fund ON investments (fund_id, id);
CREATE INDEX investments_by_company ON investments (company_id, id);

CREATE TABLE lots (
    id TEXT NOT NULL PRIMARY KEY,
    fund_id INTEGER NOT NULL REFERENCES funds (id),
    company_id INTEGER NOT NULL REFERENCES companies (id),
    investment_id INTEGER NOT NULL REFERENCES investments (id),
    lot_type TEXT NOT NULL CHECK (lot_type IN ('initial', 'follow_on', 'secondary')),
    instrument TEXT NOT NULL CHECK (instrument IN ('equity', 'safe', 'note', 'warrant')),
    share_class TEXT,
    purchase_date TEXT NOT NULL,
    shares TEXT,
    share_price_cents TEXT,
    cost_cents INTEGER NOT NULL CHECK (cost_cents >= 0),
    strike_cents TEXT,
    version INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX lots_by_fund ON lots (fund_id, id);
CREATE INDEX lots_by_company ON lots (company_id, id);
CREATE INDEX lots_by_investment ON lots (investment_id, id);

CREATE TABLE lot_versions (
    fund_id INTEGER NOT NULL,
    company_id INTEGER NOT NULL,
    lot_id TEXT NOT NULL REFERENCES lots (id),
    version INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    lot_type TEXT NOT NULL,
    instrument TEXT NOT NULL,
    share_class TEXT,
    purchase_date TEXT NOT NULL,
    shares TEXT,
    share_price_cents TEXT,
    cost_cents INTEGER NOT NULL,
    strike_cents TEXT,
    PRIMARY KEY (fund_id, company_id, lot_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    id TEXT NOT NULL PRIMARY KEY,
    fund_id INTEGER NOT NULL REFERENCES funds (id),
    company_id INTEGER NOT NULL REFERENCES companies (id),
    effective_date TEXT NOT NULL,
    type TEXT NOT NULL,
    body TEXT NOT NULL,
    cash_cents INTEGER,
    reverses TEXT UNIQUE REFERENCES events (id),
    recorded_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX events_by_company ON events (company_id, id);
CREATE INDEX events_by_fund ON events (fund_id, company_id, recorded_at);

CREATE TABLE exit_case_sets (
    fund_id INTEGER NOT NULL REFERENCES funds (id),
    company_id INTEGER NOT NULL REFERENCES companies (id),
    version INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (fund_id, company_id, version)
) STRICT, WITHOUT ROWID;
INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (1, 'portfolio', '1a6f194c8007c88b48920eab17d07d7e45d7e754c2965453cef13e57adbe43a0', 1769817600000000);

CREATE TABLE snapshots (
    id TEXT NOT NULL PRIMARY KEY,
    fund_id INTEGER NOT NULL REFERENCES funds (id),
    name TEXT NOT NULL,
    as_of TEXT NOT NULL,
    known_at INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'calculating', 'complete', 'error')),
    progress_current INTEGER NOT NULL,
    progress_total INTEGER NOT NULL,
    inputs_hash TEXT,
    engine_version TEXT,
    error TEXT,
    cached INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX snapshots_by_fund ON snapshots (fund_id, id);
CREATE INDEX snapshots_by_status ON snapshots (fund_id, status, id);

CREATE TABLE snapshot_results (
    inputs_hash TEXT NOT NULL,
    engine_version TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (inputs_hash, engine_version)
) STRICT;

CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'dead')),
    attempt INTEGER NOT NULL,
    attempts_max INTEGER NOT NULL,
    run_at INTEGER NOT NULL,
    lease_until INTEGER,
    worker TEXT,
    progress_current INTEGER NOT NULL,
    progress_total INTEGER NOT NULL,
    last_error TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (kind, subject)
) STRICT;
CREATE INDEX jobs_to_run ON jobs (kind, state, run_at, id);
CREATE INDEX jobs_by_lease ON jobs (state, lease_until);
INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (2, 'snapshots_and_jobs', 'e29a356366666b3d6546e1b96ab7c72a361cf1a2594da6f862e44a9c29c4c201', 1769817600000000);

CREATE TABLE people (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL UNIQUE,
    person_id INTEGER REFERENCES people (id),
    role TEXT NOT NULL CHECK (role IN ('viewer', 'analyst', 'approver', 'operator', 'admin')),
    funds TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;

CREATE TABLE login_tokens (
    secret_hash TEXT NOT NULL PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES people (id),
    role TEXT NOT NULL,
    funds TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;

CREATE TABLE sessions (
    secret_hash TEXT NOT NULL PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES people (id),
    role TEXT NOT NULL,
    funds TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE idempotency_keys (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status INTEGER,
    location TEXT,
    body TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
) STRICT;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (3, 'access', '8e92d61c42657973cd03fdc6f4a38cb0c876fc30d4ea24dd22c9becbeed95855', 1769817600000000);

CREATE TABLE flag_states (
    key TEXT NOT NULL PRIMARY KEY,
    killed INTEGER NOT NULL,
    reason TEXT,
    changed_by TEXT,
    changed_at INTEGER,
    default_variant TEXT,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE audit_log (
    sequence INTEGER NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    fund_id INTEGER,
    details TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE INDEX audit_log_by_subject ON audit_log (subject, sequence);
CREATE INDEX audit_log_by_fund ON audit_log (fund_id, sequence);
CREATE TRIGGER audit_log_no_UPDATE BEFORE UPDATE ON audit_log BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END;
CREATE TRIGGER audit_log_no_DELETE BEFORE DELETE ON audit_log BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END;
INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (4, 'flags_audit_settings', '0c1dc90084c5e5321dddbb42dbb79be898e03f638626b7e3ba0fd56ab6a51183', 1769817600000000);

INSERT INTO funds (name, currency, vintage_year, committed_cents, policy, revision, version, created_at, updated_at) VALUES ('Cedar Ridge Ventures I', 'USD', 2021, 12500000000, '{"lotRelief":"fifo","secondaryBucket":"by_position","unpricedConvertible":"cost"}', 9, 2, 1769817600000000, 1769817660000000);
INSERT INTO fund_versions (fund_id, version, recorded_at, name, currency, policy) VALUES (1, 1, 1769817600000000, 'Cedar Ridge I', 'USD', NULL);
INSERT INTO fund_versions (fund_id, version, recorded_at, name, currency, policy) VALUES (1, 2, 1769817660000000, 'Cedar Ridge Ventures I', 'USD', '{"lotRelief":"fifo","secondaryBucket":"by_position","unpricedConvertible":"cost"}');
INSERT INTO companies (fund_id, name, sector, stage, status, lot_count, version, created_at, updated_at) VALUES (1, 'AlphaTech', 'Fintech', 'Series A', 'active', 2, 1, 1769817720000000, 1769817720000000);
INSERT INTO company_versions (company_id, version, fund_id, recorded_at, name, sector, stage, status) VALUES (1, 1, 1, 1769817720000000, 'AlphaTech', 'Fintech', 'Series A', 'active');
INSERT INTO companies (fund_id, name, sector, stage, status, lot_count, version, created_at, updated_at) VALUES (1, 'Müller & Söhne''s Bäckerei', 'Food', NULL, 'active', 1, 1, 1769817720000000, 1769817720000000);
INSERT INTO company_versions (company_id, version, fund_id, recorded_at, name, sector, stage, status) VALUES (2, 1, 1, 1769817720000000, 'Müller & Söhne''s Bäckerei', 'Food', NULL, 'active');
INSERT INTO investments (fund_id, company_id, round, investment_date, amount_cents, ownership, post_money_valuation_cents, version, recorded_at, created_at, updated_at) VALUES (1, 1, 'Seed', '2022-01-31', 150000000, '0.15', 1000000000, 1, 1769817780000000, 1769817780000000, 1769817780000000);
INSERT INTO investments (fund_id, company_id, round, investment_date, amount_cents, ownership, post_money_valuation_cents, version, recorded_at, created_at, updated_at) VALUES (1, 1, 'Series A', '2022-03-31', 100000076, NULL, NULL, 1, 1769817780000000, 1769817780000000, 1769817780000000);
INSERT INTO investments (fund_id, company_id, round, investment_date, amount_cents, ownership, post_money_valuation_cents, version, recorded_at, created_at, updated_at) VALUES (1, 2, 'Bridge', '2023-06-30', 25000000, NULL, NULL, 1, 1769817780000000, 1769817780000000, 1769817780000000);
INSERT INTO lots (id, fund_id, company_id, investment_id, lot_type, instrument, share_class, purchase_date, shares, share_price_cents, cost_cents, version, recorded_at, created_at, updated_at) VALUES ('0199f1a0-0000-7000-8000-000000000001', 1, 1, 1, 'initial', 'equity', 'PS', '2022-01-31', '518138.294565', '289.49800000', 150000000, 2, 1769817900000000, 1769817840000000, 1769817900000000);
INSERT INTO lot_versions (fund_id, company_id, lot_id, version, recorded_at, lot_type, instrument, share_class, purchase_date, shares, share_price_cents, cost_cents) VALUES (1, 1, '0199f1a0-0000-7000-8000-000000000001', 1, 1769817840000000, 'initial', 'equity', 'PS', '2022-01-31', '518138', '289.49800000', 149999915);
INSERT INTO lot_versions (fund_id, company_id, lot_id, version, recorded_at, lot_type, instrument, share_class, purchase_date, shares, share_price_cents, cost_cents) VALUES (1, 1, '0199f1a0-0000-7000-8000-000000000001', 2, 1769817900000000, 'initial', 'equity', 'PS', '2022-01-31', '518138.294565', '289.49800000', 150000000);
INSERT INTO lots (id, fund_id, company_id, investment_id, lot_type, instrument, share_class, purchase_date, shares, share_price_cents, cost_cents, version, recorded_at, created_at, updated_at) VALUES ('0199f1a0-0000-7000-8000-000000000002', 1, 1, 2, 'follow_on', 'equity', 'PS', '2022-03-31', '153750', '650.407', 100000076, 1, 1769817900000000, 1769817840000000, 1769817900000000);
INSERT INTO lot_versions (fund_id, company_id, lot_id, version, recorded_at, lot_type, instrument, share_class, purchase_date, shares, share_price_cents, cost_cents) VALUES (1, 1, '0199f1a0-0000-7000-8000-000000000002', 1, 1769817900000000, 'follow_on', 'equity', 'PS', '2022-03-31', '153750', '650.407', 100000076);
INSERT INTO lots (id, fund_id, company_id, investment_id, lot_type, instrument, share_class, purchase_date, shares, share_price_cents, cost_cents, version, recorded_at, created_at, updated_at) VALUES ('0199f1a0-0000-7000-8000-000000000003', 1, 2, 3, 'initial', 'note', NULL, '2023-06-30', NULL, NULL, 25000000, 1, 1769817900000000, 1769817840000000, 1769817900000000);
INSERT INTO lot_versions (fund_id, company_id, lot_id, version, recorded_at, lot_type, instrument, share_class, purchase_date, shares, share_price_cents, cost_cents) VALUES (1, 2, '0199f1a0-0000-7000-8000-000000000003', 1, 1769817900000000, 'initial', 'note', NULL, '2023-06-30', NULL, NULL, 25000000);
INSERT INTO events (id, fund_id, company_id, effective_date, type, body, recorded_at) VALUES ('0199f1a0-0000-7000-8000-000000000011', 1, 1, '2022-03-31', 'mark', '{"type":"mark","date":"2022-03-31","shareClass":"PS","sharePriceCents":"6504.07"}', 1769817960000000);
INSERT INTO events (id, fund_id, company_id, effective_date, type, body, reverses, recorded_at) VALUES ('0199f1a0-0000-7000-8000-000000000012', 1, 1, '2022-03-31', 'mark', '{"type":"mark","date":"2022-03-31","shareClass":"PS","sharePriceCents":"6504.07"}', '0199f1a0-0000-7000-8000-000000000011', 1769818020000000);
INSERT INTO events (id, fund_id, company_id, effective_date, type, body, recorded_at) VALUES ('0199f1a0-0000-7000-8000-000000000013', 1, 1, '2022-03-31', 'mark', '{"type":"mark","date":"2022-03-31","shareClass":"PS","sharePriceCents":"650.407"}', 1769818020000000);
INSERT INTO exit_case_sets (fund_id, company_id, version, recorded_at, body) VALUES (1, 1, 1, 1769818080000000, '[]');
INSERT INTO exit_case_sets (fund_id, company_id, version, recorded_at, body) VALUES (1, 1, 2, 1769818140000000, '[{"id":"base","probability":"3/5","exitPricesCents":{"PS":"1300"},"plannedReserves":[{"id":"series-b","amountCents":"50000000","shareClass":"PS","sharePriceCents":"800","deployProbability":"1"}]},{"id":"upside","probability":"1/10","exitPricesCents":{"PS":"4200"},"plannedReserves":[{"id":"series-b","amountCents":"50000000","shareClass":"PS","sharePriceCents":"800","deployProbability":"1"}]},{"id":"write-off","probability":"3/10","exitPricesCents":{"PS":"0"}}]');
UPDATE clock_floor SET recorded_at = 1769819400000000;
INSERT INTO snapshots (id, fund_id, name, as_of, known_at, status, progress_current, progress_total, inputs_hash, engine_version, cached, version, created_at, updated_at) VALUES ('0199f1a0-0000-7000-8000-000000000021', 1, 'Year end 2022', '2022-12-31', 1769818200000000, 'complete', 2, 2, 'sha256:abababababababababababababababababababababababababababababababab', '0.1.0', 0, 3, 1769818200000000, 1769818260000000);
INSERT INTO snapshot_results (inputs_hash, engine_version, body, created_at) VALUES ('sha256:abababababababababababababababababababababababababababababababab', '0.1.0', '{"fund":{"name":"Cedar Ridge Ventures I"}}', 1769818260000000);
INSERT INTO jobs (kind, subject, state, attempt, attempts_max, run_at, progress_current, progress_total, last_error, created_at, updated_at) VALUES ('snapshot', '0199f1a0-0000-7000-8000-000000000022', 'dead', 5, 5, 1769818320000000, 0, 2, 'the worker was killed', 1769818320000000, 1769818380000000);
INSERT INTO people (name, version, created_at, updated_at) VALUES ('Ada Okonkwo', 1, 1769817600000000, 1769817600000000);
INSERT INTO tokens (name, secret_hash, person_id, role, funds, created_at) VALUES ('nightly export', 'c9c117b18d6c1bd06d52dbcf8cc671bbf6a2b0382024ff5fb1a7afc842043f54', 1, 'analyst', '1', 1769818440000000);
INSERT INTO login_tokens (secret_hash, person_id, role, created_at, expires_at, used_at) VALUES ('5a3464444d33a68463513f5da667da8e38aaab130f7eeed4b4387644bcada617', 1, 'admin', 1769817600000000, 1769904000000000, 1769817660000000);
INSERT INTO sessions (secret_hash, person_id, role, created_at, expires_at) VALUES ('1e2952b478968fb69e105423445683880726a3929232c26772e629d7ecf762cd', 1, 'admin', 1769817660000000, 1769904000000000);
INSERT INTO idempotency_keys (scope, key, request_hash, status, location, body, created_at) VALUES ('person:1', 'b1f7', '0000000000000000000000000000000000000000000000000000000000000000', 201, '/api/funds/1', '{"id":1}', 1769817600000000);
INSERT INTO flag_states (key, killed, reason, changed_by, changed_at, version) VALUES ('enableLotLevelMoic', 1, 'wrong marks', 'person:1', 1769818800000000, 2);
INSERT INTO settings (key, value, version, updated_at) VALUES ('announcement', 'null', 1, 1769818800000000);
INSERT INTO audit_log (sequence, at, actor, action, subject, fund_id, details, previous_hash, hash) VALUES (1, 1769817720000000, 'person:1', 'fund.create', 'fund:1', 1, '{}', '0000000000000000000000000000000000000000000000000000000000000000', '8a7c436e33588cf24c996dd02c765e95f1374501a5d99f922a83954cb2b8703f');
INSERT INTO audit_log (sequence, at, actor, action, subject, fund_id, details, previous_hash, hash) VALUES (2, 1769817840000000, 'person:1', 'lot.create', 'lot:0199f1a0-0000-7000-8000-000000000001', 1, '{}', '8a7c436e33588cf24c996dd02c765e95f1374501a5d99f922a83954cb2b8703f', '56ff34e593d3090a839fa432c3ab3efd1f1ba06c28db48879feb83d074deda18');
INSERT INTO audit_log (sequence, at, actor, action, subject, fund_id, details, previous_hash, hash) VALUES (3, 1769817960000000, 'person:1', 'flag.kill', 'flag:enableLotLevelMoic', NULL, '{"reason":"wrong marks"}', '56ff34e593d3090a839fa432c3ab3efd1f1ba06c28db48879feb83d074deda18', '95e9a09a6525be3a798d32baf804d18b19aeb6dd0af897eaead301a8a57b3e84');

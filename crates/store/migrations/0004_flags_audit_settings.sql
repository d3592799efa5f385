-- The stored state of flags, settings, and the audit log, which nobody can change or delete from.

CREATE TABLE flag_states (
    key TEXT NOT NULL PRIMARY KEY,
    killed BIGINT NOT NULL,
    reason TEXT,
    changed_by TEXT,
    changed_at BIGINT,
    default_variant TEXT,
    version BIGINT NOT NULL
) {{strict}};

CREATE TABLE settings (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    version BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) {{strict}};

CREATE TABLE audit_log (
    sequence BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    fund_id BIGINT,
    details TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL
) {{strict}};
CREATE INDEX audit_log_by_subject ON audit_log (subject, sequence);
CREATE INDEX audit_log_by_fund ON audit_log (fund_id, sequence);
{{append_only:audit_log}}

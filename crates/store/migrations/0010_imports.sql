-- Imports, what each of them made, and the names that files give to records. What an import made and is taken back is
-- withdrawn from then on: every earlier state of knowledge still has it.

ALTER TABLE companies ADD COLUMN withdrawn_at BIGINT;
ALTER TABLE investments ADD COLUMN withdrawn_at BIGINT;
ALTER TABLE lots ADD COLUMN withdrawn_at BIGINT;
ALTER TABLE lots ADD COLUMN pricing_confidence TEXT;
CREATE INDEX companies_withdrawn ON companies (fund_id, id) WHERE withdrawn_at IS NOT NULL;
CREATE INDEX lots_withdrawn ON lots (fund_id, company_id) WHERE withdrawn_at IS NOT NULL;

CREATE TABLE imports (
    id TEXT NOT NULL PRIMARY KEY,
    fund_id BIGINT NOT NULL REFERENCES funds (id),
    source TEXT NOT NULL CHECK (source IN ('file', 'legacy')),
    name TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    counts TEXT NOT NULL,
    actor TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    undone_at BIGINT,
    undone_by TEXT
) {{clustered}};
CREATE INDEX imports_by_fund ON imports (fund_id, id);

CREATE TABLE import_references (
    fund_id BIGINT NOT NULL REFERENCES funds (id),
    kind TEXT NOT NULL CHECK (kind IN ('company', 'lot')),
    company_id BIGINT NOT NULL,
    reference TEXT NOT NULL,
    record_id TEXT NOT NULL,
    import_id TEXT NOT NULL REFERENCES imports (id),
    is_new BIGINT NOT NULL,
    PRIMARY KEY (fund_id, kind, company_id, reference)
) {{clustered}};
CREATE INDEX import_references_by_import ON import_references (import_id, kind);

CREATE TABLE import_changes (
    import_id TEXT NOT NULL REFERENCES imports (id),
    position BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('company', 'lot', 'event', 'exit_cases')),
    company_id BIGINT NOT NULL,
    record_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    before TEXT,
    PRIMARY KEY (import_id, position)
) {{clustered}};

CREATE TABLE import_mappings (
    fund_id BIGINT NOT NULL PRIMARY KEY REFERENCES funds (id),
    body TEXT NOT NULL,
    version BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) {{strict}};

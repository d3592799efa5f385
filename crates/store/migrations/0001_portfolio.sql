-- Funds, companies, investments, lots, events, exit cases. A fact carries the instant it was recorded at; what can be
-- corrected keeps every version, so that any earlier state of knowledge can be read again.

CREATE TABLE clock_floor (
    singleton BIGINT NOT NULL PRIMARY KEY CHECK (singleton = 1),
    recorded_at BIGINT NOT NULL
) {{strict}};
INSERT INTO clock_floor (singleton, recorded_at) VALUES (1, 0);

CREATE TABLE funds (
    id {{integer_key}},
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    vintage_year BIGINT,
    committed_cents BIGINT,
    policy TEXT,
    revision BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) {{strict}};

CREATE TABLE fund_versions (
    fund_id BIGINT NOT NULL REFERENCES funds (id),
    version BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    policy TEXT,
    PRIMARY KEY (fund_id, version)
) {{strict}};

CREATE TABLE companies (
    id {{integer_key}},
    fund_id BIGINT NOT NULL REFERENCES funds (id),
    name TEXT NOT NULL,
    sector TEXT,
    stage TEXT,
    status TEXT NOT NULL,
    lot_count BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) {{strict}};
CREATE INDEX companies_by_fund ON companies (fund_id, id);

CREATE TABLE company_versions (
    company_id BIGINT NOT NULL REFERENCES companies (id),
    version BIGINT NOT NULL,
    fund_id BIGINT NOT NULL REFERENCES funds (id),
    recorded_at BIGINT NOT NULL,
    name TEXT NOT NULL,
    sector TEXT,
    stage TEXT,
    status TEXT NOT NULL,
    PRIMARY KEY (company_id, version)
) {{strict}};
CREATE INDEX company_versions_by_fund ON company_versions (fund_id, company_id, version);

CREATE TABLE investments (
    id {{integer_key}},
    fund_id BIGINT NOT NULL REFERENCES funds (id),
    company_id BIGINT NOT NULL REFERENCES companies (id),
    round TEXT NOT NULL,
    investment_date TEXT NOT NULL,
    amount_cents BIGINT NOT NULL,
    ownership TEXT,
    post_money_valuation_cents BIGINT,
    version BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) {{strict}};
CREATE INDEX investments_by_fund ON investments (fund_id, id);
CREATE INDEX investments_by_company ON investments (company_id, id);

CREATE TABLE lots (
    id TEXT NOT NULL PRIMARY KEY,
    fund_id BIGINT NOT NULL REFERENCES funds (id),
    company_id BIGINT NOT NULL REFERENCES companies (id),
    investment_id BIGINT NOT NULL REFERENCES investments (id),
    lot_type TEXT NOT NULL CHECK (lot_type IN ('initial', 'follow_on', 'secondary')),
    instrument TEXT NOT NULL CHECK (instrument IN ('equity', 'safe', 'note', 'warrant')),
    share_class TEXT,
    purchase_date TEXT NOT NULL,
    shares TEXT,
    share_price_cents TEXT,
    cost_cents BIGINT NOT NULL CHECK (cost_cents >= 0),
    strike_cents TEXT,
    version BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) {{clustered}};
CREATE INDEX lots_by_fund ON lots (fund_id, id);
CREATE INDEX lots_by_company ON lots (company_id, id);
CREATE INDEX lots_by_investment ON lots (investment_id, id);

CREATE TABLE lot_versions (
    fund_id BIGINT NOT NULL,
    company_id BIGINT NOT NULL,
    lot_id TEXT NOT NULL REFERENCES lots (id),
    version BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    lot_type TEXT NOT NULL,
    instrument TEXT NOT NULL,
    share_class TEXT,
    purchase_date TEXT NOT NULL,
    shares TEXT,
    share_price_cents TEXT,
    cost_cents BIGINT NOT NULL,
    strike_cents TEXT,
    PRIMARY KEY (fund_id, company_id, lot_id, version)
) {{clustered}};

CREATE TABLE events (
    id TEXT NOT NULL PRIMARY KEY,
    fund_id BIGINT NOT NULL REFERENCES funds (id),
    company_id BIGINT NOT NULL REFERENCES companies (id),
    effective_date TEXT NOT NULL,
    type TEXT NOT NULL,
    body TEXT NOT NULL,
    cash_cents BIGINT,
    reverses TEXT UNIQUE REFERENCES events (id),
    recorded_at BIGINT NOT NULL
) {{clustered}};
CREATE INDEX events_by_company ON events (company_id, id);
CREATE INDEX events_by_fund ON events (fund_id, company_id, recorded_at);

CREATE TABLE exit_case_sets (
    fund_id BIGINT NOT NULL REFERENCES funds (id),
    company_id BIGINT NOT NULL REFERENCES companies (id),
    version BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (fund_id, company_id, version)
) {{clustered}};

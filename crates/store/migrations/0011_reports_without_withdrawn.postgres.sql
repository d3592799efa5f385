-- The reporting views leave out what was withdrawn. PostgreSQL only.

CREATE OR REPLACE VIEW report_companies AS SELECT
    id, fund_id, name, sector, stage, status, version,
    lotwise_instant(created_at) AS created_at, lotwise_instant(updated_at) AS updated_at
FROM companies WHERE withdrawn_at IS NULL;

CREATE OR REPLACE VIEW report_investments AS SELECT
    id, fund_id, company_id, round, investment_date::date AS investment_date, amount_cents::numeric / 100 AS amount,
    ownership::numeric AS ownership, post_money_valuation_cents::numeric / 100 AS post_money_valuation, version,
    lotwise_instant(created_at) AS created_at
FROM investments WHERE withdrawn_at IS NULL;

CREATE OR REPLACE VIEW report_lots AS SELECT
    id::uuid AS id, fund_id, company_id, investment_id, lot_type, instrument, share_class,
    purchase_date::date AS purchase_date, shares::numeric AS shares, share_price_cents AS share_price_cents_exact,
    CASE WHEN share_price_cents NOT LIKE '%/%' THEN share_price_cents::numeric / 100 END AS share_price,
    cost_cents::numeric / 100 AS cost, strike_cents AS strike_cents_exact, version,
    lotwise_instant(recorded_at) AS recorded_at, lotwise_instant(created_at) AS created_at, pricing_confidence
FROM lots WHERE withdrawn_at IS NULL;

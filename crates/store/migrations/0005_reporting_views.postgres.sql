-- Typed views for people who open the database with their own tools. PostgreSQL only.

CREATE FUNCTION lotwise_instant(microseconds BIGINT) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT to_timestamp(0) + microseconds * interval '1 microsecond' $$;

CREATE VIEW report_funds AS SELECT
    id, name, currency, vintage_year::integer AS vintage_year, committed_cents::numeric / 100 AS committed,
    revision, version, lotwise_instant(created_at) AS created_at, lotwise_instant(updated_at) AS updated_at
FROM funds;

CREATE VIEW report_companies AS SELECT
    id, fund_id, name, sector, stage, status, version,
    lotwise_instant(created_at) AS created_at, lotwise_instant(updated_at) AS updated_at
FROM companies;

CREATE VIEW report_investments AS SELECT
    id, fund_id, company_id, round, investment_date::date AS investment_date, amount_cents::numeric / 100 AS amount,
    ownership::numeric AS ownership, post_money_valuation_cents::numeric / 100 AS post_money_valuation, version,
    lotwise_instant(created_at) AS created_at
FROM investments;

-- A price can be an exact fraction ("1/3"), which is no numeric: it is kept as text beside.
CREATE VIEW report_lots AS SELECT
    id::uuid AS id, fund_id, company_id, investment_id, lot_type, instrument, share_class,
    purchase_date::date AS purchase_date, shares::numeric AS shares, share_price_cents AS share_price_cents_exact,
    CASE WHEN share_price_cents NOT LIKE '%/%' THEN share_price_cents::numeric / 100 END AS share_price,
    cost_cents::numeric / 100 AS cost, strike_cents AS strike_cents_exact, version,
    lotwise_instant(recorded_at) AS recorded_at, lotwise_instant(created_at) AS created_at
FROM lots;

CREATE VIEW report_events AS SELECT
    e.id::uuid AS id, e.fund_id, e.company_id, e.effective_date::date AS effective_date, e.type, e.body::jsonb AS body,
    e.cash_cents::numeric / 100 AS cash, e.reverses::uuid AS reverses, r.id::uuid AS reversed_by,
    lotwise_instant(e.recorded_at) AS recorded_at
FROM events e LEFT JOIN events r ON r.reverses = e.id;

CREATE VIEW report_snapshots AS SELECT
    s.id::uuid AS id, s.fund_id, s.name, s.as_of::date AS as_of, lotwise_instant(s.known_at) AS known_at, s.status,
    s.inputs_hash, s.engine_version, s.error, s.cached <> 0 AS cached, r.body::jsonb AS result,
    lotwise_instant(s.created_at) AS created_at, lotwise_instant(s.updated_at) AS updated_at
FROM snapshots s
LEFT JOIN snapshot_results r ON r.inputs_hash = s.inputs_hash AND r.engine_version = s.engine_version;

CREATE VIEW report_audit_log AS SELECT
    sequence, lotwise_instant(at) AS at, actor, action, subject, fund_id, details::jsonb AS details, previous_hash, hash
FROM audit_log;

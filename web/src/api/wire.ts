/** What the page reads and writes, as the API sends it. Amounts are decimal strings of cents. */
import type { Lens, Lenses } from "../lenses/lens";

export interface Fund {
  id: number;
  name: string;
  currency: string;
  vintageYear?: number | null;
  committedCents?: string | null;
}

export interface FundList {
  funds: Fund[];
  pagination: { hasMore: boolean; nextCursor?: string | null };
}

export interface LegacyMultiple {
  value: string | null;
  display: string | null;
  numeratorCents: string | null;
  denominatorCents: string | null;
  reason: string | null;
}

export interface LegacyAmounts {
  moic: LegacyMultiple;
  investedCents: string | null;
  realisedCents: string | null;
  unrealisedCents: string | null;
}

export interface LegacyCompany extends LegacyAmounts {
  companyId: number;
  name: string;
  sector?: string | null;
  basis?: string;
}

/** `GET /api/funds/{fundId}/moic` */
export interface LegacyMoic {
  fundId: number;
  currency: string;
  fund: LegacyAmounts;
  companies: LegacyCompany[];
}

/** `GET /api/funds/{fundId}/portfolio/lots/moic` */
export interface LensReport {
  asOf: string;
  inputsHash: string;
  engineVersion: string;
  fund: { lenses: Lenses; coverage?: string | null };
  companies: { id: string; lenses: Lenses; lots?: { id: string; current_moic: Lens }[] }[];
  sectors?: { sector: string | null; lenses: Lenses }[];
  warnings?: { path: string; value: string; message: string }[];
}

export interface Problem {
  title?: string;
  error?: string;
  message?: string;
  detail?: string;
  correlationId?: string;
  feature?: string;
  fallback?: { endpoint: string; description: string };
}

/** The state of the feature for the one who asks, and the banner to show. */
export interface ClientState {
  flags?: Record<string, { enabled: boolean; reason?: string; killed?: boolean }>;
  banner?: { kind: string; text: string } | null;
}

interface Answers<Body> {
  responses: {
    200: { content: { "application/json": Body } };
    default: { content: { "application/problem+json": Problem } };
  };
}

export interface paths {
  "/api/session": {
    post: {
      requestBody: { content: { "application/json": { token: string } } };
    } & Answers<Record<string, unknown>>;
  };
  "/api/client-state": { get: Answers<ClientState> };
  "/api/funds": {
    get: { parameters: { query?: { limit?: number; cursor?: string } } } & Answers<FundList>;
  };
  "/api/funds/{fundId}/moic": {
    get: { parameters: { path: { fundId: number } } } & Answers<LegacyMoic>;
  };
  "/api/funds/{fundId}/portfolio/lots/moic": {
    get: {
      parameters: { path: { fundId: number }; query?: { asOf?: string; knownAt?: string } };
    } & Answers<LensReport>;
  };
}

/** What can be chosen on the list of rollouts; it stands in the URL. */
export interface RolloutsSearch {
  flag?: string;
}

export function rolloutsSearch({ flag }: Record<string, unknown>): RolloutsSearch {
  return typeof flag === "string" && flag !== "" ? { flag } : {};
}

export const DETAILS = ["decisions", "comparison", "history", "policy"] as const;
export type Detail = (typeof DETAILS)[number];

/** Spans of the charts, in seconds. A day is what the server answers at most. */
export const SPANS = { "15m": 900, "1h": 3_600, "6h": 21_600, "24h": 86_400 } as const;
export type Span = keyof typeof SPANS;

/** What can be chosen on the page of a rollout: what its lower part shows, how far back its charts go, which decision is open. */
export interface RolloutSearch {
  show?: Detail;
  span?: Span;
  decision?: number;
}

/** Reads the search part of the URL. What it does not know is dropped, so an old link still opens. */
export function rolloutSearch({ show, span, decision }: Record<string, unknown>): RolloutSearch {
  return {
    ...(DETAILS.includes(show as Detail) ? { show: show as Detail } : {}),
    ...(typeof span === "string" && Object.hasOwn(SPANS, span) ? { span: span as Span } : {}),
    ...(typeof decision === "number" && Number.isSafeInteger(decision) ? { decision } : {}),
  };
}

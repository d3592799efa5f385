import { formatLasting } from "./format";
import type { Series } from "./LiveChart";
import { QUANTILE_WINDOW_MS, RATE_WINDOW_MS } from "./series";

export const QUANTILES: readonly Series[] = [
  { key: "p50", label: "P50", tone: "calm" },
  { key: "p95", label: "P95", tone: "accent" },
  { key: "p99", label: "P99", tone: "notice" },
];
export const BY_ACCESS: readonly Series[] = [
  { key: "read", label: "Reading", tone: "accent" },
  { key: "write", label: "Writing", tone: "notice" },
];
export const BY_ARM: readonly Series[] = [
  { key: "treatment", label: "Treatment", tone: "accent" },
  { key: "control", label: "Control", tone: "calm" },
];

export const A_MINUTE = `per minute, over ${formatLasting(RATE_WINDOW_MS)}`;
export const LATELY = `over ${formatLasting(QUANTILE_WINDOW_MS)}`;
export const TWO_READINGS = "Two readings make a rate.";

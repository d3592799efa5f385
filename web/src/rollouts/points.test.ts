import { expect, test } from "vitest";
import { readTicks, type Tick } from "../evidence/tick";
import { points } from "./points";

const LATENCY = { "0.1": 50, "0.2": 95, "0.4": 100, "+Inf": 100 };

function tick(second: number, failures = 0): Tick {
  const at = new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
  const control = { requests: 0, failures: 0 };
  const line = { at, treatment: { requests: 100, failures, latency: LATENCY }, control };
  const [read] = readTicks(JSON.stringify(line));
  if (!read) throw new Error("a line is a tick");
  return read;
}

test("ticks are summed before shares and quantiles are taken", () => {
  const found = points([tick(15, 3), tick(30, 1), tick(45)], 2);
  expect(found.map(({ treatment }) => treatment.requests)).toEqual([200, 100]);
  expect(found[0]?.treatment.errorRate).toBeCloseTo(0.02);
  expect(found[0]?.treatment.p50).toBeCloseTo(0.1);
  expect(found[0]?.at).toBe("2026-01-01T00:00:30.000Z");
});

test("an arm without requests has no rate, which is not a rate of nought", () => {
  const [first] = points([tick(15)], 60);
  expect(first?.control.errorRate).toBeNull();
  expect(first?.control.p95).toBeNull();
});

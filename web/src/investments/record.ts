import { api, body } from "../api/client";
import type { components } from "../api/schema";
import { newSubmissionKey } from "../api/submission-key";

type Schemas = components["schemas"];

/**
 * The same body goes out again under the same key, and another body under a new one. Keys are kept by the tab, so that an
 * answer that was lost, and a reload after it, record nothing twice.
 */
function keyFor(sent: unknown): string {
  const place = placeOf(sent);
  try {
    const kept = window.sessionStorage.getItem(place) ?? newSubmissionKey();
    window.sessionStorage.setItem(place, kept);
    return kept;
  } catch {
    return newSubmissionKey();
  }
}

/** Once something is recorded, the same again is meant as a second one. */
function forgetKey(sent: unknown): void {
  try {
    window.sessionStorage.removeItem(placeOf(sent));
  } catch {
    // Nothing is kept, so there is nothing to forget.
  }
}

function placeOf(sent: unknown): string {
  return `lotwise.submission.${JSON.stringify(sent)}`;
}

export async function recordInvestment(
  fundId: number,
  investment: Schemas["NewInvestment"],
): Promise<number> {
  const sent = { fundId, investment };
  const header = { "Idempotency-Key": keyFor(sent) };
  const params = { path: { fundId }, header };
  const url = "/api/funds/{fundId}/investments";
  const { id } = await body(api.POST(url, { params, body: investment }));
  forgetKey(sent);
  return id;
}

export async function recordLot(fundId: number, lot: Schemas["NewLot"]): Promise<void> {
  const sent = { fundId, lot };
  const header = { "Idempotency-Key": keyFor(sent) };
  const params = { path: { fundId }, header };
  await body(api.POST("/api/funds/{fundId}/portfolio/lots", { params, body: lot }));
  forgetKey(sent);
}

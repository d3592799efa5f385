const KEY_BYTES = 16;

/**
 * A new `Idempotency-Key`: sent again with the same body, it records nothing twice. Not `crypto.randomUUID`, which a page
 * served without TLS on a private network does not have.
 */
export function newSubmissionKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

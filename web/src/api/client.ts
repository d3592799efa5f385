import createClient from "openapi-fetch";
import { overrideHeader } from "../flags/overrides";
import { RequestFailed } from "./problem";
import type { paths } from "./schema";
import type { Problem } from "./wire";

const client = createClient<paths>({
  baseUrl: "/",
  credentials: "same-origin",
  // Read at each call, so that a test can put its own in place.
  fetch: (request) => globalThis.fetch(request),
});

client.use({
  onRequest({ request }) {
    const override = overrideHeader();
    if (override !== null) request.headers.set("X-Feature-Override", override);
    return request;
  },
});

export const api = client;

/** The body of a successful answer. Every failure is thrown as a {@link RequestFailed}. */
export async function body<Data>(
  call: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  const { data, error, response } = await call.catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw RequestFailed.unreachable();
  });
  if (!response.ok || data === undefined) {
    throw new RequestFailed(
      response.status,
      isProblem(error) ? error : {},
      response.headers.get("X-Request-Id"),
    );
  }
  return data;
}

/** An answer without a body, which is not a failure here. Every failure is thrown as a {@link RequestFailed}. */
export async function done(call: Promise<{ error?: unknown; response: Response }>): Promise<void> {
  await body(
    call.then(({ error, response }) => ({
      ...(response.ok ? { data: null } : {}),
      error,
      response,
    })),
  );
}

function isProblem(value: unknown): value is Partial<Problem> {
  return typeof value === "object" && value !== null;
}

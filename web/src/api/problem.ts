import type { Problem } from "./wire";

/** A request that failed, with what a person needs in order to report it. */
export class RequestFailed extends Error {
  override readonly name = "RequestFailed";
  /** The HTTP status; 0 when the server could not be reached. */
  readonly status: number;
  /** The `error` code of the problem document, such as `not_found`. */
  readonly code: string;
  readonly requestId: string | null;
  readonly problem: Partial<Problem>;

  constructor(status: number, problem: Partial<Problem>, requestId: string | null) {
    super(problem.message ?? problem.detail ?? problem.title ?? `The server answered ${status}.`);
    this.status = status;
    this.code = problem.error ?? "";
    this.requestId = problem.correlationId ?? requestId;
    this.problem = problem;
  }

  static unreachable(): RequestFailed {
    const message = "The server cannot be reached. Check the connection and try again.";
    return new RequestFailed(0, { message }, null);
  }

  /** Whether the route is closed by its flag, so that the legacy answer is to be shown. */
  get isFeatureDisabled(): boolean {
    return this.status === 503 && this.code === "feature_disabled";
  }

  get isSignedOut(): boolean {
    return this.status === 401;
  }

  /** Whether the same request may well succeed in a moment. */
  get isPassing(): boolean {
    return this.status === 0 || (this.status >= 500 && !this.isFeatureDisabled);
  }
}

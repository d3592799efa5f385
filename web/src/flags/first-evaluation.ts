import { ErrorCode, type ResolutionDetails } from "@openfeature/react-sdk";
import type { ClientState } from "../api/wire";
import type { RemoteProvider } from "./flag-chain";

/** The id that the server gives the element; a block of data, which no browser runs. */
const ELEMENT_ID = "first-evaluation";

/** What the server had to say of the flags when it served the page, the person's own wishes left aside. */
export interface FirstEvaluation {
  readonly clientState: ClientState;
  /** The page's flags as OFREP answers them. */
  readonly flags: readonly EvaluatedFlag[];
}

interface EvaluatedFlag {
  readonly key: string;
  readonly value?: unknown;
  readonly variant?: string;
  readonly reason?: string;
  readonly metadata?: Readonly<Record<string, string | number | boolean>>;
}

/** The evaluation that the page was served with; null without a session, and where another server serves the page. */
export function firstEvaluation(page: Document = document): FirstEvaluation | null {
  const text = page.getElementById(ELEMENT_ID)?.textContent;
  if (!text) return null;
  try {
    return JSON.parse(text) as FirstEvaluation;
  } catch {
    // The page asks the server, then.
    return null;
  }
}

/** Answers from the first evaluation, as the provider that asks the server would. */
export function providerOf({ flags }: FirstEvaluation): RemoteProvider {
  const known = new Map(flags.map((flag) => [flag.key, flag]));
  return {
    resolveBooleanEvaluation(key, unknown): ResolutionDetails<boolean> {
      const flag = known.get(key);
      if (typeof flag?.value !== "boolean")
        return { value: unknown, errorCode: ErrorCode.FLAG_NOT_FOUND };
      const { value, variant, reason, metadata = {} } = flag;
      return {
        value,
        flagMetadata: metadata,
        ...(variant && { variant }),
        ...(reason && { reason }),
      };
    },
  };
}

import type { FlagKey as OwnFlagKey } from "./overrides";

declare module "@openfeature/core" {
  /** Asking OpenFeature for a flag that the server does not have does not compile. */
  export type BooleanFlagKey = OwnFlagKey;
}

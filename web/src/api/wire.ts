/** Names for what the page reads, as the server's own description has it. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type ClientState = Schemas["ClientState"];
export type Fund = Schemas["Fund"];
export type LegacyAmounts = Schemas["LegacyAmounts"];
export type LegacyMoic = Schemas["LegacyMoic"];
export type LegacyMultiple = Schemas["LegacyMultiple"];
export type LensResult = Schemas["LensResult"];
export type Session = Schemas["Session"];
export type Problem = Schemas["Problem"];
export type WireLens = Schemas["Lens"];

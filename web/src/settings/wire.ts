/** Names for what the page reads and sends, as the server's own description has it. */
import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type FlagOfCaller = Schemas["FlagOfCaller"];
export type NewToken = Schemas["NewToken"];
export type OwnSession = Schemas["OwnSession"];
export type Person = Schemas["Person"];
export type PersonChange = Schemas["Change_PersonFields"];
export type SignInLink = Schemas["SignInLink"];
export type Token = Schemas["Token"];

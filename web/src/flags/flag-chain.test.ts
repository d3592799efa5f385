import { OpenFeature, ProviderEvents } from "@openfeature/react-sdk";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { ClientState } from "../api/wire";
import { FlagChain } from "./flag-chain";
import { ofrepProvider } from "./ofrep";
import { readAddress } from "./overrides";

afterEach(async () => {
  await OpenFeature.clearProviders();
  vi.unstubAllGlobals();
  window.localStorage.clear();
  readAddress(new URL("http://localhost/"));
  window.localStorage.clear();
});

type Settings = ClientState["clientSettings"];

function stateOf(environment: ClientState["environment"], settings: Settings = {}): ClientState {
  return { environment, flags: {}, useFundStore: true, clientSettings: settings };
}

/** What the server answers to OFREP's question for all flags; null when it cannot. */
type Remote = Readonly<Record<string, { value: boolean; killed?: boolean }>> | null;

/** OpenFeature's client on the page's own chain, in front of a server that answers as told. */
async function openFeature(remote: () => Remote, state: ClientState | null) {
  const asked: Request[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(request);
    const flags = remote();
    if (flags === null) return Response.json({}, { status: 503 });
    return Response.json({
      flags: Object.entries(flags).map(([key, { value, killed }]) => ({
        key,
        value,
        reason: "STATIC",
        variant: value ? "on" : "off",
        metadata: killed ? { killed } : {},
      })),
    });
  });
  const chain = new FlagChain(ofrepProvider);
  await OpenFeature.setProviderAndWait(chain);
  const client = OpenFeature.getClient();
  // Until the server has answered, or could not.
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(0));
  await chain.learn(state);
  await vi.waitFor(() =>
    expect(client.getBooleanDetails("useFundStore", false).errorCode).toBeUndefined(),
  );
  return { chain, client, asked };
}

/** The flag as OFREP answers it. */
function served(value: boolean, metadata: Readonly<Record<string, boolean>> = {}) {
  const variant = value ? "on" : "off";
  return { key: "enableLotLevelMoic", value, variant, reason: "STATIC", metadata };
}

const unanswered = () => null;

describe("F1: without an answer of the server the feature", () => {
  it("F1: is off by default in production", async () => {
    const { client } = await openFeature(unanswered, stateOf("production"));
    expect(client.getBooleanValue("enableLotLevelMoic", true)).toBe(false);
    // A server that cannot be asked for its environment may be one in production.
    const { client: blind } = await openFeature(unanswered, null);
    expect(blind.getBooleanValue("enableLotLevelMoic", true)).toBe(false);
  });

  it("F1: is on by default in development and staging, and useFundStore everywhere (A2, A3)", async () => {
    for (const environment of ["development", "staging"] as const) {
      const { client } = await openFeature(unanswered, stateOf(environment));
      expect(client.getBooleanValue("enableLotLevelMoic", false)).toBe(true);
    }
    const { client } = await openFeature(unanswered, stateOf("production"));
    expect(client.getBooleanValue("useFundStore", false)).toBe(true);
  });

  it("F1: honours the environment variable", async () => {
    const on = stateOf("production", { enableLotLevelMoic: true });
    const { client } = await openFeature(unanswered, on);
    expect(client.getBooleanDetails("enableLotLevelMoic", false)).toMatchObject({
      value: true,
      flagMetadata: { decidedBy: "setting" },
    });
  });

  it("F1: is overridden by the URL parameter", async () => {
    const { client } = await openFeature(unanswered, stateOf("production"));
    readAddress(new URL("http://localhost/?ff_enableLotLevelMoic=1"));
    expect(client.getBooleanValue("enableLotLevelMoic", false)).toBe(true);
    window.localStorage.setItem("ff_enableLotLevelMoic", "1");
    readAddress(new URL("http://localhost/?ff_enableLotLevelMoic=0"));
    expect(client.getBooleanValue("enableLotLevelMoic", true)).toBe(false);
  });

  it("F1: is overridden by the storage key", async () => {
    const { client } = await openFeature(unanswered, stateOf("production"));
    window.localStorage.setItem("ff_enableLotLevelMoic", "1");
    expect(client.getBooleanValue("enableLotLevelMoic", false)).toBe(true);
    window.localStorage.setItem("ff_enableLotLevelMoic", "0");
    expect(client.getBooleanValue("enableLotLevelMoic", true)).toBe(false);
  });
});

describe("the chain of providers", () => {
  it("asks the server before the setting that turns a flag on, and after the one that turns it off", async () => {
    const off = () => ({ enableLotLevelMoic: { value: false }, useFundStore: { value: true } });
    const settings = { enableLotLevelMoic: true, useFundStore: false };
    const { client } = await openFeature(off, stateOf("development", settings));
    expect(client.getBooleanDetails("enableLotLevelMoic", true)).toMatchObject({
      value: false,
      flagMetadata: { decidedBy: "server" },
    });
    window.localStorage.setItem("ff_useFundStore", "1");
    expect(client.getBooleanValue("useFundStore", true)).toBe(false);
  });

  it("lets a person leave, whatever the server says (A4)", async () => {
    const { client } = await openFeature(
      () => ({ enableLotLevelMoic: { value: true }, useFundStore: { value: true } }),
      stateOf("production"),
    );
    expect(client.getBooleanValue("enableLotLevelMoic", false)).toBe(true);
    window.localStorage.setItem("ff_enableLotLevelMoic", "0");
    expect(client.getBooleanDetails("enableLotLevelMoic", true)).toMatchObject({
      value: false,
      flagMetadata: { decidedBy: "wish", served: true },
    });
  });

  it("does not let anybody wish back what is killed", async () => {
    const { client } = await openFeature(
      () => ({ enableLotLevelMoic: { value: false, killed: true }, useFundStore: { value: true } }),
      stateOf("production"),
    );
    readAddress(new URL("http://localhost/?ff_enableLotLevelMoic=1"));
    window.localStorage.setItem("ff_enableLotLevelMoic", "1");
    expect(client.getBooleanValue("enableLotLevelMoic", true)).toBe(false);
  });

  it("sends the wish to the server, which decides about it", async () => {
    window.localStorage.setItem("ff_enableLotLevelMoic", "1");
    const { asked } = await openFeature(() => ({}), stateOf("production"));
    expect(new URL(asked[0]?.url ?? "").pathname).toBe("/ofrep/v1/evaluate/flags");
    expect(asked[0]?.headers.get("X-Feature-Override")).toBe("enableLotLevelMoic=1");
  });

  it("asks anew when the server's flags change, and tells of it", async () => {
    let value = true;
    const { chain, client, asked } = await openFeature(
      () => ({ enableLotLevelMoic: { value } }),
      stateOf("production"),
    );
    const changes: (readonly string[] | undefined)[] = [];
    client.addHandler(ProviderEvents.ConfigurationChanged, (event) => {
      changes.push(event?.flagsChanged);
    });
    await chain.learn(stateOf("production"));
    expect(asked).toHaveLength(1);
    value = false;
    await chain.learn({ ...stateOf("production"), banner: { kind: "unavailable", text: "" } });
    expect(asked).toHaveLength(2);
    expect(client.getBooleanValue("enableLotLevelMoic", true)).toBe(false);
    expect(changes).toEqual([["enableLotLevelMoic"]]);
  });

  it("asks a server that could not answer again, and one that knows nobody not", async () => {
    vi.useFakeTimers();
    let status = 503;
    const asked = vi.fn(async () => Response.json({ flags: [] }, { status }));
    vi.stubGlobal("fetch", asked);
    await OpenFeature.setProviderAndWait(new FlagChain(ofrepProvider));
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(1));
    status = 401;
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveBeenCalledTimes(2);
    vi.useRealTimers();
  });

  it("starts with what the page was served with, and asks only when something has changed", async () => {
    const asked = vi.fn(async () => Response.json({ flags: [served(false, { killed: true })] }));
    vi.stubGlobal("fetch", asked);
    const clientState = stateOf("production");
    const chain = new FlagChain(ofrepProvider, { clientState, flags: [served(true)] });
    await OpenFeature.setProviderAndWait(chain);
    const client = OpenFeature.getClient();
    expect(client.getBooleanDetails("enableLotLevelMoic", false)).toMatchObject({
      value: true,
      flagMetadata: { decidedBy: "server", served: true },
    });
    // What it was not served with has its default.
    expect(client.getBooleanDetails("useFundStore", false)).toMatchObject({
      value: true,
      flagMetadata: { decidedBy: "default" },
    });
    await chain.learn(clientState);
    expect(asked).not.toHaveBeenCalled();
    await chain.learn({ ...clientState, banner: { kind: "unavailable", text: "" } });
    expect(asked).toHaveBeenCalledTimes(1);
    expect(client.getBooleanValue("enableLotLevelMoic", true)).toBe(false);
  });

  it("keeps what the page was served with while the server cannot be asked", async () => {
    vi.stubGlobal("fetch", async () => Response.json({}, { status: 503 }));
    const clientState = stateOf("production");
    const chain = new FlagChain(ofrepProvider, { clientState, flags: [served(true)] });
    await OpenFeature.setProviderAndWait(chain);
    await chain.learn(stateOf("staging"));
    expect(OpenFeature.getClient().getBooleanValue("enableLotLevelMoic", false)).toBe(true);
  });

  it("has the caller's own default until somebody knows", async () => {
    vi.stubGlobal("fetch", () => new Promise(() => undefined));
    await OpenFeature.setProviderAndWait(new FlagChain(ofrepProvider));
    const details = OpenFeature.getClient().getBooleanDetails("enableLotLevelMoic", true);
    expect(details).toMatchObject({ value: true, errorCode: "PROVIDER_NOT_READY" });
  });
});

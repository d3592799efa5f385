// The released web provider against a running server: values, a change of context, a change of the flags.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature, ProviderEvents } from "@openfeature/web-sdk";
import { EventSource } from "eventsource";

const { OFREP_URL: baseUrl, OFREP_KEY: key, FLAGS_FILE: flagsFile, ADMIN_TOKEN: adminToken } = process.env;
assert.ok(baseUrl, "OFREP_URL names the server");

/** What a browser brings and Node.js does not. */
globalThis.EventSource = EventSource;

/** Milliseconds after which a change counts as not noticed. */
const NOTICED_MAX = 10_000;
/** The flag that only the service has. */
const OWN_FLAG = "enableLotLevelMoic";

const provider = new OFREPWebProvider({
  baseUrl,
  cacheMode: "disabled",
  ...(key && { headers: [["X-API-Key", key]] }),
});
const client = OpenFeature.getClient();

before(async () => {
  await OpenFeature.setContext({ targetingKey: "ada", email: "ada@lotwise.test", name: "queen" });
  await OpenFeature.setProviderAndWait(provider);
});

after(() => OpenFeature.close());

test("values of every type arrive with variant, reason and metadata", () => {
  const boolean = client.getBooleanDetails("a-boolean", false);
  assert.deepEqual([boolean.value, boolean.variant, boolean.reason], [true, "on", "STATIC"]);
  assert.equal(boolean.flagMetadata.owner, "portfolio");
  assert.equal(client.getStringValue("a-text", ""), 'grüezi "mitenand"');
  assert.equal(client.getNumberValue("a-whole-number", 0), 3);
  assert.equal(client.getNumberValue("a-number", 0), 0.5);
  assert.deepEqual(client.getObjectValue("an-object", {}), { limits: { rows: 100 }, names: ["a", "b"] });
});

test("what the server does not decide is the caller's default", () => {
  assert.deepEqual(pick(client.getBooleanDetails("disabled", true)), [true, "DISABLED", undefined]);
  assert.deepEqual(pick(client.getBooleanDetails("no-such-flag", true)), [true, "ERROR", "FLAG_NOT_FOUND"]);
  assert.deepEqual(pick(client.getStringDetails("a-boolean", "mine")), ["mine", "ERROR", "TYPE_MISMATCH"]);
});

test("rules see the context, and see it change", async () => {
  assert.deepEqual(pick(client.getStringDetails("by-email", "")), ["in", "TARGETING_MATCH", undefined]);
  assert.equal(client.getBooleanValue("by-key", false), true);
  assert.equal(client.getStringValue("fractional-flag", ""), "diamonds");
  await OpenFeature.setContext({ targetingKey: "bob", email: "bob@elsewhere.test", name: "ten" });
  assert.deepEqual(pick(client.getStringDetails("by-email", "")), ["out", "DEFAULT", undefined]);
  assert.equal(client.getBooleanValue("by-key", true), false);
  assert.equal(client.getStringValue("fractional-flag", ""), "clubs");
});

test("a changed file is noticed through the event stream", { skip: !flagsFile && "no file is served" }, async () => {
  const original = await readFile(flagsFile, "utf8");
  const document = JSON.parse(original);
  document.flags["a-boolean"].defaultVariant = "off";
  const changed = nextChange("a-boolean");
  await writeFile(flagsFile, JSON.stringify(document));
  await changed;
  assert.equal(client.getBooleanValue("a-boolean", true), false);
  // The clients after this one find the flags as they were.
  const restored = nextChange("a-boolean");
  await writeFile(flagsFile, original);
  await restored;
  assert.equal(client.getBooleanValue("a-boolean", false), true);
});

test("a kill is noticed through the event stream", { skip: !adminToken && "a file has no kill switch" }, async () => {
  assert.equal(client.getBooleanValue(OWN_FLAG, false), true);
  const killed = nextChange(OWN_FLAG);
  await act("kill");
  await killed;
  const off = client.getBooleanDetails(OWN_FLAG, true);
  assert.deepEqual([off.value, off.variant, off.reason, off.flagMetadata.killed], [false, "off", "STATIC", true]);
  const restored = nextChange(OWN_FLAG);
  await act("restore");
  await restored;
  assert.equal(client.getBooleanValue(OWN_FLAG, false), true);
});

function pick({ value, reason, errorCode }) {
  return [value, reason, errorCode];
}

/** Ends when the provider says that this flag has changed. */
function nextChange(flag) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${flag} did not change in ${NOTICED_MAX} ms`)), NOTICED_MAX);
    const heard = (event) => {
      if (!event?.flagsChanged?.includes(flag)) return;
      clearTimeout(late);
      client.removeHandler(ProviderEvents.ConfigurationChanged, heard);
      resolve();
    };
    client.addHandler(ProviderEvents.ConfigurationChanged, heard);
  });
}

async function act(what) {
  const answer = await fetch(`${baseUrl}/api/flags/${OWN_FLAG}/${what}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${adminToken}`, "Content-Type": "application/json" },
    body: JSON.stringify({ reason: "interoperability test" }),
  });
  assert.equal(answer.status, 200, await answer.text());
}

import {
  ErrorCode,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  type ResolutionDetails,
} from "@openfeature/react-sdk";
import type { ClientState } from "../api/wire";
import { type FirstEvaluation, providerOf } from "./first-evaluation";
import { FLAGS, type FlagKey, wishFor } from "./overrides";

/** Which link of the chain had an answer; it stands in the answer's metadata as `decidedBy`. */
export type DecidedBy = "setting" | "wish" | "server" | "default";

type Answer = ResolutionDetails<boolean>;
/** Null: this link has no say, the next is asked. Undefined: nobody knows yet. */
type MaybeAnswer = Answer | null | undefined;

/** How soon a server that could not be asked is asked again. */
const RETRY_INTERVAL_MS = 5000;

/** What every flag is when neither a person nor the server nor a setting says so (requirements A2, A3). */
const DEFAULTS: Readonly<Record<FlagKey, (environment: ClientState["environment"]) => boolean>> = {
  enableLotLevelMoic: (environment) => environment === "development" || environment === "staging",
  useFundStore: () => true,
};

/** The provider that asks the server, as far as the chain uses it. */
export type RemoteProvider = Pick<
  Provider,
  "initialize" | "onContextChange" | "onClose" | "events" | "resolveBooleanEvaluation"
>;

/**
 * OpenFeature's provider for the page, a chain of which the first link with an answer wins:
 * a deploy setting that turns the flag off, the person's own wish, the server (OFREP), a deploy setting that turns it on,
 * the default. While nobody knows, a flag has the caller's own default, with the code PROVIDER_NOT_READY.
 */
export class FlagChain implements Provider {
  readonly metadata = { name: "lotwise" };
  readonly runsOn = "client";
  readonly events = new OpenFeatureEventEmitter();
  readonly #load: () => Promise<RemoteProvider>;
  /** Null: it could not be asked. */
  #remote: RemoteProvider | null | undefined;
  /** Whether the server was asked, or is; the page may have been served with its answers. */
  #hasAsked = false;
  #state: ClientState | null | undefined;
  #told = new Map<FlagKey, string>();
  #retry: number | undefined;

  /**
   * `load` gives the provider that asks the server. With a first evaluation it is loaded when something has changed since;
   * without one its answers are fetched as soon as the page starts.
   */
  constructor(load: () => Promise<RemoteProvider>, first: FirstEvaluation | null = null) {
    this.#load = load;
    if (first === null) return;
    this.#state = first.clientState;
    this.#remote = providerOf(first);
  }

  /** Does not wait for the server: wishes are known already, and pages can hold the place of what depends on a flag. */
  async initialize(): Promise<void> {
    if (this.#remote === undefined) void this.#start();
  }

  async onClose(): Promise<void> {
    window.clearTimeout(this.#retry);
    await this.#remote?.onClose?.();
  }

  /** What the server says of itself; null when it could not be asked. A change of flags fetches their answers anew. */
  async learn(state: ClientState | null): Promise<void> {
    const hasChanged =
      this.#state !== undefined && JSON.stringify(state) !== JSON.stringify(this.#state);
    this.#state = state;
    if (hasChanged) await this.#refresh();
    this.#tell();
  }

  resolveBooleanEvaluation(flag: string, unknown: boolean): Answer {
    const answer = this.#answer(flag as FlagKey);
    return answer ?? { value: unknown, errorCode: ErrorCode.PROVIDER_NOT_READY };
  }

  resolveStringEvaluation<T>(_flag: string, value: T): ResolutionDetails<T> {
    return { value, errorCode: ErrorCode.TYPE_MISMATCH };
  }

  resolveNumberEvaluation<T>(_flag: string, value: T): ResolutionDetails<T> {
    return { value, errorCode: ErrorCode.TYPE_MISMATCH };
  }

  resolveObjectEvaluation<T>(_flag: string, value: T): ResolutionDetails<T> {
    return { value, errorCode: ErrorCode.TYPE_MISMATCH };
  }

  async #start(): Promise<void> {
    window.clearTimeout(this.#retry);
    this.#hasAsked = true;
    try {
      const remote = await this.#load();
      await remote.initialize?.({});
      remote.events?.addHandler(ProviderEvents.ConfigurationChanged, () => this.#tell());
      this.#remote = remote;
    } catch (cause) {
      this.#hasAsked = false;
      this.#remote ??= null;
      // Without a session there is nothing to ask for; signing in loads the page anew.
      if (!isFatal(cause)) {
        this.#retry = window.setTimeout(() => void this.#start(), RETRY_INTERVAL_MS);
      }
    }
    this.#tell();
  }

  async #refresh(): Promise<void> {
    if (!this.#hasAsked) await this.#start();
    else await this.#remote?.onContextChange?.({}, {});
  }

  #answer(flag: FlagKey): MaybeAnswer {
    const remote = this.#ofServer(flag);
    for (const answer of [
      this.#ofSetting(flag, false),
      ofWish(flag, remote),
      remote,
      this.#ofSetting(flag, true),
      this.#byDefault(flag),
    ]) {
      if (answer !== null) return answer;
    }
    return undefined;
  }

  /** `VITE_…=false` comes before all others, `VITE_…=true` after the server. */
  #ofSetting(flag: FlagKey, value: boolean): Answer | null {
    if (this.#state?.clientSettings[flag] !== value) return null;
    return decided("setting", { value });
  }

  #ofServer(flag: FlagKey): MaybeAnswer {
    if (!this.#remote) return this.#remote;
    const answer = this.#remote.resolveBooleanEvaluation(flag, false, {}, NO_LOGGER);
    if (answer.errorCode !== undefined) return null;
    const served = { served: answer.value };
    return decided("server", { ...answer, flagMetadata: { ...answer.flagMetadata, ...served } });
  }

  #byDefault(flag: FlagKey): MaybeAnswer {
    if (this.#state === undefined) return undefined;
    // Whoever cannot be asked may be in production.
    const environment = this.#state?.environment ?? "production";
    return decided("default", { value: DEFAULTS[flag](environment) });
  }

  /** Tells of the flags whose answers are others than those told of before. */
  #tell(): void {
    const flagsChanged = FLAGS.filter((flag) => {
      const answer = JSON.stringify(this.#answer(flag)) ?? "";
      const isNews = this.#told.get(flag) !== answer;
      this.#told.set(flag, answer);
      return isNews;
    });
    if (flagsChanged.length === 0) return;
    this.events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged });
  }
}

/** By its code: the provider may have been built with a copy of OpenFeature's classes of its own. */
function isFatal(cause: unknown): boolean {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return code === ErrorCode.PROVIDER_FATAL;
}

/** The override: the address, then the browser's storage. A killed flag cannot be wished back. */
function ofWish(flag: FlagKey, remote: MaybeAnswer): Answer | null {
  const wish = wishFor(flag);
  if (wish === null) return null;
  if (wish === "1" && remote?.flagMetadata?.killed === true) return null;
  const flagMetadata = remote?.flagMetadata ?? {};
  return decided("wish", { value: wish === "1", flagMetadata });
}

function decided(by: DecidedBy, answer: Answer): Answer {
  return { ...answer, flagMetadata: { ...answer.flagMetadata, decidedBy: by } };
}

/** What goes wrong on the way to the server is seen where the page shows it. */
const NO_LOGGER = { error() {}, warn() {}, info() {}, debug() {} };

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { followEvents } from "./events";

class FakeEventSource extends EventTarget {
  static readonly CLOSED = 2;
  static opened: FakeEventSource[] = [];
  readyState = 0;
  readonly address: string;

  constructor(address: string) {
    super();
    this.address = address;
    FakeEventSource.opened.push(this);
  }

  close(): void {
    this.readyState = FakeEventSource.CLOSED;
  }

  tell(event: "open" | "message" | "error"): void {
    this.dispatchEvent(new Event(event));
  }
}

let visibility = "visible";

function show(state: "visible" | "hidden"): void {
  visibility = state;
  document.dispatchEvent(new Event("visibilitychange"));
}

/** The stream that is open, which there is one of. */
function stream(): FakeEventSource {
  const [only, ...others] = FakeEventSource.opened.filter(({ readyState }) => readyState !== 2);
  if (only === undefined || others.length > 0) throw new Error("there is not exactly one stream");
  return only;
}

beforeEach(() => {
  FakeEventSource.opened = [];
  visibility = "visible";
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", FakeEventSource);
  vi.spyOn(document, "visibilityState", "get").mockImplementation(
    () => visibility as DocumentVisibilityState,
  );
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it("tells of every event, and of every beginning but the first", () => {
  const onNews = vi.fn();
  const end = followEvents("/events", onNews);
  expect(stream().address).toBe("/events");
  stream().tell("open");
  expect(onNews).toHaveBeenCalledTimes(0);
  stream().tell("message");
  expect(onNews).toHaveBeenCalledTimes(1);
  // A lost connection that the browser restores by itself.
  stream().tell("error");
  stream().tell("open");
  expect(onNews).toHaveBeenCalledTimes(2);
  end();
  expect(() => stream()).toThrow();
});

it("comes back after a refusal, which ends a stream for good", () => {
  const end = followEvents("/events", () => undefined);
  const refused = stream();
  refused.readyState = FakeEventSource.CLOSED;
  refused.tell("error");
  expect(() => stream()).toThrow();
  vi.advanceTimersByTime(10_000);
  expect(stream()).not.toBe(refused);
  end();
  vi.advanceTimersByTime(60_000);
  expect(() => stream()).toThrow();
});

it("leaves its connection to others while nobody looks, and asks what it missed", () => {
  const onNews = vi.fn();
  const end = followEvents("/events", onNews);
  stream().tell("open");
  show("hidden");
  expect(() => stream()).toThrow();
  show("visible");
  stream().tell("open");
  expect(onNews).toHaveBeenCalledTimes(1);
  end();
  show("hidden");
  show("visible");
  expect(() => stream()).toThrow();
});

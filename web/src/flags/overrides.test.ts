import { afterEach, describe, expect, it, vi } from "vitest";
import { api } from "../api/client";
import { chooseWish, overrideHeader, readAddress, wishFor } from "./overrides";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  window.localStorage.clear();
  readAddress(new URL("http://localhost/"));
});

function open(address: string): void {
  readAddress(new URL(address, "http://localhost"));
}

/** The override that goes out with a request. */
async function sent(): Promise<string | null> {
  let header: string | null = null;
  vi.stubGlobal("fetch", async (request: Request) => {
    header = request.headers.get("X-Feature-Override");
    return Response.json({});
  });
  await api.GET("/api/client-state");
  return header;
}

describe("a wish", () => {
  it("of the address comes before the stored one (A2)", () => {
    window.localStorage.setItem("ff_enableLotLevelMoic", "1");
    expect(wishFor("enableLotLevelMoic")).toBe("1");
    open("/?ff_enableLotLevelMoic=0");
    expect(wishFor("enableLotLevelMoic")).toBe("0");
    window.localStorage.setItem("ff_useFundStore", "0");
    open("/funds/1?ff_useFundStore=1");
    expect(wishFor("useFundStore")).toBe("1");
  });

  it("to leave is kept until one to enter comes (A4)", () => {
    open("/?ff_enableLotLevelMoic=0");
    open("/funds/1");
    expect(wishFor("enableLotLevelMoic")).toBe("0");
    open("/?ff_enableLotLevelMoic=1");
    expect(wishFor("enableLotLevelMoic")).toBe("1");
    open("/funds/1");
    expect(wishFor("enableLotLevelMoic")).toBeNull();
  });

  it("that is neither 0 nor 1 is none", () => {
    window.localStorage.setItem("ff_enableLotLevelMoic", "true");
    open("/?ff_enableLotLevelMoic=yes&ff_useFundStore=");
    expect(overrideHeader()).toBeNull();
  });

  it("goes to the server with each request, where it is decided about (A4)", async () => {
    expect(await sent()).toBeNull();
    window.localStorage.setItem("ff_enableLotLevelMoic", "0");
    expect(await sent()).toBe("enableLotLevelMoic=0");
    open("/?ff_useFundStore=1&ff_unknownFlag=1");
    expect(await sent()).toBe("enableLotLevelMoic=0,useFundStore=1");
  });

  it("that is chosen anew comes before the one of the address", () => {
    open("/?ff_enableLotLevelMoic=1");
    expect(chooseWish("enableLotLevelMoic", "0")).toBe(true);
    expect(wishFor("enableLotLevelMoic")).toBe("0");
    expect(chooseWish("enableLotLevelMoic", null)).toBe(true);
    expect(wishFor("enableLotLevelMoic")).toBeNull();
  });

  it("lasts as long as the page in a browser that keeps nothing, and says so", () => {
    vi.spyOn(window, "localStorage", "get").mockImplementation(() => {
      throw new DOMException("blocked", "SecurityError");
    });
    expect(chooseWish("enableLotLevelMoic", "0")).toBe(false);
    expect(overrideHeader()).toBe("enableLotLevelMoic=0");
  });

  it("is none in a browser that blocks storage", () => {
    vi.spyOn(Storage.prototype, "getItem").mockImplementation(() => {
      throw new DOMException("blocked", "SecurityError");
    });
    expect(overrideHeader()).toBeNull();
  });
});

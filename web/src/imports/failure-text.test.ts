import { describe, expect, it } from "vitest";
import { RequestFailed } from "../api/problem";
import { failureText, notReadable, severalFiles, tooLarge } from "./failure-text";

function failed(status: number, problem: object = {}): RequestFailed {
  return new RequestFailed(status, problem, "request-1");
}

describe("a failed check", () => {
  it("of a file that is no file says why, and asks for another", () => {
    const message = "the file cannot be read: its archive is broken";
    const found = failureText(
      failed(422, { details: [{ path: "file", value: "", message }] }),
      "check",
    );
    expect(found.title).toBe("The file could not be read");
    expect(found.text).toContain("The file cannot be read: its archive is broken.");
    expect(found.canRetry).toBe(false);
  });

  it("of one that is too large is told before and after it was sent", () => {
    expect(failureText(failed(413), "check").text).toContain("At most 32 MB");
    expect(tooLarge(40 * 1024 * 1024).text).toContain("It has 40 MB, and at most 32 MB");
  });

  it.each([
    [0, {}, "no connection"],
    [401, {}, "You are signed out"],
    [503, { error: "overloaded" }, "The server is busy"],
    [500, { message: "no luck" }, "The file could not be checked"],
  ])("with %i keeps the file", (status, problem, title) => {
    const found = failureText(failed(status, problem), "check");
    expect(found.title).toContain(title);
    expect(found.text).toContain("still here");
    expect(found.canRetry).toBe(true);
  });
});

describe("a refused import", () => {
  it("names what stands in the way", () => {
    const details = [
      { path: "row 4, # Shares", value: "abc", message: "is no number" },
      { path: "answers.lotType", value: "(absent)", message: "Which are initial?" },
    ];
    const found = failureText(failed(422, { details }), "apply");
    expect(found.text).toContain("Nothing was written");
    expect(found.details).toEqual([
      "row 4, # Shares, “abc”: is no number",
      "answers.lotType: Which are initial?",
    ]);
  });

  it("whose answer was lost may be sent again", () => {
    expect(failureText(failed(0), "apply").text).toContain("applies nothing twice");
  });
});

it("names what keeps an import from being taken back", () => {
  const details = [{ path: "companies[3].lots", value: "b", message: "was corrected" }];
  const found = failureText(failed(422, { details }), "undo");
  expect(found.text).toBe("What was recorded since stands in the way. Nothing was taken back.");
  expect(found.details).toEqual(["companies[3].lots, “b”: was corrected"]);
  const twice = failureText(failed(409, { message: "the import is undone already" }), "undo");
  expect(twice.text).toContain("The import is undone already.");
});

it("tells a folder from a file", () => {
  expect(notReadable("Deals").text).toContain("cannot read Deals");
  expect(severalFiles(3).text).toContain("You chose 3.");
});

import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { RUNBOOKS, runbookPath } from "./runbooks";

const REPOSITORY = "..";

describe("a runbook", () => {
  it("is named by its path in the repository", () => {
    expect(runbookPath("database-down")).toBe("docs/runbooks/database-down.md");
  });

  it.each(RUNBOOKS)("%s is there", (runbook) => {
    expect(existsSync(`${REPOSITORY}/${runbookPath(runbook)}`)).toBe(true);
  });
});

import { expect, it } from "vitest";
import { firstEvaluation } from "./first-evaluation";

function pageWith(html: string): Document {
  return new DOMParser().parseFromString(`<html><head>${html}</head></html>`, "text/html");
}

const script = (text: string) =>
  pageWith(`<script type="application/json" id="first-evaluation">${text}</script>`);

it("reads what the server wrote into the page", () => {
  const text = '{"clientState":{"environment":"\\u003c/script>"},"flags":[]}';
  expect(firstEvaluation(script(text))).toEqual({
    clientState: { environment: "</script>" },
    flags: [],
  });
});

it("does without where there is nothing, or nothing that can be read", () => {
  expect(firstEvaluation(pageWith(""))).toBeNull();
  expect(firstEvaluation(script(""))).toBeNull();
  expect(firstEvaluation(script("{"))).toBeNull();
});

import { expect, it } from "vitest";
import { NOTHING_HELD, withAnswered, withFile } from "./held-import";

const CONTENT = new Blob(["Company,Cost\n"]);
const QUESTION = { id: "dateOrder", text: "Which comes first?", choices: [], optional: false };

it("keeps the answers for a corrected version of the same file, and for no other", () => {
  const first = {
    ...withFile(NOTHING_HELD, { id: 1, name: "lots.csv", content: CONTENT }),
    values: { dateOrder: "day_first" },
    answered: [{ question: QUESTION, answer: "day_first" }],
  };
  const corrected = withFile(first, { id: 2, name: "lots.csv", content: CONTENT });
  expect(corrected.answered).toEqual(first.answered);
  expect(corrected.values).toEqual(first.values);
  expect(corrected.submissionKey).not.toBe(first.submissionKey);
  const other = withFile(first, { id: 3, name: "exits.csv", content: CONTENT });
  expect(other.answered).toEqual([]);
  expect(other.values).toEqual({});
});

it("is another request with other answers", () => {
  const held = withFile(NOTHING_HELD, { id: 1, name: "lots.csv", content: CONTENT });
  const answered = withAnswered({ ...held, values: { lotType: "initial" } }, [
    { question: QUESTION, answer: "day_first" },
  ]);
  expect(answered.values).toEqual({ lotType: "initial", dateOrder: "day_first" });
  expect(answered.submissionKey).not.toBe(held.submissionKey);
});

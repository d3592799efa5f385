import { expect, it } from "vitest";
import { answeredBy, answersOf, questionsOf, requiredOf } from "./answers";
import type { ImportQuestion } from "./wire";

function question(id: string, optional = false): ImportQuestion {
  return { id, text: `${id}?`, choices: [], optional };
}

const DATES = question("dateOrder");
const TYPES = question("lotType");

it("keeps an answered question, which the server asks no more", () => {
  const answered = answeredBy([DATES], { dateOrder: "day_first" });
  expect(answersOf(answered)).toEqual({ dateOrder: "day_first" });
  expect(questionsOf(answered, [TYPES]).map(({ id }) => id)).toEqual(["dateOrder", "lotType"]);
});

it("asks anew what the server asks again, once", () => {
  const again = { ...DATES, text: "Which comes first, really?" };
  expect(questionsOf(answeredBy([DATES], { dateOrder: "x" }), [again, TYPES])).toEqual([
    again,
    TYPES,
  ]);
});

it("takes an answer back that is emptied", () => {
  expect(answeredBy([DATES, TYPES], { dateOrder: "  ", lotType: " initial " })).toEqual([
    { question: TYPES, answer: "initial" },
  ]);
});

it("tells what must be answered from what may be", () => {
  expect(requiredOf({ questions: [DATES, question("stage", true)] })).toEqual([DATES]);
});

import type { Answers } from "./queries";
import type { ImportQuestion, ImportReport } from "./wire";

/** A question that was answered. The server asks it no more, and it can still be answered in another way. */
export interface Answered {
  readonly question: ImportQuestion;
  readonly answer: string;
}

export function answersOf(answered: readonly Answered[]): Answers {
  return Object.fromEntries(answered.map(({ question, answer }) => [question.id, answer]));
}

/** All questions about a file: those that are answered, then those that are open. */
export function questionsOf(
  answered: readonly Answered[],
  open: readonly ImportQuestion[],
): ImportQuestion[] {
  // The server may ask again, where an answer was none.
  const asked = new Map(open.map((question) => [question.id, question]));
  const before = answered.map(({ question }) => asked.get(question.id) ?? question);
  const ids = new Set(before.map(({ id }) => id));
  return [...before, ...open.filter(({ id }) => !ids.has(id))];
}

/** What is answered after a form with these values was sent; an empty one takes its answer back. */
export function answeredBy(
  questions: readonly ImportQuestion[],
  values: Answers,
): readonly Answered[] {
  return questions.flatMap((question) => {
    const answer = (values[question.id] ?? "").trim();
    return answer === "" ? [] : [{ question, answer }];
  });
}

/** Questions without whose answer nothing can be applied. */
export function requiredOf({ questions }: Pick<ImportReport, "questions">): ImportQuestion[] {
  return questions.filter(({ optional }) => !optional);
}

/** Names of questions that a fund can remember the answers to, for where the question itself is not at hand. */
const NAMES: Readonly<Record<string, string>> = {
  dateOrder: "First in dates",
  decimalSign: "Sign before the decimals",
  lotType: "Lots that do not say whether they are initial",
  encoding: "Encoding of text files",
};

export function questionName(id: string): string {
  return NAMES[id] ?? id;
}

/** An answer as people read it: `day_first` is "day first". */
export function answerText(answer: string): string {
  return answer.replaceAll("_", " ");
}

import { RequestFailed } from "../api/problem";
import { FILE_BYTES_MAX, sizeText } from "./chosen-file";

/** Why a file was not checked or not applied, in words. */
export interface FailureText {
  readonly title: string;
  /** What happened, and what to do. */
  readonly text: string;
  /** Single findings of the server, where there are some. */
  readonly details: readonly string[];
  /** Whether the same may be tried again. */
  readonly canRetry: boolean;
}

/** What was being done when it failed. */
export type Doing = "check" | "apply" | "undo" | "save";

const NOT_DONE: Readonly<Record<Doing, string>> = {
  check: "The file could not be checked",
  apply: "The import was not applied",
  undo: "The import was not taken back",
  save: "It was not saved",
};

/** What is still as it was. */
const UNTOUCHED: Readonly<Record<Doing, string>> = {
  check: "The file and your answers are still here.",
  apply: "Nothing was written; the file and your answers are still here.",
  undo: "Nothing was taken back.",
  save: "Your choices are still here.",
};

/** A file that is larger than what the server takes, told before it is sent. */
export function tooLarge(bytes: number): FailureText {
  return {
    title: "The file is too large",
    text: `It has ${sizeText(bytes)}, and at most ${sizeText(FILE_BYTES_MAX)} are read. Split it by company, or leave sheets out that do not belong to the import.`,
    details: [],
    canRetry: false,
  };
}

/** What cannot be read from the disk at all: a folder, or a file that is gone. */
export function notReadable(name: string): FailureText {
  return {
    title: "The file could not be read",
    text: `The browser cannot read ${name}. A folder cannot be imported, and a file that was moved has to be chosen again.`,
    details: [],
    canRetry: false,
  };
}

/** Several files at once, which might contradict each other. */
export function severalFiles(count: number): FailureText {
  return {
    title: "Only one file at a time",
    text: `You chose ${count}. Choose the first of them; the next one can follow when it is applied.`,
    details: [],
    canRetry: false,
  };
}

export function failureText(error: Error, doing: Doing): FailureText {
  const failure = { title: NOT_DONE[doing], details: [], canRetry: true };
  if (!(error instanceof RequestFailed)) {
    return { ...failure, text: `${sentence(error.message)} ${UNTOUCHED[doing]}` };
  }
  switch (error.status) {
    case 0:
      return {
        ...failure,
        title: `${failure.title}: no connection`,
        text: `The server cannot be reached. Check the connection and try again. ${lostAnswer(doing)}`,
      };
    case 401:
      return {
        ...failure,
        title: "You are signed out",
        text: `Sign in in another tab, then try again here. ${UNTOUCHED[doing]}`,
      };
    case 403:
      return { ...failure, text: sentence(error.message), canRetry: false };
    case 413:
      return {
        ...failure,
        title: "The file is too large",
        text: `At most ${sizeText(FILE_BYTES_MAX)} are read. Split it by company, or leave sheets out that do not belong to the import.`,
        canRetry: false,
      };
    case 422:
      return refused(error, doing);
    case 429:
      return {
        ...failure,
        text: `Too many requests at once. Wait a moment, then try again. ${UNTOUCHED[doing]}`,
      };
    case 503:
      return {
        ...failure,
        title: error.code === "overloaded" ? "The server is busy" : failure.title,
        text:
          error.code === "overloaded"
            ? `It reads other files at the moment. Wait a moment, then try again. ${UNTOUCHED[doing]}`
            : `${sentence(error.message)} ${UNTOUCHED[doing]}`,
      };
    default:
      return {
        ...failure,
        text: `${sentence(error.message)} ${error.status >= 500 ? lostAnswer(doing) : UNTOUCHED[doing]}`,
      };
  }
}

function refused(error: RequestFailed, doing: Doing): FailureText {
  const findings = error.problem.details ?? [];
  const ofFile = findings.find(({ path }) => path === "file");
  if (ofFile) {
    return {
      title: "The file could not be read",
      text: `${sentence(ofFile.message)} Save it anew as CSV or XLSX and choose it again.`,
      details: [],
      canRetry: false,
    };
  }
  const details = findings.map(({ path, value, message }) =>
    value === "" || value === "(absent)"
      ? `${path}: ${message}`
      : `${path}, “${value}”: ${message}`,
  );
  const reasons: Readonly<Record<Doing, string>> = {
    check: "The server did not accept the request.",
    apply: "Something stands in the way, perhaps because the fund has changed since the check.",
    undo: "What was recorded since stands in the way.",
    save: "The server did not accept it.",
  };
  return {
    title: NOT_DONE[doing],
    text: `${details.length > 0 ? reasons[doing] : sentence(error.message)} ${UNTOUCHED[doing]}`,
    details,
    canRetry: doing !== "undo",
  };
}

/** Where the answer is missing, nobody knows whether it was done; once more does no harm. */
function lostAnswer(doing: Doing): string {
  return doing === "apply"
    ? "The file and your answers are still here, and trying again applies nothing twice."
    : UNTOUCHED[doing];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`.replace(/\.?$/, ".");
}

/** A file that somebody chose, as its bytes were at that moment: a later change on the disk is another file. */
export interface ChosenFile {
  /** Tells two choices apart, also of the same file. */
  readonly id: number;
  readonly name: string;
  readonly content: Blob;
}

/** What the server takes, `FILE_BYTES_MAX` of `crates/formats`. */
export const FILE_BYTES_MAX = 32 * 1024 * 1024;
/** Characters of a file's name that the server takes. */
const NAME_LENGTH_MAX = 200;

let choices = 0;

/** Reads a file. Fails for a folder, and for what cannot be read any more. */
export async function readChosen(file: File): Promise<ChosenFile> {
  const bytes = await file.arrayBuffer();
  choices += 1;
  return { id: choices, name: file.name, content: new Blob([bytes]) };
}

/** The name as the server takes it: the end of a long one says more, with its extension, than its beginning. */
export function sentName(name: string): string {
  const letters = Array.from(name.replace(/\p{Cc}/gu, " ").trim());
  return letters.slice(-NAME_LENGTH_MAX).join("") || "file";
}

const UNITS = ["bytes", "kB", "MB"] as const;
const UNIT_SIZE = 1024;

/** "812 bytes", "1.4 MB". */
export function sizeText(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= UNIT_SIZE && unit < UNITS.length - 1) {
    size /= UNIT_SIZE;
    unit += 1;
  }
  return `${size.toLocaleString("en-US", { maximumFractionDigits: 1 })} ${UNITS[unit]}`;
}

import { expect, it } from "vitest";
import { readChosen, sentName, sizeText } from "./chosen-file";

it("keeps the bytes of the moment, and tells two choices apart", async () => {
  const file = new File(["Company,Cost\n"], "lots.csv");
  const [first, second] = [await readChosen(file), await readChosen(file)];
  expect(first.name).toBe("lots.csv");
  expect(await first.content.text()).toBe("Company,Cost\n");
  expect(first.id).not.toBe(second.id);
});

it("sends a name that the server takes", () => {
  expect(sentName("lots.csv")).toBe("lots.csv");
  expect(sentName("two\nlines.csv")).toBe("two lines.csv");
  expect(Array.from(sentName(`${"ä".repeat(300)}.csv`))).toHaveLength(200);
  expect(sentName(`${"x".repeat(300)}.csv`).endsWith(".csv")).toBe(true);
  expect(sentName("\u0007")).toBe("file");
});

it.each([
  [0, "0 bytes"],
  [812, "812 bytes"],
  [2048, "2 kB"],
  [1_500_000, "1.4 MB"],
  [40 * 1024 ** 3, "40,960 MB"],
])("%i bytes are %s", (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});

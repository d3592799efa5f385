import parsePrometheusTextFormat from "parse-prometheus-text-format";
import { type Histogram, histogramOf } from "../evidence/histogram";

/** One line of an exposition. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The samples of an exposition, by their full name such as `lot_moic_errors_total`. */
export class Exposition {
  readonly #samples: ReadonlyMap<string, readonly Sample[]>;

  constructor(text: string) {
    // With their types the parser puts histograms together itself, and loses every label but `le`.
    const untyped = text
      .split("\n")
      .filter((line) => !line.startsWith("#"))
      .join("\n");
    const byName = new Map<string, Sample[]>();
    for (const { name, metrics } of parsePrometheusTextFormat(untyped)) {
      const samples = metrics.map(({ labels = {}, value }) => ({ labels, value: Number(value) }));
      // The lines of a histogram stand by label set, so a name comes up several times.
      byName.set(name, [...(byName.get(name) ?? []), ...samples]);
    }
    this.#samples = byName;
  }

  /** Values by one label, summed over the others: errors by `error_type`. */
  by(name: string, label: string, only: Readonly<Record<string, string>> = {}) {
    const sums = new Map<string, number>();
    for (const { labels, value } of this.#having(name, only)) {
      const key = labels[label];
      if (key !== undefined) sums.set(key, (sums.get(key) ?? 0) + value);
    }
    return sums;
  }

  /** The sum of all values of a name; null where there is none, or one that is not known (`NaN`). */
  total(name: string, only: Readonly<Record<string, string>> = {}): number | null {
    const samples = this.#having(name, only);
    const sum = samples.reduce((sum, { value }) => sum + value, 0);
    return samples.length > 0 && Number.isFinite(sum) ? sum : null;
  }

  /** The value of a label of a name, such as a version; null where there is none. */
  label(name: string, label: string): string | null {
    return this.#samples.get(name)?.[0]?.labels[label] ?? null;
  }

  /** The label sets of a name, each with its value. */
  samples(name: string): readonly Sample[] {
    return this.#samples.get(name) ?? [];
  }

  /** A histogram, of the samples that have these labels. */
  histogram(name: string, only: Readonly<Record<string, string>> = {}): Histogram {
    const byBound = [...this.by(`${name}_bucket`, "le", only)];
    return histogramOf(byBound.map(([bound, count]) => [bound, count]));
  }

  /** The histograms of a name, told apart by what `keyOf` makes of their labels. */
  histograms(name: string, keyOf: (labels: Sample["labels"]) => string): Map<string, Histogram> {
    const counts = new Map<string, [bound: string, count: number][]>();
    for (const { labels, value } of this.samples(`${name}_bucket`)) {
      const [key, bound] = [keyOf(labels), labels.le];
      if (bound === undefined) continue;
      const known = counts.get(key) ?? [];
      known.push([bound, value]);
      counts.set(key, known);
    }
    return new Map([...counts].map(([key, buckets]) => [key, histogramOf(buckets)]));
  }

  #having(name: string, only: Readonly<Record<string, string>>): readonly Sample[] {
    const wanted = Object.entries(only);
    return this.samples(name).filter(({ labels }) =>
      wanted.every(([label, value]) => labels[label] === value),
    );
  }
}

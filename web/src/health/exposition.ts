import parsePrometheusTextFormat from "parse-prometheus-text-format";
import { type Histogram, histogramOf } from "../evidence/histogram";

/** One line of an exposition. */
interface Sample {
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

  /** The sum of all values of a name; null where there is none. */
  total(name: string): number | null {
    const samples = this.#samples.get(name);
    return samples ? samples.reduce((sum, { value }) => sum + value, 0) : null;
  }

  /** A histogram, of the samples that have these labels. */
  histogram(name: string, only: Readonly<Record<string, string>> = {}): Histogram {
    const byBound = [...this.by(`${name}_bucket`, "le", only)];
    return histogramOf(byBound.map(([bound, count]) => [bound, count]));
  }

  #having(name: string, only: Readonly<Record<string, string>>): readonly Sample[] {
    const wanted = Object.entries(only);
    return (this.#samples.get(name) ?? []).filter(({ labels }) =>
      wanted.every(([label, value]) => labels[label] === value),
    );
  }
}

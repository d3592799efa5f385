import { Skeleton } from "@mantine/core";
import { lazy, memo, Suspense, useEffect, useState } from "react";
import type { Lens, LensKey } from "../lenses/lens";
import { Multiple } from "../lenses/Multiple";
import type { LensReport } from "../lenses/report";
import { formatCentsCompact } from "../money/format";
import card from "../shell/card.module.css";
import { type Bucket, bucketsOf } from "./buckets";
import classes from "./PerformanceSection.module.css";

const PerformanceChart = lazy(() => import("./PerformanceChart"));

interface Props {
  readonly report: LensReport;
  readonly currency: string;
}

/** The fund's performance today and expected at exit, by when the money is spent: a chart, and its numbers as text. */
export const PerformanceSection = memo(function PerformanceSection({ report, currency }: Props) {
  const buckets = bucketsOf(report.fund, report.beside);
  const isPainted = useIsPainted();
  return (
    <figure className={`${card.card} ${classes.section}`} aria-labelledby="performance">
      <figcaption className={classes.caption}>
        <h2 id="performance" className={card.title}>
          Performance today and expected at exit
        </h2>
        <span className={card.aside}>gross · value over cost</span>
      </figcaption>
      <div className={classes.sides}>
        {/* The table beside it says the same. */}
        <div className={classes.chart} aria-hidden="true">
          {isPainted ? (
            <Suspense fallback={<Skeleton height="100%" />}>
              <PerformanceChart buckets={buckets} />
            </Suspense>
          ) : (
            <Skeleton height="100%" />
          )}
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <section className={classes.scroller} aria-label="Performance in numbers" tabIndex={0}>
          <table className={classes.table}>
            <thead>
              <tr>
                <td />
                <th scope="colgroup" colSpan={3}>
                  Today
                </th>
                <th scope="colgroup" colSpan={3}>
                  At exit
                </th>
              </tr>
              <tr>
                <th scope="col">Money</th>
                <th scope="col">Cost</th>
                <th scope="col">Value</th>
                <th scope="col">MOIC</th>
                <th scope="col">Cost</th>
                <th scope="col">Expected</th>
                <th scope="col">MOIC</th>
              </tr>
            </thead>
            <tbody>
              {buckets.map((bucket) => (
                <Row key={bucket.id} bucket={bucket} currency={currency} />
              ))}
            </tbody>
          </table>
        </section>
      </div>
    </figure>
  );
});

function Row({ bucket, currency }: { bucket: Bucket; currency: string }) {
  const { name, today, exit, words } = bucket;
  return (
    <tr data-bucket={bucket.id}>
      <th scope="row">{name}</th>
      <Figures lens={today} lensKey={words.today} currency={currency} />
      <Figures lens={exit} lensKey={words.exit} currency={currency} />
    </tr>
  );
}

function Figures(props: { lens: Lens | null; lensKey: LensKey; currency: string }) {
  const { lens, lensKey, currency } = props;
  return (
    <>
      <td data-first>{formatCentsCompact(lens?.denominatorCents, currency)}</td>
      <td>{formatCentsCompact(lens?.numeratorCents, currency)}</td>
      <td>{lens ? <Multiple lensKey={lensKey} lens={lens} /> : "–"}</td>
    </>
  );
}

/** The chart's script is large, and nobody waits for it: it is fetched when the browser has nothing better to do. */
function useIsPainted(): boolean {
  const [isPainted, setIsPainted] = useState(false);
  useEffect(() => {
    const show = () => setIsPainted(true);
    if (typeof window.requestIdleCallback === "function") {
      const handle = window.requestIdleCallback(show);
      return () => window.cancelIdleCallback(handle);
    }
    const handle = window.setTimeout(show);
    return () => window.clearTimeout(handle);
  }, []);
  return isPainted;
}

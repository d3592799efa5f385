import classes from "./Differences.module.css";
import type { FlagDifference } from "./wire";

/** What was changed: where, what stood there, what stands there now. */
export function Differences({ of }: { of: readonly FlagDifference[] }) {
  if (of.length === 0) return null;
  return (
    <ul className={classes.differences}>
      {of.map(({ path, before, after }) => (
        <li key={path}>
          <code className={classes.path}>{path === "" ? "all of it" : path}</code>
          {before !== undefined && <del>{JSON.stringify(before)}</del>}
          {before !== undefined && after !== undefined && <span aria-hidden="true">→</span>}
          {after !== undefined && <ins>{JSON.stringify(after)}</ins>}
        </li>
      ))}
    </ul>
  );
}

import classes from "./Explanation.module.css";
import type { FlagExplanation } from "./wire";

/** Why somebody gets what they get: the steps of the decision, and each part of the rule. */
export function Explanation({ explanation }: { explanation: FlagExplanation }) {
  const { variant, value, reason, errorCode, errorDetails, targetingKey, steps, rules } =
    explanation;
  const decided = steps.findIndex((step) => step.decided);
  return (
    <section aria-label="Explanation" className={classes.explanation}>
      <p className={classes.answer} role="status">
        {targetingKey ?? "Nobody in particular"} gets{" "}
        {errorCode == null ? (
          <>
            <strong>{variant ?? "their own default"}</strong>
            {variant != null && <code>{JSON.stringify(value)}</code>}
          </>
        ) : (
          <strong>no value</strong>
        )}
        <span className={classes.reason}>{errorCode ?? reason}</span>
      </p>
      {errorDetails != null && <p className={classes.fault}>{errorDetails}</p>}
      <ol className={classes.steps}>
        {steps.map(({ step, finding }, index) => (
          <li
            key={step}
            data-decided={index === decided || undefined}
            data-after={(decided >= 0 && index > decided) || undefined}
          >
            <span className={classes.step}>{step}</span>
            <span>{finding}</span>
            {index === decided && <span className={classes.mark}>decides</span>}
          </li>
        ))}
      </ol>
      {rules.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section className={classes.scroller} tabIndex={0} aria-label="Parts of the rule">
          <table className={classes.rules}>
            <thead>
              <tr>
                <th scope="col">Part of the rule</th>
                <th scope="col">Comes to</th>
              </tr>
            </thead>
            <tbody>
              {rules.map(({ path, rule, reached, outcome, failed, note }) => (
                <tr key={path} data-unreached={!reached || undefined}>
                  <td>
                    <code>{rule}</code>
                    <span className={classes.path}>{path}</span>
                  </td>
                  <td>
                    {!reached ? (
                      "not reached"
                    ) : failed ? (
                      <span className={classes.fault}>failed</span>
                    ) : (
                      <code>{JSON.stringify(outcome ?? null)}</code>
                    )}
                    {note != null && <span className={classes.path}>{note}</span>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}

import { SegmentedControl, useMantineColorScheme } from "@mantine/core";
import card from "../shell/card.module.css";
import classes from "./SettingsPage.module.css";

const SCHEMES = [
  { value: "auto", label: "As the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

/** The colour scheme, kept in this browser. */
export function Appearance() {
  // Holding transitions back would take an inline style, which the content security policy forbids.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  return (
    <section className={card.card} aria-labelledby="appearance">
      <header className={card.header}>
        <h2 id="appearance" className={card.title}>
          Appearance
        </h2>
        <span className={card.aside}>in this browser</span>
      </header>
      <div className={classes.choice}>
        <SegmentedControl
          size="xs"
          aria-label="Colours"
          value={colorScheme}
          data={SCHEMES}
          onChange={(value) => {
            if (value === "auto" || value === "light" || value === "dark") setColorScheme(value);
          }}
        />
      </div>
    </section>
  );
}

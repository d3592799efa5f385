import { createTheme } from "@mantine/core";

/** The colours and sizes themselves are in `theme.css`: no style is written into the page by a script. */
export const theme = createTheme({
  primaryColor: "teal",
  defaultRadius: "md",
  fontFamily: "var(--mantine-font-family)",
  respectReducedMotion: true,
  components: {
    Tooltip: {
      defaultProps: {
        withArrow: true,
        multiline: true,
        openDelay: 150,
        // Inside the page's landmark, so that a screen reader's user can find what a tooltip says.
        portalProps: { target: "#content" },
      },
    },
  },
});

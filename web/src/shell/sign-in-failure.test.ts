import { expect, it } from "vitest";
import { notedSignInFailure, noteSignInFailure, takeSignInFailure } from "./sign-in-failure";

it("has words for what went wrong, and leaves the rest of the address", () => {
  const taken = takeSignInFailure(new URL("http://localhost/?signInFailed=no_role&by=sector"));
  expect(taken.failure).toContain("none of your groups");
  expect(taken.rest).toBe("/?by=sector");
});

it("has words for what it does not know, and never shows what stands in the address", () => {
  const { failure } = takeSignInFailure(new URL("http://localhost/?signInFailed=<script>"));
  expect(failure).toBe("Signing in did not work. Try again in a moment.");
});

it("is taken out of the address once it is noted", () => {
  window.history.replaceState(null, "", "/?signInFailed=expired");
  noteSignInFailure();
  expect(window.location.search).toBe("");
  expect(notedSignInFailure()).toContain("too long");
});

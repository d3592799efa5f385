//! `cargo xtask test`: everything that must hold, in one run.

use crate::{
    codegen, debian, examples,
    failure::Failure,
    interop, monitoring, process,
    progress::Progress,
    service::Service,
    tally::{self, ReadLine, Tally},
    web,
};
use std::process::{Command, ExitCode};

const STEPS: usize = 15;

/// Runs the checks in order, stops at the first that fails, and prints the totals in any case.
pub fn run() -> ExitCode {
    let mut progress = Progress::new(STEPS);
    let outcome = steps(&mut progress);
    progress.finish(&outcome)
}

fn steps(progress: &mut Progress) -> Result<(), Failure> {
    progress.step("Tools: Node.js, Chromium, PostgreSQL, LibreOffice, Prometheus", |_| debian::prepare_for_tests())?;
    progress.step("Format: cargo fmt", |_| process::run(process::cargo(&["fmt", "--all", "--check"])))?;
    progress.step("Lints: cargo clippy", |_| process::run(process::cargo(&CLIPPY)))?;
    progress.step("Web packages: npm ci", |_| web::install())?;
    progress.step("Web format and lints: biome", |_| process::run(web::npm(&["run", "--silent", "check"])))?;
    progress.step("Web types: tsc", |_| process::run(web::npm(&["run", "--silent", "types"])))?;
    progress
        .step("Web logic: vitest", |tally| counted(web::npm(&["run", "--silent", "test"]), tally::vitest, tally))?;
    progress.step("Web build: vite", |_| web::build())?;
    progress.step("Alert rules: promtool, amtool", monitoring::check)?;
    progress.step("Rust: cargo test", |tally| {
        counted(
            process::cargo(&["test", "--workspace", "--features", "lotwise/otlp", "--no-fail-fast"]),
            tally::cargo,
            tally,
        )
    })?;
    // With the binary that the tests were built with.
    progress.step("Example documents", examples::check)?;
    progress.step("OpenFeature clients", interop::check)?;
    let service = Service::start();
    progress.step("API types are the server's", |_| codegen::check(started(&service)?))?;
    progress.step("Browser: playwright", |tally| browse(started(&service)?, "chromium", tally))?;
    // Its own service: its rollout moves the flag that other pages need.
    progress.step("Browser: the demo's rollout", |tally| browse(&Service::start_with_rollout()?, "demo", tally))
}

/// Runs a project of `playwright.config.ts` on a service.
fn browse(service: &Service, project: &str, tally: &mut Tally) -> Result<(), Failure> {
    let mut playwright = web::npm(&["run", "--silent", "e2e", "--", "--project", project]);
    playwright.env("LOTWISE_URL", service.origin()).env("LOTWISE_LOGIN_URL", service.login_url());
    counted(playwright, tally::playwright, tally)
}

/// `--all-targets` leaves out the soak, which `cargo bench` does not run by itself.
const CLIPPY: [&str; 10] =
    ["clippy", "--workspace", "--all-targets", "--features", "lotwise/otlp", "--bench", "soak", "--", "-D", "warnings"];

fn started(service: &Result<Service, Failure>) -> Result<&Service, Failure> {
    service.as_ref().map_err(|failure| Failure::new(failure.to_string()))
}

/// Runs a test runner and adds up what it counts.
fn counted(runner: Command, read_line: ReadLine, tally: &mut Tally) -> Result<(), Failure> {
    let outcome = process::run_watched(runner, |line| *tally += read_line(line).unwrap_or_default());
    if outcome.is_ok() && tally.passed == 0 {
        return Err(Failure::new("the test runner ran no test"));
    }
    outcome
}

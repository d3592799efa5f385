//! The released OpenFeature clients against the binary: once against `lotwise flags serve`, once against
//! `lotwise serve`. See `interop/README.md`.

use crate::{
    failure::Failure,
    process,
    server::Server,
    tally::{self, ReadLine, Tally},
    workspace,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// An admin token for a server that nobody else reaches and that is gone with the test.
const ADMIN_TOKEN: &str = "interop-admin-token-of-a-server-that-ends-with-the-test";

/// Runs every client against both servers.
///
/// # Errors
///
/// When a server does not start or a client finds something wrong.
pub fn check(tally: &mut Tally) -> Result<(), Failure> {
    let folder = workspace::target().join("interop-servers");
    // What an earlier run left behind would be served again.
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
    }
    fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
    let clients = Clients::install()?;
    against_file(&clients, &folder, tally)?;
    against_service(&clients, &folder, tally)
}

fn against_file(clients: &Clients, folder: &Path, tally: &mut Tally) -> Result<(), Failure> {
    let file = folder.join("flags.json");
    fs::copy(flags(), &file).map_err(|error| Failure::file(&file, &error))?;
    let path = file.to_string_lossy();
    let mut command = process::command(workspace::tested_binary(), &["flags", "serve", "--file", &path, "--port", "0"]);
    command.env("NO_COLOR", "1");
    let server = Server::start(command, &folder.join("flags-serve.log"))?;
    println!("Against `lotwise flags serve`");
    clients.run(&[("OFREP_URL", server.origin()), ("FLAGS_FILE", &path)], tally)
}

fn against_service(clients: &Clients, folder: &Path, tally: &mut Tally) -> Result<(), Failure> {
    let database = format!("sqlite:{}", folder.join("lotwise.db").display());
    let mut command =
        process::command(workspace::tested_binary(), &["serve", "--listen", "127.0.0.1:0", "--database", &database]);
    command.env("LOTWISE_ADMIN_TOKEN", ADMIN_TOKEN).env("ENABLE_LOT_LEVEL_MOIC", "true").env("NO_COLOR", "1");
    let server = Server::start(command, &folder.join("serve.log"))?;
    println!("Against `lotwise serve`");
    let file = flags();
    let mut import = process::command(workspace::tested_binary(), &["flags", "import", &file.to_string_lossy()]);
    import.env("LOTWISE_SERVER", server.origin()).env("LOTWISE_TOKEN", ADMIN_TOKEN);
    process::run(import)?;
    let variables = [("OFREP_URL", server.origin()), ("OFREP_KEY", ADMIN_TOKEN), ("ADMIN_TOKEN", ADMIN_TOKEN)];
    clients.run(&variables, tally)
}

/// What every client evaluates.
fn flags() -> PathBuf {
    folder().join("flags.json")
}

fn folder() -> PathBuf {
    workspace::root().join("interop")
}

/// The clients, installed.
struct Clients {
    /// Python with its packages; none where they cannot be installed.
    python: Option<PathBuf>,
}

impl Clients {
    /// Installs what the lock files say.
    fn install() -> Result<Self, Failure> {
        process::run(node(&["ci", "--no-audit", "--no-fund"]))?;
        process::run(rust(&["test", "--locked", "--no-run"]))?;
        Ok(Self { python: python() })
    }

    /// Runs each client's tests with these variables.
    fn run(&self, variables: &[(&str, &str)], tally: &mut Tally) -> Result<(), Failure> {
        run(node(&["run", "--silent", "test"]), variables, tally::node, tally)?;
        run(rust(&["test", "--locked"]), variables, tally::cargo, tally)?;
        match &self.python {
            Some(python) => {
                let client = process::command_in(&folder().join("python"), python, &["client.py"]);
                run(client, variables, tally::playwright, tally)
            }
            None => {
                println!("SKIPPED: the Python client, whose packages cannot be installed here");
                Ok(())
            }
        }
    }
}

fn run(mut client: Command, variables: &[(&str, &str)], read_line: ReadLine, tally: &mut Tally) -> Result<(), Failure> {
    client.envs(variables.iter().copied());
    process::run_watched(client, |line| *tally += read_line(line).unwrap_or_default())
}

fn node(arguments: &[&str]) -> Command {
    let mut command = process::command_in(&folder().join("node"), "npm", arguments);
    command.env("NO_COLOR", "1").env_remove("FORCE_COLOR");
    command
}

/// Cargo for the Rust client, which is a workspace of its own.
fn rust(arguments: &[&str]) -> Command {
    let mut command = process::cargo(arguments);
    command.current_dir(folder().join("rust")).env("CARGO_TARGET_DIR", workspace::target().join("interop"));
    command
}

/// Python with the client's packages in an environment of its own.
fn python() -> Option<PathBuf> {
    let environment = workspace::target().join("interop-python");
    let python = environment.join("bin/python");
    let path = environment.to_string_lossy();
    let is_there = python.exists() || process::succeeds(process::command("python3", &["-m", "venv", &path]));
    let packages = ["-m", "pip", "install", "--quiet", "--requirement", "requirements.txt"];
    let install = process::command_in(&folder().join("python"), &python, &packages);
    (is_there && process::succeeds(install)).then_some(python)
}

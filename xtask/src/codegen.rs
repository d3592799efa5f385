//! `cargo xtask codegen`: the API's description and the client's types, from the server itself.

use crate::{
    debian,
    failure::Failure,
    process,
    service::{self, Service},
    web, workspace,
};
use std::{fs, path::Path};

const OPENAPI: &str = "openapi.json";
const TYPES: &str = "src/api/schema.d.ts";

/// Rewrites `web/openapi.json` and `web/src/api/schema.d.ts`.
///
/// # Errors
///
/// When the server cannot be built or asked, or a file not written.
pub fn run() -> Result<(), Failure> {
    debian::node()?;
    web::bring_up_to_date()?;
    service::build_binary()?;
    let web = workspace::web();
    write_description(&Service::start()?, &web.join(OPENAPI))?;
    write_types(&web.join(OPENAPI), &web.join(TYPES))?;
    println!("Wrote web/{OPENAPI} and web/{TYPES}");
    Ok(())
}

/// Whether the committed files are what the running server and the generator give.
///
/// # Errors
///
/// When they are not, or cannot be compared.
pub fn check(service: &Service) -> Result<(), Failure> {
    let web = workspace::web();
    let fresh = workspace::target().join("codegen");
    fs::create_dir_all(&fresh).map_err(|error| Failure::file(&fresh, &error))?;
    let (description, types) = (fresh.join(OPENAPI), fresh.join("schema.d.ts"));
    write_description(service, &description)?;
    write_types(&description, &types)?;
    same(&description, &web.join(OPENAPI))?;
    same(&types, &web.join(TYPES))
}

fn write_description(service: &Service, path: &Path) -> Result<(), Failure> {
    let description = service.get("/api/openapi.json")?;
    fs::write(path, description).map_err(|error| Failure::file(path, &error))?;
    // Indented, so that a change of the API reads well in a diff.
    const INDENT: &str = "const fs = require('node:fs'); const [path] = process.argv.slice(1);\
        fs.writeFileSync(path, JSON.stringify(JSON.parse(fs.readFileSync(path, 'utf8')), null, 2) + '\\n')";
    process::run(process::command("node", &["--eval", INDENT, &path.to_string_lossy()]))
}

fn write_types(description: &Path, types: &Path) -> Result<(), Failure> {
    let (description, types) = (description.to_string_lossy(), types.to_string_lossy());
    let arguments = ["exec", "--", "openapi-typescript", &description, "--output", &types, "--alphabetize"];
    process::output_of(web::npm(&arguments)).map(drop)
}

fn same(fresh: &Path, committed: &Path) -> Result<(), Failure> {
    let read = |path: &Path| fs::read(path).map_err(|error| Failure::file(path, &error));
    if read(fresh)? == read(committed)? {
        return Ok(());
    }
    let committed = committed.display();
    Err(Failure::new(format!("{committed} is not what the server says. Run `cargo xtask codegen` and commit it")))
}

//! What the runbooks, the guides and the README tell people to type.

use std::path::{Path, PathBuf};

use crate::service::lotwise;

/// Every command line of `lotwise` in the pages' code, with its page.
fn commands() -> Vec<(String, String)> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let folders = ["runbooks", "guides"].map(|folder| std::fs::read_dir(docs.join(folder)).unwrap());
    let mut pages: Vec<PathBuf> = folders.into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    pages.iter().flat_map(|page| commands_of(page)).collect()
}

fn commands_of(page: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(page).unwrap();
    let name = page.file_name().unwrap().to_string_lossy().into_owned();
    // Blocks of code, and code within a sentence.
    let blocks = text.split("```").skip(1).step_by(2).flat_map(str::lines);
    let outside: String = text.split("```").step_by(2).collect();
    let inline: Vec<String> = outside.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    let lines = blocks.map(str::to_owned).chain(inline);
    lines.flat_map(|line| in_line(&line)).map(|command| (name.clone(), command)).collect()
}

/// The commands of a line, without the variables before them and whoever runs them.
fn in_line(line: &str) -> Vec<String> {
    let line = line.split(" # ").next().unwrap_or_default();
    let parts = line.split(['|', ';', '>', '(', ')']).flat_map(|part| part.split("&&"));
    parts.filter_map(command).collect()
}

fn command(part: &str) -> Option<String> {
    let mut words = part.split_whitespace().skip_while(|word| word.contains('=') || *word == "sudo").peekable();
    if words.next_if_eq(&"-u").is_some() {
        words.next();
    }
    let program = words.next()?;
    let rest: Vec<&str> = words.take_while(|word| *word != "\\").collect();
    let is_ours = program.rsplit('/').next() == Some("lotwise") && !rest.is_empty();
    is_ours.then(|| format!("lotwise {}", rest.join(" ")))
}

fn is_name(word: &str) -> bool {
    word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-') && !word.starts_with('-')
}

/// The help of a command, if there is one of these names.
fn help(names: &[&str]) -> Option<String> {
    let words = [names, &["--help"]].concat();
    let (first, rest) = words.split_first()?;
    let ran = lotwise(first, rest);
    (ran.code == Some(0) && ran.out.contains(&format!("Usage: lotwise {}", names.join(" ")))).then_some(ran.out)
}

fn has(help: &str, option: &str) -> bool {
    help.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-')).any(|word| word == option)
}

/// What is wrong with a command: there is none of its name, or it has no such option.
fn problems(command: &str) -> Vec<String> {
    let words: Vec<&str> = command.split_whitespace().skip(1).collect();
    let names: Vec<&str> = words.iter().copied().take_while(|word| is_name(word)).collect();
    // A word after the command's names may be what it is about.
    let least = usize::from(!names.is_empty());
    let Some(help) = (least..=names.len()).rev().find_map(|count| help(&names[..count])) else {
        return vec!["there is no such command".to_owned()];
    };
    let options = words.iter().filter(|word| word.starts_with("--")).map(|word| word.split('=').next().unwrap());
    options.filter(|option| !has(&help, option)).map(|option| format!("it has no {option}")).collect()
}

#[test]
fn every_command_of_the_runbooks_and_guides_exists() {
    let commands = commands();
    assert!(commands.len() > 50, "only {} commands are found", commands.len());
    let wrong: Vec<String> = commands
        .iter()
        .flat_map(|(page, command)| problems(command).into_iter().map(move |what| format!("{page}: {command}: {what}")))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_command_is_found_in_what_surrounds_it() {
    for (line, found) in [
        ("LOTWISE_TOKEN=x lotwise flags list --json | jq . # all", "lotwise flags list --json"),
        ("sudo -u lotwise lotwise doctor", "lotwise doctor"),
        ("true && /usr/local/bin/lotwise serve > log", "lotwise serve"),
        ("lotwise restore x --into \\", "lotwise restore x --into"),
    ] {
        assert_eq!(in_line(line), [found], "{line}");
    }
    for line in ["sudo systemctl restart lotwise", "docker run --name lotwise --publish 80:80 lotwise", "lotwise"] {
        assert_eq!(in_line(line), [""; 0], "{line}");
    }
    assert_eq!(problems("lotwise flags kill enableLotLevelMoic --reason x"), [""; 0]);
    assert_eq!(problems("lotwise --version"), [""; 0]);
    assert_eq!(problems("lotwise flags kill enableLotLevelMoic --because x"), ["it has no --because"]);
    assert_eq!(problems("lotwise fly --high"), ["there is no such command"]);
}

//! What the README shows is what the product prints.

use std::path::Path;
use std::process::Command;

#[test]
fn the_table_in_the_readme_is_what_the_command_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = std::fs::read_to_string(root.join("README.md")).expect("the README is there");
    let (_, behind_prompt) =
        readme.split_once("$ lotwise moic examples/early-stage.json\n").expect("the README shows it");
    let (shown, _) = behind_prompt.split_once("\n```").expect("the block ends");
    let output = Command::new(env!("CARGO_BIN_EXE_lotwise"))
        .args(["moic", "examples/early-stage.json"])
        .current_dir(&root)
        .output()
        .expect("the binary runs");
    assert!(output.status.success());
    assert_eq!(shown.trim_end(), String::from_utf8_lossy(&output.stdout).trim_end());
}

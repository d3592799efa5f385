//! LibreOffice without a window, as the spreadsheet engine that recalculates.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{self, sleep};
use std::time::Duration;

/// How long one run may take.
const TIME_LIMIT: Duration = Duration::from_secs(180);
/// How often its end is looked for.
const PAUSE: Duration = Duration::from_millis(50);

/// Settings of the profile: workbooks are always recalculated when they are loaded, whatever values they bring.
const SETTINGS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"#;

/// Runs at the same time, each with a profile of its own.
const RUNS: usize = 2;

/// Recalculates workbooks, many in a run, and gives them back in the same order.
pub fn recalculated(workbooks: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let in_a_run = workbooks.len().div_ceil(RUNS).max(1);
    thread::scope(|scope| {
        let runs: Vec<_> = workbooks.chunks(in_a_run).map(|some| scope.spawn(|| one_run(some))).collect();
        runs.into_iter().flat_map(|run| run.join().expect("a run that ended well")).collect()
    })
}

fn one_run(workbooks: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().expect("a folder");
    let (profile, results) = (folder.path().join("profile"), folder.path().join("results"));
    fs::create_dir_all(profile.join("user")).expect("a profile");
    fs::write(profile.join("user/registrymodifications.xcu"), SETTINGS).expect("settings");
    let files: Vec<PathBuf> =
        (0..workbooks.len()).map(|index| folder.path().join(format!("fund-{index}.xlsx"))).collect();
    for (file, workbook) in files.iter().zip(workbooks) {
        fs::write(file, workbook).expect("a workbook is written");
    }
    let log = folder.path().join("log");
    convert(&profile, &results, &files, &log);
    let result = |file: &PathBuf| results.join(file.file_name().expect("a name"));
    files
        .iter()
        .map(|file| {
            fs::read(result(file)).unwrap_or_else(|error| {
                let said = fs::read_to_string(&log).unwrap_or_default();
                panic!("LibreOffice did not convert {}: {error}\n{said}", file.display())
            })
        })
        .collect()
}

fn convert(profile: &Path, results: &Path, files: &[PathBuf], log: &Path) {
    let out = fs::File::create(log).expect("a log");
    let child = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}", profile.display()))
        .args(["--headless", "--norestore", "--convert-to", "xlsx", "--outdir"])
        .arg(results)
        .args(files)
        .stdin(Stdio::null())
        .stdout(out.try_clone().expect("the log again"))
        .stderr(out)
        .spawn();
    let child = child.unwrap_or_else(|error| {
        panic!("cannot run LibreOffice (soffice), which this test compares with: {error}; install it: sudo apt-get install libreoffice-calc-nogui")
    });
    wait(child);
}

/// Waits for the end of a run, and ends it when it takes too long.
fn wait(mut child: Child) {
    let mut waited = Duration::ZERO;
    loop {
        if let Some(status) = child.try_wait().expect("the run can be asked") {
            assert!(status.success(), "LibreOffice ended with {status}");
            return;
        }
        if waited > TIME_LIMIT {
            let _ = child.kill();
            let _ = child.wait();
            panic!("LibreOffice did not end within {TIME_LIMIT:?}");
        }
        sleep(PAUSE);
        waited += PAUSE;
    }
}

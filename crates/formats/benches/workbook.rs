//! Writing a workbook of 200 companies with five lots each.
//!
//! `cargo bench -p formats`

#![expect(clippy::expect_used, reason = "a benchmark that cannot run ends")]

#[path = "../../moic/benches/portfolios/mod.rs"]
mod portfolios;

use criterion::{Criterion, criterion_group, criterion_main};
use moic::Portfolio;

use self::portfolios::{History, document};

/// Companies in a document of this benchmark.
const COMPANIES: u64 = 200;

fn workbook(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("workbook of 200 companies");
    group.sample_size(20);
    for (name, history) in [("marks and one case", History::Marks), ("full replay and three cases", History::Full)] {
        let json = document(COMPANIES, history);
        let portfolio = Portfolio::from_json(json.as_bytes()).expect("the benchmark's own document is right");
        let evaluation = portfolio.evaluate();
        let bytes = formats::workbook::write(&portfolio, &evaluation).expect("a workbook").len();
        println!("{name}: {bytes} bytes");
        group.bench_function(name, |bencher| bencher.iter(|| formats::workbook::write(&portfolio, &evaluation)));
    }
    group.finish();
}

criterion_group!(benches, workbook);
criterion_main!(benches);

//! The engine on one thread: lenses of companies of five lots, without and with a full history.
//!
//! `cargo bench -p moic` prints time for a batch of companies; divide by the batch for the time of one.

#![expect(clippy::expect_used, reason = "a benchmark that cannot run ends")]

mod portfolios;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use moic::Portfolio;

use self::portfolios::{History, document};

/// Companies in a document of this benchmark.
const COMPANIES: u64 = 1_000;

fn lenses(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("lenses of a company");
    group.throughput(Throughput::Elements(COMPANIES));
    for (name, history) in [("marks and one case", History::Marks), ("full replay and three cases", History::Full)] {
        let json = document(COMPANIES, history);
        let portfolio = Portfolio::from_json(json.as_bytes()).expect("the benchmark's own document is right");
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                portfolio.for_each_company_lenses(|lenses| {
                    black_box(lenses);
                });
            });
        });
    }
    group.finish();
}

fn document_stages(criterion: &mut Criterion) {
    let json = document(COMPANIES, History::Marks);
    let portfolio = Portfolio::from_json(json.as_bytes()).expect("the benchmark's own document is right");
    let evaluation = portfolio.evaluate();
    let mut group = criterion.benchmark_group("document, all cores");
    group.throughput(Throughput::Elements(COMPANIES));
    group.bench_function("parse and check", |bencher| {
        bencher.iter(|| Portfolio::from_json(black_box(json.as_bytes())));
    });
    group.bench_function("evaluate", |bencher| bencher.iter(|| portfolio.evaluate()));
    group.bench_function("write", |bencher| bencher.iter(|| evaluation.to_json()));
    group.finish();
}

criterion_group!(benches, lenses, document_stages);
criterion_main!(benches);

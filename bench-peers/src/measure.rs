//! Measuring contenders in turn: on a shared machine whose speed drifts, only what ran side by side can be compared.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;
use std::time::{Duration, Instant};

const ROUNDS: usize = 41;
const ROUND_TIME: Duration = Duration::from_millis(20);

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// Counts the allocations of each thread.
pub struct Counting;

// SAFETY: everything is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// Somebody who is measured.
pub struct Contender<'c> {
    name: &'static str,
    work: Box<dyn FnMut(u64) + 'c>,
    allocations: u64,
    /// Nanoseconds of one piece of work, by round.
    rounds: Vec<f64>,
}

impl<'c> Contender<'c> {
    /// A contender; its work is repeated so often that the loop around it does not count.
    pub fn new<T>(name: &'static str, mut work: impl FnMut() -> T + 'c) -> Self {
        let repeated = move |times| {
            for _ in 0..times {
                black_box(work());
            }
        };
        Self { name, work: Box::new(repeated), allocations: 0, rounds: Vec::new() }
    }
}

/// Measures the contenders in turn and prints a table; the first is the product, to which the ratios are.
pub fn compare(title: &str, mut contenders: Vec<Contender<'_>>) {
    let mut times = Vec::new();
    for contender in &mut contenders {
        (contender.work)(3);
        let before = ALLOCATIONS.get();
        (contender.work)(1);
        contender.allocations = ALLOCATIONS.get() - before;
        let mut repeated = 1;
        loop {
            let start = Instant::now();
            (contender.work)(repeated);
            if start.elapsed() >= ROUND_TIME {
                break times.push(repeated);
            }
            repeated *= 2;
        }
    }
    for _ in 0..ROUNDS {
        for (contender, times) in contenders.iter_mut().zip(&times) {
            let start = Instant::now();
            (contender.work)(*times);
            contender.rounds.push(start.elapsed().as_secs_f64() * 1e9 / *times as f64);
        }
    }
    println!("\n{title}\n");
    println!("| who | median | fastest round | of ours, round by round | allocations |\n|---|---|---|---|---|");
    let ours = contenders[0].rounds.clone();
    for contender in &contenders {
        let ratios = contender.rounds.iter().zip(&ours).map(|(theirs, ours)| theirs / ours).collect();
        let fastest = contender.rounds.iter().copied().fold(f64::INFINITY, f64::min);
        let (name, allocations) = (contender.name, contender.allocations);
        println!(
            "| {name} | {} | {} | {:.2} | {allocations} |",
            duration(median(contender.rounds.clone())),
            duration(fastest),
            median(ratios)
        );
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn duration(nanoseconds: f64) -> String {
    match nanoseconds {
        time if time < 1e3 => format!("{time:.1} ns"),
        time if time < 1e6 => format!("{:.2} µs", time / 1e3),
        time => format!("{:.2} ms", time / 1e6),
    }
}

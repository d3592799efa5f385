//! `flags.md` §1: "an evaluation allocates nothing". Counted by an allocator of its own, so it is a program of its own.

#![expect(clippy::unwrap_used, reason = "a broken fixture fails the test")]

use std::alloc::System;

use flags::{Arena, Bucketing, FlagSet, read_context, read_request};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const NOW_S: i64 = 1_790_000_000;
const CONTEXT: &str = r#"{"targetingKey":"5c3d8535-f81a-4478-a6d3-afaa4d51199e","country":"NL","version":"2.1.0",
    "email":"jane@lotwise.example","tags":["a","b","c"],"age":41}"#;

/// The fewest allocations of several tries: what others in the process allocate meanwhile does not count.
fn allocations_of(mut work: impl FnMut()) -> usize {
    work();
    let tries = (0..5).map(|_| {
        let region = Region::new(ALLOCATOR);
        for _ in 0..200 {
            work();
        }
        let change = region.change();
        change.allocations + change.reallocations
    });
    tries.min().unwrap()
}

fn document() -> String {
    let rules = [
        ("static", "null"),
        (
            "split",
            r#"{"if":[{"in":[{"var":"country"},["FR","DE","NL"]]},{"fractional":[["a",25],["b",25],["c",50]]},null]}"#,
        ),
        ("split_by_value", r#"{"fractional":[{"cat":[{"var":"$flagd.flagKey"},{"var":"email"}]},["a",50],["b",50]]}"#),
        (
            "texts",
            r#"{"if":[{"and":[{"sem_ver":[{"var":"version"},">=","2.0"]},{"ends_with":[{"var":"email"},"example"]},
                {"==":[{"cat":[{"map":[{"var":"tags"},{"cat":["<",{"var":""},">"]}]}]},"<a>,<b>,<c>"]}]},"a","b"]}"#,
        ),
        (
            "lists",
            r#"{"if":[{"some":[{"filter":[{"merge":[{"var":"tags"},["d"]]},{"in":[{"var":""},"abd"]}]},{"===":[{"var":""},"d"]}]},
                {"substr":["xbx",1,1]},"a"]}"#,
        ),
        ("number", r#"{"if":[{"sem_ver":[{"var":"age"},"^","41"]},"c","a"]}"#),
        ("failing", r#"{"starts_with":[{"var":"age"},"4"]}"#),
    ];
    let flags = rules.map(|(key, rule)| {
        let variants = r#"{"a":"A","b":"B","c":"C","none":"N"}"#;
        format!(r#""{key}":{{"state":"ENABLED","variants":{variants},"defaultVariant":"none","targeting":{rule}}}"#)
    });
    let exposed = r#""exposed":{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"off","metadata":{"exposure":30,"prerequisites":"static=none"}}"#;
    let disabled = r#""disabled":{"state":"DISABLED","variants":{"on":true},"defaultVariant":"on"}"#;
    format!("{{\"flags\":{{{},{exposed},{disabled}}}}}", flags.join(","))
}

#[test]
fn an_evaluation_allocates_nothing() {
    for bucketing in [Bucketing::V2, Bucketing::V3] {
        let set = FlagSet::check(document().as_bytes(), bucketing).unwrap();
        let arena = Arena::new();
        let context = read_context(CONTEXT.as_bytes(), &arena).unwrap();
        for (key, variant) in [
            ("static", Some("none")),
            ("texts", Some("a")),
            ("lists", Some("b")),
            ("number", Some("c")),
            ("disabled", None),
        ] {
            assert_eq!(set.evaluate(key, &context, NOW_S).result.unwrap().variant, variant, "{key}");
        }
        for flag in set.iter() {
            let count = allocations_of(|| {
                std::hint::black_box(set.evaluate(flag.key(), &context, NOW_S)).result.unwrap();
            });
            assert_eq!(count, 0, "{} in {bucketing}", flag.key());
        }
        let unknown = allocations_of(|| {
            let _ = std::hint::black_box(set.evaluate("unknown", &context, NOW_S));
        });
        assert_eq!(unknown, 0);
    }
    reading_a_request_allocates_nothing_once_its_arena_has_grown();
}

/// Part of the one test of this program, so that nothing else allocates beside it.
fn reading_a_request_allocates_nothing_once_its_arena_has_grown() {
    let body = format!("{{\"context\":{CONTEXT},\"other\":[1,2]}}");
    let mut arena = Arena::new();
    let count = allocations_of(|| {
        arena.reset();
        assert!(read_request(body.as_bytes(), &arena).unwrap().targeting_key().is_some());
    });
    assert_eq!(count, 0);
}

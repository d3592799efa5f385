//! The flag engine beside its peers. `cargo xtask bench` runs it; alone, `cargo bench` in `bench-peers/`.

use bench_peers::measure::{Contender, Counting, compare};
use bench_peers::{CONTEXT, FLAG, FLAGS, NOW_S, RULE, USER, by_hand, datalogic, document, flagd, lotwise, yggdrasil};
use bumpalo::Bump;
use datalogic_rs::{DataValue, Engine};
use flagd_evaluation_engine::{FlagParser, Operator};
use flags::{Arena, Asker, Bucketing, EARLY_ADOPTERS, EnvironmentSwitch, FlagSet, Override, Switchboard};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hint::black_box;
use std::sync::Arc;
use unleash_yggdrasil::state::EnrichedContext;

#[global_allocator]
static COUNTING: Counting = Counting;

fn main() {
    rule();
    static_flag();
    request();
    loading();
    guard();
}

/// The rule, with a context that is there already.
fn rule() {
    let document = document(FLAGS);
    let (v2, v3) = (lotwise::set(&document, Bucketing::V2), lotwise::set(&document, Bucketing::V3));
    let definition = v3.get(FLAG).unwrap();
    let arena = Arena::new();
    let context = flags::read_context(CONTEXT.as_bytes(), &arena).unwrap();

    let engine = datalogic::engine();
    let split = engine.compile(datalogic::RULE).unwrap();
    let builtin = engine.compile(RULE).unwrap();
    let data_arena = Bump::new();
    let with_flag = CONTEXT.replacen('{', &format!("{{\"$flagd\":{{\"flagKey\":\"{FLAG}\"}},"), 1);
    let data = data_arena.alloc(DataValue::from_str(&with_flag, &data_arena).unwrap());
    let mut scratch = Bump::new();
    let mut other_scratch = Bump::new();

    let unleash = yggdrasil::load(&yggdrasil::document());
    let unleash_context = yggdrasil::context();
    let enriched = EnrichedContext::from(&unleash_context, FLAG, None);

    let operator = Operator::new();
    let provider_context = flagd::context(&serde_json::from_str(CONTEXT).unwrap());
    let user = by_hand::User { id: USER, country: "NL" };

    let expected = by_hand::variant(FLAG, &user);
    assert_eq!(lotwise::variant(&v2, &context), expected);
    let chosen = |rule| engine.evaluate(rule, &*data, &data_arena).unwrap().as_str();
    assert_eq!((chosen(&split), chosen(&builtin)), (expected, expected));
    assert!(unleash.check_variant(&enriched).unwrap().enabled);
    assert!(operator.apply(FLAG, RULE, &provider_context).unwrap().is_some());

    compare(
        "`in` on an attribute, then a four-way `fractional`; context read beforehand",
        vec![
            Contender::new("lotwise, v3", || {
                lotwise::variant_by(black_box(&v3), black_box(definition), black_box(&context))
            }),
            Contender::new("lotwise, v3, the flag looked for among 1,000", || {
                lotwise::variant(black_box(&v3), black_box(&context))
            }),
            Contender::new("lotwise, v2, the flag looked for among 1,000", || {
                lotwise::variant(black_box(&v2), black_box(&context))
            }),
            Contender::new("closure written by hand", || by_hand::variant(black_box(FLAG), black_box(&user))),
            Contender::new("datalogic-rs 5.4, custom operator", || {
                scratch.reset();
                engine.evaluate(&split, black_box(&*data), &scratch).unwrap().as_str().map(str::len)
            }),
            Contender::new("datalogic-rs 5.4, its own fractional", || {
                other_scratch.reset();
                engine.evaluate(&builtin, black_box(&*data), &other_scratch).unwrap().as_str().map(str::len)
            }),
            Contender::new("unleash-yggdrasil 0.21", || unleash.check_variant(black_box(&enriched))),
            Contender::new("flagd-evaluation-engine 0.1", || operator.apply(FLAG, RULE, black_box(&provider_context))),
        ],
    );
}

/// A flag that is the same for everyone.
fn static_flag() {
    let set = lotwise::set(&document(FLAGS), Bucketing::V3);
    let definition = set.get("static").unwrap();
    let arena = Arena::new();
    let context = flags::read_context(CONTEXT.as_bytes(), &arena).unwrap();
    let unleash = yggdrasil::load(&yggdrasil::document());
    let unleash_context = yggdrasil::context();
    let enriched = EnrichedContext::from(&unleash_context, "static", None);
    compare(
        "A flag without a rule",
        vec![
            Contender::new("lotwise, the flag looked for among 1,000", || {
                set.evaluate(black_box("static"), black_box(&context), NOW_S)
            }),
            Contender::new("lotwise, the definition at hand", || {
                set.evaluate_definition(black_box(definition), black_box(&context), NOW_S)
            }),
            Contender::new("unleash-yggdrasil 0.21", || unleash.check_enabled(black_box(&enriched))),
        ],
    );
}

/// The rule, with the context read from a request each time.
fn request() {
    let v3 = lotwise::set(&document(FLAGS), Bucketing::V3);
    let body = format!("{{\"context\":{CONTEXT}}}");
    let mut arena = Arena::new();

    let engine = Engine::new();
    let builtin = engine.compile(RULE).unwrap();
    let with_flag = CONTEXT.replacen('{', &format!("{{\"$flagd\":{{\"flagKey\":\"{FLAG}\"}},"), 1);
    let mut scratch = Bump::new();

    let unleash = yggdrasil::load(&yggdrasil::document());
    let operator = Operator::new();
    compare(
        "The same rule, the context read from the request's JSON",
        vec![
            Contender::new("lotwise, v3", || {
                arena.reset();
                let context = flags::read_request(black_box(body.as_bytes()), &arena).unwrap();
                lotwise::variant(&v3, &context)
            }),
            Contender::new("datalogic-rs 5.4, its own fractional", || {
                scratch.reset();
                engine.evaluate(&builtin, black_box(with_flag.as_str()), &scratch).unwrap().as_str().map(str::len)
            }),
            Contender::new("unleash-yggdrasil 0.21", || {
                let context = serde_json::from_str(black_box(yggdrasil::CONTEXT)).unwrap();
                unleash.check_variant(&EnrichedContext::from(&context, FLAG, None))
            }),
            Contender::new("flagd-evaluation-engine 0.1", || {
                let context = flagd::context(&serde_json::from_str(black_box(CONTEXT)).unwrap());
                operator.apply(FLAG, RULE, &context)
            }),
        ],
    );
}

/// What the guard asks on every request: who decides about lot-level MOIC for a person, by exposure among 1,000 flags.
fn guard() {
    let own = r#"{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"off",
        "metadata":{"exposure":10,"clientOverride":"opt-in"}}"#;
    let key = flags::ENABLE_LOT_LEVEL_MOIC.key();
    let document = document(FLAGS).replacen("{\"flags\":{", &format!("{{\"flags\":{{\"{key}\":{own},"), 1);
    let members = (0..1_000).map(|person| format!("person:{person}")).collect();
    let switchboard = Switchboard {
        set: Arc::new(lotwise::set(&document, Bucketing::V3)),
        switches: HashMap::from([(key, EnvironmentSwitch::On)]),
        killed: BTreeSet::new(),
        segments: Arc::new(BTreeMap::from([(EARLY_ADOPTERS.to_owned(), members)])),
        unsigned_opt_in: false,
    };
    let decide = |targeting_key, wish| {
        let asker = Asker { targeting_key: Some(black_box(targeting_key)), wish };
        black_box(&switchboard).decide(flags::ENABLE_LOT_LEVEL_MOIC, asker, NOW_S)
    };
    compare(
        "The guard's question, for a person",
        vec![
            Contender::new("somebody else, drawn by exposure", || decide("person:4711", Override::None)),
            Contender::new("an early adopter who opted in", || decide("person:7", Override::On)),
        ],
    );
}

/// Loading 1,000 flags.
fn loading() {
    let document = document(FLAGS);
    let unleash_document = yggdrasil::document();
    let engine = Engine::new();
    compare(
        "Loading 1,000 flags with that rule",
        vec![
            Contender::new("lotwise, every problem looked for", || {
                FlagSet::load(black_box(document.as_bytes()), Bucketing::V3).unwrap()
            }),
            Contender::new("serde_json alone, into values", || {
                serde_json::from_str::<serde_json::Value>(black_box(&document)).unwrap()
            }),
            Contender::new("datalogic-rs 5.4, rules compiled", || datalogic::load(&engine, black_box(&document))),
            Contender::new("unleash-yggdrasil 0.21", || yggdrasil::load(black_box(&unleash_document))),
            Contender::new("flagd-evaluation-engine 0.1, rules not compiled", || {
                FlagParser::parse_string(black_box(&document)).unwrap()
            }),
        ],
    );
}

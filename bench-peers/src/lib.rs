//! The product's flag engine and its peers, each asked the same question: is the user's country one of three, and if so,
//! which of four equal shares do they fall into?

pub mod by_hand;
pub mod datalogic;
pub mod flagd;
pub mod lotwise;
pub mod measure;
pub mod murmur3;
pub mod yggdrasil;

/// Key of the flag.
pub const FLAG: &str = "checkout-colour";
/// Who is asked about.
pub const USER: &str = "5c3d8535-f81a-4478-a6d3-afaa4d51199e";
/// The context as it comes with a request.
pub const CONTEXT: &str =
    r#"{"targetingKey":"5c3d8535-f81a-4478-a6d3-afaa4d51199e","country":"NL","plan":"pro","age":41}"#;
/// A time, in seconds since 1970.
pub const NOW_S: i64 = 1_780_000_000;
/// Flags of the document that is loaded.
pub const FLAGS: usize = 1_000;

/// The question as a targeting rule of flagd.
pub const RULE: &str = r#"{"if":[{"in":[{"var":"country"},["FR","DE","NL"]]},
    {"fractional":[["clubs",25],["diamonds",25],["hearts",25],["spades",25]]}, null]}"#;

/// A document of flags with this rule, and one flag without.
#[must_use]
pub fn document(flags: usize) -> String {
    let mut text = String::from(
        r#"{"flags":{"static":{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"on"}"#,
    );
    for index in 0..flags.saturating_sub(1) {
        let key = if index == 0 { FLAG.to_owned() } else { format!("{FLAG}-{index}") };
        let variants = r#"{"clubs":"c","diamonds":"d","hearts":"h","spades":"s","none":"n"}"#;
        text += &format!(
            r#","{key}":{{"state":"ENABLED","variants":{variants},"defaultVariant":"none","targeting":{RULE}}}"#
        );
    }
    text + "}}"
}

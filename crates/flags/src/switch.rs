//! What a process and a caller say about a flag: the environment variable and the request header.

/// A flag's environment variable as the process was started with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnvironmentSwitch {
    /// Not set: off for everyone, nothing else is asked.
    Unset,
    /// Exactly `true`: the stored state decides.
    On,
    /// Exactly `false`: a kill in this process.
    Off,
    /// Anything else, the empty string included: a kill in this process, and worth a warning.
    Invalid(String),
}

impl EnvironmentSwitch {
    /// Reads the variable's value; `None` is "not set". Only the exact text `true` turns a flag on.
    #[must_use]
    pub fn from_variable(value: Option<&str>) -> Self {
        match value {
            None => Self::Unset,
            Some("true") => Self::On,
            Some("false") => Self::Off,
            Some(other) => Self::Invalid(other.to_owned()),
        }
    }

    /// Name of the state on the wire.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Unset => "unset",
            Self::On => "on",
            Self::Off => "off",
            Self::Invalid(_) => "invalid",
        }
    }

    /// The sentence for log and readiness report when the value is neither `true` nor `false`.
    #[must_use]
    pub fn warning(&self, variable: &str) -> Option<String> {
        match self {
            Self::Invalid(value) => Some(format!(
                "{variable} is {value:?}, which is neither true nor false: the flag is off in this process. Set it to true or false and restart."
            )),
            Self::Unset | Self::On | Self::Off => None,
        }
    }
}

/// What a caller wants for themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Override {
    /// No wish.
    #[default]
    None,
    /// Leave the feature (`0`).
    Off,
    /// Enter the feature (`1`).
    On,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a1_only_the_exact_value_true_enables() {
        for (value, expected) in [
            (None, EnvironmentSwitch::Unset),
            (Some("true"), EnvironmentSwitch::On),
            (Some("false"), EnvironmentSwitch::Off),
            (Some(""), EnvironmentSwitch::Invalid(String::new())),
            (Some("TRUE"), EnvironmentSwitch::Invalid("TRUE".to_owned())),
            (Some("1"), EnvironmentSwitch::Invalid("1".to_owned())),
            (Some(" true"), EnvironmentSwitch::Invalid(" true".to_owned())),
            (Some("yes"), EnvironmentSwitch::Invalid("yes".to_owned())),
        ] {
            assert_eq!(EnvironmentSwitch::from_variable(value), expected, "{value:?}");
        }
    }

    #[test]
    fn a1_the_warning_names_variable_and_value_and_only_for_neither_true_nor_false() {
        let warning = |value| EnvironmentSwitch::from_variable(value).warning("ENABLE_LOT_LEVEL_MOIC");
        assert_eq!(warning(None), None);
        assert_eq!(warning(Some("true")), None);
        assert_eq!(warning(Some("false")), None);
        for value in ["", "TRUE", "on"] {
            let text = warning(Some(value)).unwrap();
            assert!(text.contains("ENABLE_LOT_LEVEL_MOIC") && text.contains(&format!("{value:?}")), "{text}");
        }
    }
}

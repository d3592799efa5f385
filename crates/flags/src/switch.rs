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

impl Override {
    /// Reads the value of an `X-Feature-Override` header for one flag: a comma-separated list of `key=0` and `key=1`.
    /// Entries for other flags and entries that are neither `0` nor `1` say nothing; when a key comes twice, leaving
    /// wins over entering.
    #[must_use]
    pub fn from_header(header: &str, key: &str) -> Self {
        let mut wish = Self::None;
        for entry in header.split(',') {
            let Some((name, value)) = entry.split_once('=') else {
                continue;
            };
            if name.trim() != key {
                continue;
            }
            match value.trim() {
                "0" => return Self::Off,
                "1" => wish = Self::On,
                _ => {}
            }
        }
        wish
    }
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

    #[test]
    fn a4_the_header_is_read_for_the_flag_asked_about() {
        for (header, expected) in [
            ("enableLotLevelMoic=0", Override::Off),
            ("enableLotLevelMoic=1", Override::On),
            ("useFundStore=0, enableLotLevelMoic=1", Override::On),
            (" enableLotLevelMoic = 0 ", Override::Off),
            ("enableLotLevelMoic=1,enableLotLevelMoic=0", Override::Off),
            ("enableLotLevelMoic=0,enableLotLevelMoic=1", Override::Off),
            ("enableLotLevelMoic=true", Override::None),
            ("enableLotLevelMoic", Override::None),
            ("other=0", Override::None),
            ("", Override::None),
        ] {
            assert_eq!(Override::from_header(header, "enableLotLevelMoic"), expected, "{header:?}");
        }
    }
}

//! A little traffic: some twenty users who ask for the legacy MOIC of a fund, one after the other.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::json;

use crate::service::Service;

/// So many that both arms of a half have somebody, but for one time in a million.
const USERS: usize = 20;
/// Between two requests.
const PAUSE: Duration = Duration::from_millis(25);

/// Users who ask until they are dropped.
pub struct Traffic {
    stop: Option<mpsc::Sender<()>>,
    asking: Option<JoinHandle<()>>,
}

impl Traffic {
    /// Users of `service` who look at this fund.
    pub fn on(service: &Service, fund: i64) -> Self {
        let token = |number: usize| {
            let body = json!({ "name": format!("user {number}"), "role": "viewer" });
            let (status, token) = service.ask("POST", "/api/tokens", Some(&body));
            assert_eq!(status, 201, "{token}");
            format!("Bearer {}", token["token"].as_str().unwrap())
        };
        let tokens: Vec<String> = (0..USERS).map(token).collect();
        let url = format!("{}/api/funds/{fund}/moic", service.address);
        let (stop, stopped) = mpsc::channel();
        let asking = std::thread::spawn(move || {
            let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
            for token in tokens.iter().cycle() {
                // Failures are what is tested, and a service that is gone answers nobody.
                let _ = agent.get(&url).header("Authorization", token).call();
                if stopped.recv_timeout(PAUSE) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        });
        Self { stop: Some(stop), asking: Some(asking) }
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.asking.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || !matches!(ended, Some(Err(_))), "the traffic broke off");
    }
}

//! What goes on behind rollouts: every process says that it is there, hands in what it has counted and says what it has of
//! the flags; one of them, at a time, controls, and asks Prometheus where a policy wants it.

pub(super) mod controller;
pub(super) mod evidence;
pub(super) mod prometheus;
pub(super) mod replica;

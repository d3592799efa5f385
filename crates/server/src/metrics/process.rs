//! The process itself, by the names that Prometheus' own clients use. Snapshot workers run inside it: where they are a
//! replica of their own, this is their memory.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

/// What the operating system says of this process.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Usage {
    /// Bytes of memory that are not swapped out.
    pub(crate) resident_memory_bytes: u64,
    /// Seconds of processor time since the start, of all threads.
    cpu_seconds: f64,
    /// Open files and sockets.
    open_fds: u64,
    /// Seconds since 1970; none where the time since the machine's start cannot be read, as in a sandbox.
    start_time_seconds: Option<f64>,
}

/// What the operating system says of this process; none where it does not tell.
#[cfg(target_os = "linux")]
pub(crate) fn usage() -> Option<Usage> {
    let process = procfs::process::Process::myself().ok()?;
    let stat = process.stat().ok()?;
    let seconds = |ticks: u64| seconds_of(ticks, procfs::ticks_per_second());
    Some(Usage {
        resident_memory_bytes: stat.rss.checked_mul(procfs::page_size())?,
        cpu_seconds: seconds(stat.utime.checked_add(stat.stime)?),
        open_fds: u64::try_from(process.fd_count().ok()?).ok()?,
        start_time_seconds: procfs::boot_time_secs().ok().map(|boot| seconds(stat.starttime) + seconds_of(boot, 1)),
    })
}

/// What the operating system says of this process; none where it does not tell.
#[cfg(not(target_os = "linux"))]
pub(crate) fn usage() -> Option<Usage> {
    None
}

#[cfg(target_os = "linux")]
fn seconds_of(ticks: u64, per_second: u64) -> f64 {
    std::time::Duration::from_millis(ticks.saturating_mul(1_000) / per_second.max(1)).as_secs_f64()
}

/// Asks when it is scraped.
#[derive(Debug)]
pub(super) struct ProcessCollector;

impl Collector for ProcessCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Some(usage) = usage() else { return Ok(()) };
        let memory = ConstGauge::new(usage.resident_memory_bytes);
        let described = ("process_resident_memory", "Memory that is not swapped out");
        let encoding = encoder.encode_descriptor(described.0, described.1, Some(&Unit::Bytes), memory.metric_type())?;
        memory.encode(encoding)?;
        let processor = ConstCounter::new(usage.cpu_seconds);
        let described = ("process_cpu", "Processor time of all threads since the start");
        let encoding =
            encoder.encode_descriptor(described.0, described.1, Some(&Unit::Seconds), processor.metric_type())?;
        processor.encode(encoding)?;
        let files = ConstGauge::new(usage.open_fds);
        let encoding =
            encoder.encode_descriptor("process_open_fds", "Open files and sockets", None, files.metric_type())?;
        files.encode(encoding)?;
        let Some(started) = usage.start_time_seconds.map(ConstGauge::new) else { return Ok(()) };
        let described = ("process_start_time", "When the process started, since 1970");
        let encoding =
            encoder.encode_descriptor(described.0, described.1, Some(&Unit::Seconds), started.metric_type())?;
        started.encode(encoding)
    }
}

//! A gate before a service: something can be made to happen between the service's act and its answer.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::service::Service;

type Act = (&'static str, Box<dyn Fn() + Send + Sync>);

/// An address that leads to `service`. The first time a request has the first text in its first line, the act beside it is
/// carried out before the answer is handed on; then the next text counts.
pub fn gate(service: &Service, acts: Vec<Act>) -> String {
    let target = service.address.trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (acts, done) = (Arc::new(acts), Arc::new(AtomicUsize::new(0)));
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (acts, done, target) = (Arc::clone(&acts), Arc::clone(&done), target.clone());
            std::thread::spawn(move || pass(client.unwrap(), &TcpStream::connect(target).unwrap(), &acts, &done));
        }
    });
    address
}

fn pass(mut client: TcpStream, service: &TcpStream, acts: &[Act], done: &AtomicUsize) {
    let (mut request, mut answer) = (vec![0; 65_536], vec![0; 65_536]);
    let (mut asks, mut answers) = (service, client.try_clone().unwrap());
    // The client asks one thing at a time, and its next question comes after the whole answer.
    let pending = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut from = service;
            while let Ok(length @ 1..) = from.read(&mut answer) {
                let index = pending.swap(0, Ordering::SeqCst);
                if let Some((_, act)) = index.checked_sub(1).and_then(|index| acts.get(index)) {
                    act();
                }
                if answers.write_all(&answer[..length]).is_err() {
                    break;
                }
            }
            let _ = answers.shutdown(Shutdown::Both);
        });
        while let Ok(length @ 1..) = client.read(&mut request) {
            let text = String::from_utf8_lossy(&request[..length]);
            let next = done.load(Ordering::SeqCst);
            let is_due = acts.get(next).is_some_and(|(needle, _)| text.lines().next().unwrap_or("").contains(needle));
            if is_due {
                done.store(next + 1, Ordering::SeqCst);
                pending.store(next + 1, Ordering::SeqCst);
            }
            if asks.write_all(&request[..length]).is_err() {
                break;
            }
        }
        let _ = asks.shutdown(Shutdown::Both);
    });
}

//! The explorer's server: a [`Desk`] and the page, on the network.
//!
//! It listens on this machine alone unless it is told otherwise, and then it asks for a token. A page of another site
//! cannot use it: `Host` must be an address that it listens on, which a rebound name is not, and `Origin`, where there is
//! one, must be its own. Nothing that is asked names a file.

mod access;
mod assets;
mod routes;

pub use access::Access;
pub(crate) use assets::for_export;
pub use routes::document;

use super::Desk;
use crate::memory;
use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// What every request has at hand.
pub(crate) struct Site {
    pub(crate) desk: Desk,
    access: Access,
    /// What waits for a turn: what only looks, what searches, and cases of threads.
    looks: Arc<Semaphore>,
    searches: Arc<Semaphore>,
    cases: Arc<Semaphore>,
}

/// A server that listens and does not answer yet.
pub struct Server {
    runtime: tokio::runtime::Runtime,
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Listens on an address.
    ///
    /// # Errors
    /// When nothing can listen there.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(MOST_LOOKS + MOST_SEARCHES + MOST_CASES + MOST_CHECKS)
            // A predicate within a predicate is evaluated within its evaluation.
            .thread_stack_size(STACK)
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind(address))?;
        let address = listener.local_addr()?;
        Ok(Self { runtime, listener, address })
    }

    /// The address that it listens on, with the port that it was given.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` is over; what is still being answered then is not waited for.
    ///
    /// # Errors
    /// When the network fails.
    pub fn run(self, desk: Desk, access: Access, stop: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let turns = [MOST_LOOKS, MOST_SEARCHES, MOST_CASES];
        let [looks, searches, cases] = turns.map(|most| Arc::new(Semaphore::new(most)));
        let site = Arc::new(Site { desk, access, looks, searches, cases });
        let Self { runtime, listener, .. } = self;
        let ended = runtime.block_on(async move {
            tokio::select! {
                ended = serve(listener, router(Arc::clone(&site))) => ended,
                () = stop => {
                    // A check that waits would wait for ever.
                    site.desk.stop_checks();
                    Ok(())
                }
            }
        });
        runtime.shutdown_timeout(Duration::from_millis(100));
        ended
    }
}

/// Answers on so many connections at a time, and closes those that say nothing.
async fn serve(listener: TcpListener, router: Router) -> io::Result<()> {
    let connections = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let Ok(turn) = Arc::clone(&connections).acquire_owned().await else { return Ok(()) };
        let Ok((stream, _)) = listener.accept().await else {
            // One that is gone again is no fault of the server's; without descriptors, some will be free in a while.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(LONGEST_HEADERS);
            // Whoever breaks a connection off knows it.
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
            drop(turn);
        });
    }
}

/// All that is answered.
fn router(site: Arc<Site>) -> Router {
    let guarded = axum::middleware::from_fn_with_state(Arc::clone(&site), access::guard);
    Router::new().nest("/api/v1", routes::api()).fallback(assets::file).layer(guarded).with_state(site)
}

/// A refusal, as every answer with a status of 4xx or 5xx is.
fn refuse(status: StatusCode, why: impl Into<String>) -> Response {
    let mut response = (status, axum::Json(super::view::RefusalView { error: why.into() })).into_response();
    secure(&mut response);
    response
}

/// What every answer tells a browser.
fn secure(response: &mut Response) {
    let headers = response.headers_mut();
    let set = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in set {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// Nothing but our own files and answers, and nothing within them is a script or a style.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: \
    blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// What is answered at a time, of what only looks and of what searches; others wait.
const MOST_LOOKS: usize = 16;
const MOST_SEARCHES: usize = 4;
/// Cases of threads at a time, each a process.
const MOST_CASES: usize = 2;
/// Checks that run at a time: one of each open case.
const MOST_CHECKS: usize = 8;
/// Connections at a time; a page has half a dozen.
const MOST_CONNECTIONS: usize = 256;
/// How long a connection may say nothing.
const LONGEST_HEADERS: Duration = Duration::from_secs(10);
/// Bytes of a thread's stack.
const STACK: usize = 32 << 20;

/// How much a search may look at where nobody says otherwise: 30 seconds' worth.
const SEARCH_TIME: Duration = Duration::from_secs(30);
const SEARCH_STATES: usize = 1_000_000;

/// Whether there is memory for more.
fn has_room() -> bool {
    memory::safe_share().is_none_or(|most| memory::resident() < most)
}

//! Who may ask.

use super::routes::LARGEST_BODY;
use super::{Site, refuse, secure};
use crate::store::hex;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Request, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Who may ask: by the names under which the server is reached and, beyond this machine, by a token.
#[derive(Clone, Debug)]
pub struct Access {
    address: SocketAddr,
    token: Option<String>,
}

impl Access {
    /// To a server on that address; with a token where others than this machine can reach it.
    ///
    /// # Errors
    /// When the system has no random numbers for a token.
    pub fn to(address: SocketAddr) -> Result<Self, String> {
        let token = (!address.ip().is_loopback()).then(token).transpose();
        let token = token.map_err(|cause| format!("the system has no random numbers for a token: {cause}"))?;
        Ok(Self { address, token })
    }

    /// The address of the page, the token included where there is one: in the fragment, which is sent to nobody.
    pub fn url(&self) -> String {
        let host = match self.address.ip() {
            ip if ip.is_unspecified() => "localhost".to_owned(),
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        let fragment = self.token.as_ref().map_or_else(String::new, |token| format!("#token={token}"));
        format!("http://{host}:{}/{fragment}", self.address.port())
    }

    /// Whether a `Host` is one under which this server is meant.
    fn is_host(&self, host: &str) -> bool {
        let Ok(uri) = format!("http://{host}/").parse::<Uri>() else { return false };
        let Some(authority) = uri.authority().filter(|of| of.as_str() == host && !host.contains('@')) else {
            return false;
        };
        if authority.port_u16().unwrap_or(80) != self.address.port() {
            return false;
        }
        let name = authority.host().trim_start_matches('[').trim_end_matches(']');
        match name.parse::<IpAddr>() {
            // A page that was reached by a name has no token of ours, unless it is ours.
            _ if self.token.is_some() => true,
            // A name can be made to mean any address; an address means itself.
            Ok(ip) => ip.is_loopback(),
            Err(_) => name.eq_ignore_ascii_case("localhost"),
        }
    }

    /// Whether what a page of `origin` asks is our own page's question.
    fn is_origin(&self, origin: &str, host: &str) -> bool {
        origin.strip_prefix("http://").is_some_and(|of| of.eq_ignore_ascii_case(host) && self.is_host(of))
    }

    fn is_allowed(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else { return true };
        let told = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let told = told.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        // As long for every token of that length.
        told.len() == token.len()
            && told.bytes().zip(token.bytes()).fold(0, |all, (one, other)| all | (one ^ other)) == 0
    }
}

/// Lets through who may ask.
pub(super) async fn guard(State(site): State<Arc<Site>>, request: Request<Body>, next: Next) -> Response {
    let access = &site.access;
    let headers = request.headers();
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).unwrap_or_default();
    if !access.is_host(host) {
        return refuse(
            StatusCode::MISDIRECTED_REQUEST,
            "this server answers to its own address alone: `Host` is another; open the address that it printed",
        );
    }
    if headers.contains_key(header::ORIGIN) && !text(header::ORIGIN).is_some_and(|of| access.is_origin(of, host)) {
        return refuse(StatusCode::FORBIDDEN, "a page of another origin may ask nothing here");
    }
    let is_api = request.uri().path().starts_with("/api/");
    let from_elsewhere =
        headers.get("sec-fetch-site").is_some_and(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"));
    if is_api && from_elsewhere {
        return refuse(StatusCode::FORBIDDEN, "a page of another site may ask nothing here");
    }
    if is_api && !access.is_allowed(headers) {
        return refuse(StatusCode::UNAUTHORIZED, "this server asks for its token; open the address that it printed");
    }
    let length = text(header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if length.is_some_and(|length| length > LARGEST_BODY as u64) {
        let most = LARGEST_BODY >> 20;
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, format!("a request has at most {most} MiB"));
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD | Method::POST) {
        return refuse(StatusCode::METHOD_NOT_ALLOWED, "there are GET and POST");
    }
    let mut response = next.run(request).await;
    secure(&mut response);
    response
}

/// 128 bits that nobody can guess, in hexadecimal.
fn token() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(hex(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_was_rebound_is_no_host_of_ours() {
        let access = Access::to("127.0.0.1:7070".parse().unwrap()).unwrap();
        for host in ["127.0.0.1:7070", "localhost:7070", "[::1]:7070", "LOCALHOST:7070"] {
            assert!(access.is_host(host), "{host}");
        }
        for host in ["evil.example:7070", "127.0.0.1", "127.0.0.1:80", "10.0.0.1:7070", "", "x@127.0.0.1:7070", "a b"] {
            assert!(!access.is_host(host), "{host}");
        }
        assert!(access.is_origin("http://localhost:7070", "localhost:7070"));
        for origin in ["http://localhost:7071", "https://localhost:7070", "null", "http://evil.example"] {
            assert!(!access.is_origin(origin, "localhost:7070"), "{origin}");
        }
    }

    #[test]
    fn others_than_this_machine_need_the_token() {
        let here = Access::to("127.0.0.1:1".parse().unwrap()).unwrap();
        assert!(here.token.is_none() && here.is_allowed(&HeaderMap::new()));
        let everywhere = Access::to("0.0.0.0:1".parse().unwrap()).unwrap();
        assert!(!everywhere.is_allowed(&HeaderMap::new()));
        let token = everywhere.token.clone().unwrap();
        assert!(everywhere.url().ends_with(&format!("#token={token}")));
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        assert!(everywhere.is_allowed(&headers));
        headers
            .insert(header::AUTHORIZATION, format!("Bearer {}", token.replace(char::is_numeric, "x")).parse().unwrap());
        assert!(!everywhere.is_allowed(&headers));
        assert_ne!(super::token().unwrap(), super::token().unwrap());
    }
}

//! The page: files that are part of the program.

use super::refuse;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

/// What `npm run build` has made of the page.
#[derive(RustEmbed)]
#[folder = "explorer/dist"]
struct Page;

/// The file of that name among those of the page; nothing else can be named.
pub(super) async fn file(method: Method, uri: Uri) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return refuse(StatusCode::METHOD_NOT_ALLOWED, "files are to be read");
    }
    let name = match uri.path().trim_start_matches('/') {
        "" => "index.html",
        name => name,
    };
    let Some(file) = Page::get(name) else {
        return refuse(StatusCode::NOT_FOUND, format!("there is no {name} here"));
    };
    // Names of built files hold a hash of what is in them.
    let kept = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind(name))),
        (header::CACHE_CONTROL, HeaderValue::from_static(kept)),
    ];
    (headers, file.data.into_owned()).into_response()
}

/// What it has made of the page that needs no server: one script and one style sheet.
#[derive(RustEmbed)]
#[folder = "explorer/dist-export"]
struct Export;

/// The script and the style of the page that needs no server.
pub(crate) fn for_export() -> Option<(String, String)> {
    let text = |name: &str| String::from_utf8(Export::get(name)?.data.into_owned()).ok();
    Some((text("export.js")?, text("export.css")?))
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

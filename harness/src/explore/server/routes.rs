//! The API, version 1.

use super::{SEARCH_STATES, SEARCH_TIME, Site, has_room, refuse};
use crate::check::Options;
use crate::explore::desk;
use crate::explore::open::Open;
use crate::explore::view::{
    AskedCase, AskedCheck, AskedCompare, AskedExport, AskedFind, AskedPath, AskedRun, AskedWalk, CaseView, CheckView,
    ClustersView, ComparedView, CounterexampleView, DisabledView, FoundView, KeptView, ModelsView, NeighbourhoodView,
    PathView, PointsView, RefusalView, RunView, StateView,
};
use crate::explore::{Budget, Desk, Refused};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use utoipa::{IntoParams, OpenApi};

/// What the API is, as `OpenAPI` 3.1.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "proofmark explorer",
        description = "Walks through the states of models. A state is named by its fingerprint; the server answers for \
            those that it has met, so that a path is followed before its states are asked for. Where the server listens \
            beyond its machine, every request has the token as `Authorization: Bearer`.",
        license(name = "MIT OR Apache-2.0")
    ),
    paths(
        models,
        open,
        state,
        disabled,
        path,
        wander,
        find,
        neighbourhood,
        clusters,
        points,
        check,
        begin_check,
        pause,
        resume,
        stop,
        events,
        run,
        counterexamples,
        counterexample,
        read_counterexample,
        compare,
        export
    )
)]
struct Document;

/// The description of the API, as JSON.
pub fn document() -> String {
    Document::openapi().to_pretty_json().unwrap_or_default() + "\n"
}

pub(super) fn api() -> Router<Arc<Site>> {
    Router::new()
        .route("/openapi.json", get(async || ([(header::CONTENT_TYPE, "application/json")], document())))
        .route("/models", get(models))
        .route("/cases", post(open))
        .route("/cases/{case}/states/{state}", get(state))
        .route("/cases/{case}/states/{state}/disabled", get(disabled))
        .route("/cases/{case}/path", post(path))
        .route("/cases/{case}/walk", post(wander))
        .route("/cases/{case}/find", post(find))
        .route("/cases/{case}/neighbourhood", get(neighbourhood))
        .route("/cases/{case}/clusters", get(clusters))
        .route("/cases/{case}/points", get(points))
        .route("/cases/{case}/check", get(check).post(begin_check))
        .route("/cases/{case}/check/pause", post(pause))
        .route("/cases/{case}/check/resume", post(resume))
        .route("/cases/{case}/check/stop", post(stop))
        .route("/cases/{case}/check/events", get(events))
        .route("/cases/{case}/compare", post(compare))
        .route("/cases/{case}/export", post(export))
        .route("/runs", post(run))
        .route("/counterexamples", get(counterexamples).post(read_counterexample))
        .route("/counterexamples/{id}", get(counterexample))
        .fallback(async || refuse(StatusCode::NOT_FOUND, "the API has no such path; see /api/v1/openapi.json"))
        .method_not_allowed_fallback(async || {
            refuse(StatusCode::METHOD_NOT_ALLOWED, "the path has other methods; see /api/v1/openapi.json")
        })
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
}

/// What can be opened.
#[utoipa::path(get, path = "/api/v1/models", responses((status = 200, body = ModelsView)))]
async fn models(State(site): State<Arc<Site>>) -> Response {
    Json(site.desk.models()).into_response()
}

/// Opens a model at a bound, perhaps with changed constants or a bug planted.
#[utoipa::path(post, path = "/api/v1/cases", request_body = AskedCase,
    responses((status = 200, body = CaseView), (status = 400, body = RefusalView)))]
async fn open(State(site): State<Arc<Site>>, Asked(asked): Asked<AskedCase>) -> Response {
    work(site, Turn::Look, move |desk, _| Ok(desk.open(&asked)?.view.clone())).await
}

/// A state that was met.
#[utoipa::path(get, path = "/api/v1/cases/{case}/states/{state}",
    responses((status = 200, body = StateView), (status = 404, body = RefusalView)))]
async fn state(State(site): State<Arc<Site>>, Path((case, state)): Path<(String, String)>) -> Response {
    of_case(site, Turn::Look, case, move |_, open, _| open.state(&state)).await
}

/// What happens elsewhere and cannot happen in a state, each with the guard that is false.
#[utoipa::path(get, path = "/api/v1/cases/{case}/states/{state}/disabled",
    responses((status = 200, body = DisabledView), (status = 404, body = RefusalView)))]
async fn disabled(State(site): State<Arc<Site>>, Path((case, state)): Path<(String, String)>) -> Response {
    of_case(site, Turn::Look, case, move |_, open, _| open.disabled(&state)).await
}

/// Follows a path by its actions, as far as the model goes along.
#[utoipa::path(post, path = "/api/v1/cases/{case}/path", request_body = AskedPath,
    responses((status = 200, body = PathView), (status = 400, body = RefusalView)))]
async fn path(State(site): State<Arc<Site>>, Path(case): Path<String>, Asked(asked): Asked<AskedPath>) -> Response {
    of_case(site, Turn::Look, case, move |_, open, _| open.path(&asked)).await
}

/// A random walk.
#[utoipa::path(post, path = "/api/v1/cases/{case}/walk", request_body = AskedWalk,
    responses((status = 200, body = PathView), (status = 400, body = RefusalView)))]
async fn wander(State(site): State<Arc<Site>>, Path(case): Path<String>, Asked(asked): Asked<AskedWalk>) -> Response {
    of_case(site, Turn::Look, case, move |_, open, _| open.wander(&asked)).await
}

/// The shortest path to a goal.
#[utoipa::path(post, path = "/api/v1/cases/{case}/find", request_body = AskedFind,
    responses((status = 200, body = FoundView), (status = 400, body = RefusalView)))]
async fn find(State(site): State<Arc<Site>>, Path(case): Path<String>, Asked(asked): Asked<AskedFind>) -> Response {
    let states = asked.states;
    of_case(site, Turn::Search, case, move |_, open, gone| open.find(&asked, &budget(states, gone))).await
}

/// What a neighbourhood is asked by.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Near {
    /// The state.
    around: String,
    /// How many steps away; 2 where it is absent.
    #[serde(default = "two")]
    layers: u8,
    /// How many states are shown, at the most; 200 where it is absent.
    #[serde(default = "two_hundred")]
    nodes: usize,
}

const fn two() -> u8 {
    2
}

const fn two_hundred() -> usize {
    200
}

/// The states near one.
#[utoipa::path(get, path = "/api/v1/cases/{case}/neighbourhood", params(Near),
    responses((status = 200, body = NeighbourhoodView), (status = 404, body = RefusalView)))]
async fn neighbourhood(
    State(site): State<Arc<Site>>,
    Path(case): Path<String>,
    AskedQuery(near): AskedQuery<Near>,
) -> Response {
    of_case(site, Turn::Look, case, move |_, open, _| open.neighbourhood(&near.around, near.layers, near.nodes)).await
}

/// What clusters are asked by.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Whole {
    /// `depth`, or an expression in CEL after `field:` or `predicate:`.
    #[serde(default = "depth")]
    by: String,
    /// How many states to look at, at the most.
    states: Option<usize>,
}

fn depth() -> String {
    "depth".to_owned()
}

/// The whole graph, states that are alike taken together.
#[utoipa::path(get, path = "/api/v1/cases/{case}/clusters", params(Whole),
    responses((status = 200, body = ClustersView), (status = 400, body = RefusalView)))]
async fn clusters(
    State(site): State<Arc<Site>>,
    Path(case): Path<String>,
    AskedQuery(whole): AskedQuery<Whole>,
) -> Response {
    of_case(site, Turn::Search, case, move |_, open, gone| open.clusters(&whole.by, &budget(whole.states, gone))).await
}

/// How many points are asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Many {
    /// How many states to look at, at the most; 100,000 where it is absent, and no more than that.
    states: Option<usize>,
}

/// States as points, laid out by depth.
#[utoipa::path(get, path = "/api/v1/cases/{case}/points", params(Many),
    responses((status = 200, body = PointsView), (status = 404, body = RefusalView)))]
async fn points(
    State(site): State<Arc<Site>>,
    Path(case): Path<String>,
    AskedQuery(many): AskedQuery<Many>,
) -> Response {
    let states = many.states.unwrap_or(MOST_POINTS).min(MOST_POINTS);
    of_case(site, Turn::Search, case, move |_, open, gone| Ok(open.points(&budget(Some(states), gone)))).await
}

/// How far the check of a case is.
#[utoipa::path(get, path = "/api/v1/cases/{case}/check",
    responses((status = 200, body = CheckView), (status = 404, body = RefusalView)))]
async fn check(State(site): State<Arc<Site>>, Path(case): Path<String>) -> Response {
    steer(&site, &case, |_| {})
}

/// Begins to check a case.
#[utoipa::path(post, path = "/api/v1/cases/{case}/check", request_body = AskedCheck,
    responses((status = 200, body = CheckView), (status = 409, body = RefusalView)))]
async fn begin_check(
    State(site): State<Arc<Site>>,
    Path(case): Path<String>,
    Asked(asked): Asked<AskedCheck>,
) -> Response {
    let open = match site.desk.case(&case) {
        Ok(open) => open,
        Err(refused) => return refused.into_response(),
    };
    if !open.live.begin(&open.case) {
        return refuse(StatusCode::CONFLICT, "it is being checked; stop that check first");
    }
    let AskedCheck { max_states, max_depth, seconds } = asked;
    let timeout = seconds.map(Duration::from_secs);
    let options = Options { max_depth, max_states, timeout, ..desk::options() };
    let checked = Arc::clone(&site);
    let checking = Arc::clone(&open);
    tokio::task::spawn_blocking(move || checked.desk.check(&checking, &options));
    Json(open.live.told().borrow().clone()).into_response()
}

/// Makes a check wait.
#[utoipa::path(post, path = "/api/v1/cases/{case}/check/pause",
    responses((status = 200, body = CheckView), (status = 404, body = RefusalView)))]
async fn pause(State(site): State<Arc<Site>>, Path(case): Path<String>) -> Response {
    steer(&site, &case, |open| open.live.pause(true))
}

/// Makes a check go on.
#[utoipa::path(post, path = "/api/v1/cases/{case}/check/resume",
    responses((status = 200, body = CheckView), (status = 404, body = RefusalView)))]
async fn resume(State(site): State<Arc<Site>>, Path(case): Path<String>) -> Response {
    steer(&site, &case, |open| open.live.pause(false))
}

/// Stops a check: what it knows by then is its verdict.
#[utoipa::path(post, path = "/api/v1/cases/{case}/check/stop",
    responses((status = 200, body = CheckView), (status = 404, body = RefusalView)))]
async fn stop(State(site): State<Arc<Site>>, Path(case): Path<String>) -> Response {
    steer(&site, &case, |open| open.live.stop())
}

/// How far a check is, now and whenever that changes: server-sent events named `status`, each with a `CheckView`.
#[utoipa::path(get, path = "/api/v1/cases/{case}/check/events",
    responses((status = 200, content_type = "text/event-stream", body = CheckView), (status = 404, body = RefusalView)))]
async fn events(State(site): State<Arc<Site>>, Path(case): Path<String>) -> Response {
    let open = match site.desk.case(&case) {
        Ok(open) => open,
        Err(refused) => return refused.into_response(),
    };
    let told = (open.live.told(), true);
    // The case stays open as long as somebody listens.
    let stream = futures_util::stream::unfold((told, open), async |((mut told, first), open)| {
        if !first {
            told.changed().await.ok()?;
        }
        let event = Event::default().event("status").json_data(&*told.borrow_and_update()).unwrap_or_default();
        Some((Ok::<_, Infallible>(event), ((told, false), open)))
    });
    Sse::new(stream).keep_alive(KeepAlive::default()).into_response()
}

/// The counterexamples that are kept.
#[utoipa::path(get, path = "/api/v1/counterexamples", responses((status = 200, body = KeptView)))]
async fn counterexamples(State(site): State<Arc<Site>>) -> Response {
    work(site, Turn::Look, |desk, _| Ok(desk.kept())).await
}

/// A counterexample that is kept, as a path through its model.
#[utoipa::path(get, path = "/api/v1/counterexamples/{id}",
    responses((status = 200, body = CounterexampleView), (status = 404, body = RefusalView)))]
async fn counterexample(State(site): State<Arc<Site>>, Path(id): Path<String>) -> Response {
    work(site, Turn::Look, move |desk, _| desk.counterexample(&id)).await
}

/// The counterexample in the text of a file: the request's body.
#[utoipa::path(post, path = "/api/v1/counterexamples", request_body(content = String, content_type = "application/json"),
    responses((status = 200, body = CounterexampleView), (status = 400, body = RefusalView)))]
async fn read_counterexample(State(site): State<Arc<Site>>, request: Request) -> Response {
    let body = match tokio::time::timeout(LONGEST_BODY, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => body,
        Ok(Err(wrong)) => return refuse(wrong.status(), wrong.body_text()),
        Err(_) => return too_slow(),
    };
    let Ok(text) = String::from_utf8(body.into()) else {
        return refuse(StatusCode::BAD_REQUEST, "the file is not UTF-8 text");
    };
    work(site, Turn::Look, move |desk, _| desk.read_counterexample("the file", &text)).await
}

/// A mutant beside the model: the first state in which they differ.
#[utoipa::path(post, path = "/api/v1/cases/{case}/compare", request_body = AskedCompare,
    responses((status = 200, body = ComparedView), (status = 400, body = RefusalView)))]
async fn compare(
    State(site): State<Arc<Site>>,
    Path(case): Path<String>,
    Asked(asked): Asked<AskedCompare>,
) -> Response {
    of_case(site, Turn::Search, case, move |desk, open, gone| desk.compare(&open, &asked, &budget(asked.states, gone)))
        .await
}

/// A run of the code beside its model.
#[utoipa::path(post, path = "/api/v1/runs", request_body = AskedRun,
    responses((status = 200, body = RunView), (status = 400, body = RefusalView)))]
async fn run(State(site): State<Arc<Site>>, Asked(asked): Asked<AskedRun>) -> Response {
    // A case may take minutes, and keeps nobody who searches waiting.
    let turn = if matches!(asked, AskedRun::Case { .. }) { Turn::Case } else { Turn::Search };
    work(site, turn, move |desk, gone| desk.run(&asked, &gone)).await
}

/// In which format a path is asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Format {
    /// `itf`; `json`, which `replay` reads where a property is named; or `html`, a page that needs no server.
    format: String,
}

/// A path as the text of a file.
#[utoipa::path(post, path = "/api/v1/cases/{case}/export", params(Format), request_body = AskedExport,
    responses((status = 200, body = String, content_type = "text/plain"), (status = 400, body = RefusalView)))]
async fn export(
    State(site): State<Arc<Site>>,
    Path(case): Path<String>,
    AskedQuery(Format { format }): AskedQuery<Format>,
    Asked(asked): Asked<AskedExport>,
) -> Response {
    let exported = at_work(site, Turn::Search, move |desk, _| desk.export(&*desk.case(&case)?, &asked, &format)).await;
    exported.map_or_else(IntoResponse::into_response, |text| {
        // Whatever it is, it is a file to be kept: no browser is to open it here.
        ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
    })
}

/// Answers with what a case's check is after it was told something.
fn steer(site: &Site, case: &str, tell: impl FnOnce(&Open)) -> Response {
    match site.desk.case(case) {
        Ok(open) => {
            tell(&open);
            Json(open.live.told().borrow().clone()).into_response()
        }
        Err(refused) => refused.into_response(),
    }
}

/// How long something may take: what only looks never waits for what searches.
#[derive(Clone, Copy)]
enum Turn {
    Look,
    Search,
    Case,
}

/// Does something with an open case on a thread of its own.
async fn of_case<T: serde::Serialize + Send + 'static>(
    site: Arc<Site>,
    turn: Turn,
    case: String,
    ask: impl FnOnce(&Desk, Arc<Open>, Arc<AtomicBool>) -> Result<T, Refused> + Send + 'static,
) -> Response {
    work(site, turn, move |desk, gone| ask(desk, desk.case(&case)?, gone)).await
}

/// Does what may take long on a thread of its own, and answers with it as JSON.
async fn work<T: serde::Serialize + Send + 'static>(
    site: Arc<Site>,
    turn: Turn,
    ask: impl FnOnce(&Desk, Arc<AtomicBool>) -> Result<T, Refused> + Send + 'static,
) -> Response {
    // It is written there too: a large answer takes a while.
    let written = at_work(site, turn, |desk, gone| {
        let answer = ask(desk, gone)?;
        serde_json::to_vec(&answer).map_err(|error| Refused::Busy(format!("the answer cannot be written: {error}")))
    });
    written.await.map_or_else(IntoResponse::into_response, |json| {
        ([(header::CONTENT_TYPE, "application/json")], json).into_response()
    })
}

/// Does what may take long on a thread of its own, once it is its turn. It is told when nobody waits for it any more.
async fn at_work<T: Send + 'static>(
    site: Arc<Site>,
    turn: Turn,
    ask: impl FnOnce(&Desk, Arc<AtomicBool>) -> Result<T, Refused> + Send + 'static,
) -> Result<T, Refused> {
    let turns = match turn {
        Turn::Look => &site.looks,
        Turn::Search => &site.searches,
        Turn::Case => &site.cases,
    };
    let waiting = tokio::time::timeout(LONGEST_WAIT, Arc::clone(turns).acquire_owned());
    let Ok(Ok(turn)) = waiting.await else {
        return Err(Refused::Busy("too much is being looked for; try again in a moment".to_owned()));
    };
    if !has_room() {
        return Err(Refused::Busy(
            "there is no memory left; restart the explorer, or choose a smaller bound".to_owned(),
        ));
    }
    let gone = Gone(Arc::new(AtomicBool::new(false)));
    let told = Arc::clone(&gone.0);
    let asked = Arc::clone(&site);
    let working = tokio::task::spawn_blocking(move || {
        // The turn is over when the work is, also where nobody waits for it any more.
        let _turn = turn;
        crate::panics::catch(|| ask(&asked.desk, told))
    });
    match working.await {
        Ok(Ok(answer)) => answer,
        Ok(Err(said)) => Err(Refused::Broken(format!("internal error in the model: {said}"))),
        Err(error) => Err(Refused::Broken(format!("internal error: {error}"))),
    }
}

/// Tells a search that whoever asked has gone.
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn budget(states: Option<usize>, gone: Arc<AtomicBool>) -> Budget {
    Budget::new(states.unwrap_or(SEARCH_STATES).min(SEARCH_STATES), SEARCH_TIME, gone)
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match &self {
            Refused::Wrong(_) => StatusCode::BAD_REQUEST,
            Refused::Missing(_) => StatusCode::NOT_FOUND,
            Refused::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
            Refused::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        refuse(status, self.to_string())
    }
}

/// A body in JSON. What is wrong with one is told as every refusal is.
struct Asked<T>(T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Asked<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        match tokio::time::timeout(LONGEST_BODY, Json::<T>::from_request(request, state)).await {
            Ok(Ok(Json(asked))) => Ok(Self(asked)),
            Ok(Err(wrong)) => Err(refuse(wrong.status(), wrong.body_text())),
            Err(_) => Err(too_slow()),
        }
    }
}

fn too_slow() -> Response {
    refuse(StatusCode::REQUEST_TIMEOUT, "the body of the request did not come in time")
}

/// A query. What is wrong with one is told as every refusal is.
struct AskedQuery<T>(T);

impl<T: DeserializeOwned, S: Send + Sync> axum::extract::FromRequestParts<S> for AskedQuery<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, state: &S) -> Result<Self, Response> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(wrong) => Err(refuse(wrong.status(), wrong.body_text())),
        }
    }
}

/// How long a body may take.
const LONGEST_BODY: Duration = Duration::from_secs(30);
/// Bytes of a request: as large as a counterexample's file may be.
pub(super) const LARGEST_BODY: usize = 64 << 20;
/// Points that are asked for at once.
const MOST_POINTS: usize = 100_000;
/// How long a search waits for its turn.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

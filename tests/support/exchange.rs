//! One request through a stack of layers, and what the layers allocate for it.

use std::{cell::RefCell, rc::Rc};

use allocation_counter::{AllocationInfo, measure};
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode,
    header::{SEC_WEBSOCKET_PROTOCOL, UPGRADE},
};

use crate::harness::{Body, Piece, service};

/// Sends `request` through the layers, to a handler that replies `response`. Returns
/// what the handler got, if anything, what came out, and what the layers allocated.
pub fn exchange(
    stack: &[Piece],
    request: Request<Body>,
    response: Response<String>,
) -> (Option<Request<Body>>, Response<String>, AllocationInfo) {
    let inward = Rc::new(RefCell::new(None));
    let (slot, mut response) = (Rc::clone(&inward), Some(response));
    let handler = move |request| {
        *slot.borrow_mut() = Some(request);
        response.take().expect("the handler is called once")
    };
    let mut service = service(stack, Box::new(handler));
    let mut outward = None;
    let allocated = measure(|| outward = Some(service(request)));
    (inward.take(), outward.unwrap(), allocated)
}

/// A handshake with these lines. A server's values are parts of a buffer, and clones of
/// one another.
pub fn handshake<'a>(lines: impl IntoIterator<Item = &'a HeaderValue>) -> Request<Body> {
    let mut request = Request::new("");
    // A real server has extensions of its own.
    request.extensions_mut().insert("of the server");
    let headers = request.headers_mut();
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    for line in lines {
        headers.append(SEC_WEBSOCKET_PROTOCOL, line.clone());
    }
    request
}

/// A handshake with these lines.
pub fn offering(offers: &[&'static str]) -> Request<Body> {
    let lines: Vec<_> = offers
        .iter()
        .copied()
        .map(HeaderValue::from_static)
        .collect();
    handshake(&lines)
}

/// A reply that completes a handshake. It has room for headers, as that of a server that
/// has worked before.
pub fn switch() -> Response<String> {
    let mut response = Response::new(String::new());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    response.headers_mut().reserve(8);
    response
}

/// The lines that name subprotocols.
pub fn lines(headers: &HeaderMap) -> Vec<&HeaderValue> {
    headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter().collect()
}

/// Adds headers until no more fit.
pub fn fill(headers: &mut HeaderMap) {
    for number in 0.. {
        let name: HeaderName = format!("x-{number}").parse().unwrap();
        let value = HeaderValue::from_static("");
        if headers.try_append(name, value).is_err() {
            break;
        }
    }
    assert!(headers.keys_len() > 20_000);
}

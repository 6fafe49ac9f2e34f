//! Functions of hyper behind each layer.

use std::convert::Infallible;

use axum_subprotocol::{OfferedCredentialLayer, SubprotocolLayer};
use bytes::Bytes;
use http_body_util::{Empty, combinators::BoxBody};
use hyper::{
    Request, Response,
    body::Incoming,
    rt::{Read, Write},
    server::conn::http1::Builder,
};
use hyper_util::service::TowerToHyperService;
use tower::{Layer, service_fn};

async fn streams(_: Request<Incoming>) -> Result<Response<BoxBody<Bytes, Infallible>>, Infallible> {
    Ok(Response::default())
}

async fn is_empty(_: Request<Incoming>) -> Result<Response<Empty<Bytes>>, Infallible> {
    Ok(Response::default())
}

fn serve(stream: impl Read + Write + Unpin, other: impl Read + Write + Unpin) {
    let service = SubprotocolLayer::new(["mqtt"]).layer(service_fn(streams));
    drop(Builder::new().serve_connection(stream, TowerToHyperService::new(service)));

    let service = OfferedCredentialLayer::bare().layer(service_fn(is_empty));
    drop(Builder::new().serve_connection(other, TowerToHyperService::new(service)));
}

fn main() {}

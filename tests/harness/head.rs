//! Heads of requests and replies.

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, Version,
};

use super::{Body, OF_HANDLER};

/// A header line, with a `char` for each byte.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub text: String,
    pub is_sensitive: bool,
}

impl Line {
    pub fn new(text: impl Into<String>) -> Self {
        let (text, is_sensitive) = (text.into(), false);
        Self { text, is_sensitive }
    }

    pub fn sensitive(text: impl Into<String>) -> Self {
        let (text, is_sensitive) = (text.into(), true);
        Self { text, is_sensitive }
    }

    fn of(value: &HeaderValue) -> Self {
        Self {
            text: value.as_bytes().iter().copied().map(char::from).collect(),
            is_sensitive: value.is_sensitive(),
        }
    }

    pub fn value(&self) -> HeaderValue {
        let byte = |char| u8::try_from(char).expect("a char stands for a byte");
        let bytes: Vec<u8> = self.text.chars().map(byte).collect();
        let mut value = HeaderValue::try_from(bytes).expect("made for a header");
        value.set_sensitive(self.is_sensitive);
        value
    }
}

/// Header lines, sorted by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Headers(Vec<(HeaderName, Line)>);

impl Headers {
    pub fn of(map: &HeaderMap) -> Self {
        let mut headers = Self::default();
        for (name, value) in map {
            headers.append(name, Line::of(value));
        }
        headers
    }

    pub fn append(&mut self, name: &HeaderName, line: Line) {
        let is_before = |known: &HeaderName| known.as_str() <= name.as_str();
        let at = self.0.partition_point(|(known, _)| is_before(known));
        self.0.insert(at, (name.clone(), line));
    }

    pub fn remove(&mut self, name: &HeaderName) {
        self.0.retain(|(known, _)| known != name);
    }

    pub fn set(&mut self, name: &HeaderName, line: Line) {
        self.remove(name);
        self.append(name, line);
    }

    pub fn contains(&self, name: HeaderName) -> bool {
        self.lines(name).next().is_some()
    }

    pub fn lines(&self, name: HeaderName) -> impl Iterator<Item = &Line> {
        let named = self.0.iter().filter(move |(known, _)| *known == name);
        named.map(|(_, line)| line)
    }

    /// The text of the only line.
    pub fn only(&self, name: HeaderName) -> Option<&str> {
        let mut lines = self.lines(name);
        let line = lines.next();
        assert_eq!(lines.next(), None);
        line.map(|line| line.text.as_str())
    }

    /// All elements of the lines, without the blanks around them.
    pub fn list(&self, name: HeaderName) -> impl Iterator<Item = &str> {
        let elements = self.lines(name).flat_map(|line| line.text.split(','));
        elements.map(|element| element.trim_matches([' ', '\t']))
    }

    fn write(&self, map: &mut HeaderMap) {
        for (name, line) in &self.0 {
            map.append(name, line.value());
        }
    }
}

/// A request.
#[derive(Clone, Debug)]
pub struct RequestCase {
    pub version: Version,
    pub method: Method,
    pub uri: &'static str,
    pub headers: Headers,
}

impl RequestCase {
    pub fn request(&self) -> Request<Body> {
        let mut request = Request::new("of the client");
        *request.version_mut() = self.version;
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = Uri::from_static(self.uri);
        self.headers.write(request.headers_mut());
        request.extensions_mut().insert("of the server");
        request
    }
}

/// A reply of the handler.
#[derive(Clone, Debug)]
pub struct ReplyCase {
    pub status: u16,
    pub headers: Headers,
}

impl ReplyCase {
    pub fn response(&self) -> Response<String> {
        let mut response = Response::new(OF_HANDLER.to_owned());
        *response.status_mut() = StatusCode::from_u16(self.status).expect("a status");
        self.headers.write(response.headers_mut());
        response.extensions_mut().insert("of the handler");
        response
    }
}

//! What the rules say about a case: a second implementation, on whole strings, written from
//! the rules without the sources.

use std::{cell::RefCell, rc::Rc};

use axum_subprotocol::{Malformed, Preference, Require};
use http::{
    HeaderName, Method, Version,
    header::{
        AUTHORIZATION, CONTENT_TYPE, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
        SEC_WEBSOCKET_VERSION, UPGRADE,
    },
};

use super::{
    Case, Choice, CredentialConfig, Fault, Form, Headers, Inward, Line, Middleware, Observed,
    Outward, Piece, RETRY, Rejection, ReplyCase, RequestCase, SubprotocolConfig, X_TOKEN, token,
};

const BLANKS: [char; 2] = [' ', '\t'];

/// What is seen of `case`, if all layers keep the rules.
pub fn expected(case: &Case) -> Observed {
    let mut inward = Vec::new();
    let mut handler = |request: Request<'_>| {
        let ReplyCase { status, headers } = case.replies[inward.len() % 2].clone();
        inward.push(request.seen());
        Outward {
            is_of_handler: true,
            status,
            headers,
            rejection: None,
        }
    };
    let request = Request {
        sent: &case.request,
        headers: case.request.headers.clone(),
        decision: None,
        looked_at: Vec::new(),
        filled: Vec::new(),
        mark: Vec::new(),
    };
    let outward = send(&case.stack, request, &mut handler);
    Observed { inward, outward }
}

/// Sends a request to what is inside a piece.
type Inner<'a> = &'a mut dyn FnMut(Request<'_>) -> Outward;

/// Sends `request` through `stack`, from the outermost piece to the handler.
fn send(stack: &[Piece], request: Request<'_>, handler: Inner<'_>) -> Outward {
    let Some((outermost, inside)) = stack.split_first() else {
        return handler(request);
    };
    let inner = &mut |request: Request<'_>| send(inside, request, handler);
    match outermost {
        Piece::Middleware(middleware) => intervene(middleware, request, inner),
        // R1 and C1: everything else passes through untouched.
        _ if !request.is_handshake() => inner(request),
        Piece::Subprotocol(config) => negotiate(config, request, inner),
        Piece::Credential(config) => take_out(config, request, inner),
    }
}

/// A request on its way in. A clone shares the cell of its decision, and nothing else.
#[derive(Clone)]
struct Request<'a> {
    /// Its version, method and URI never change.
    sent: &'a RequestCase,
    headers: Headers,
    /// Of the innermost `SubprotocolLayer` so far.
    decision: Option<Decision>,
    /// Of the credential layers so far (C6).
    looked_at: Vec<Form>,
    /// The headers that credential layers filled (C6).
    filled: Vec<HeaderName>,
    /// The extension `CredentialFromOffers`, which middleware can change (C6).
    mark: Vec<HeaderName>,
}

/// What a `SubprotocolLayer` leaves in a request (R7, R9).
#[derive(Clone)]
struct Decision {
    /// All elements that the client sent, with the empty ones.
    list: Vec<String>,
    offered: Vec<String>,
    selected: Option<String>,
    /// The answers of a layer further in, of which the last one counts.
    cell: Rc<RefCell<Vec<Option<String>>>>,
}

impl Request<'_> {
    /// R1.
    fn is_handshake(&self) -> bool {
        match self.sent.version {
            Version::HTTP_11 => {
                self.headers.list(UPGRADE).any(is_websocket)
                    || self.headers.contains(SEC_WEBSOCKET_KEY)
            }
            Version::HTTP_2 | Version::HTTP_3 => {
                let has_path = !self.sent.request().uri().path().is_empty();
                self.sent.method == Method::CONNECT
                    && (has_path || self.headers.contains(SEC_WEBSOCKET_VERSION))
            }
            Version::HTTP_10 => {
                self.sent.method == Method::CONNECT && self.headers.contains(SEC_WEBSOCKET_KEY)
            }
            _ => false,
        }
    }

    /// R2: all elements of the list, with the empty ones.
    fn list(&self) -> Vec<String> {
        (self.headers.list(SEC_WEBSOCKET_PROTOCOL).map(str::to_owned)).collect()
    }

    /// What the handler sees.
    fn seen(self) -> Inward {
        let mut from_offers = vec![AUTHORIZATION, X_TOKEN];
        from_offers.retain(|name| self.mark.contains(name));
        Inward {
            headers: self.headers,
            offered: self.decision.clone().map(|decision| decision.offered),
            selected: self.decision.and_then(|decision| decision.selected),
            from_offers,
        }
    }
}

/// R8: whether `reply` completes the handshake that was `sent`.
fn completes(reply: &Outward, sent: &RequestCase) -> bool {
    if sent.version <= Version::HTTP_11 {
        let mut upgrades = reply.headers.lines(UPGRADE);
        reply.status == 101 && upgrades.all(|line| is_websocket(line.text.trim_matches(BLANKS)))
    } else {
        (200..300).contains(&reply.status)
    }
}

fn is_websocket(upgrade: &str) -> bool {
    upgrade.eq_ignore_ascii_case("websocket")
}

/// An RFC 9110 `token`.
fn is_token(text: &str) -> bool {
    let is_tchar = |char: char| char.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(char);
    !text.is_empty() && text.chars().all(is_tchar)
}

/// A reply that a layer makes.
fn reject(rejection: Rejection) -> Outward {
    let mut headers = Headers::default();
    headers.set(&CONTENT_TYPE, Line::new("text/plain; charset=utf-8"));
    Outward {
        is_of_handler: false,
        status: match rejection {
            Rejection::Unoffered | Rejection::Credential(Fault::WrongOrder) => 500,
            _ => 400,
        },
        headers,
        rejection: Some(rejection),
    }
}

/// Other middleware. It knows no rules.
fn intervene(middleware: &Middleware, mut request: Request<'_>, inner: Inner<'_>) -> Outward {
    match middleware {
        Middleware::Retry => {
            inner(request.clone());
            request.headers.append(&RETRY, Line::new(""));
        }
        Middleware::AppendToRequest((name, line)) => request.headers.append(name, line.clone()),
        Middleware::RemoveFromRequest(name) => request.headers.remove(name),
        Middleware::ForgeMark => request.mark = vec![AUTHORIZATION, X_TOKEN],
        Middleware::RemoveMark => request.mark.clear(),
        _ => {}
    }
    let mut reply = inner(request);
    match middleware {
        Middleware::SetStatus(status) => reply.status = *status,
        Middleware::AppendToReply((name, line)) => reply.headers.append(name, line.clone()),
        Middleware::RebuildReply => (reply.headers, reply.rejection) = (Headers::default(), None),
        _ => {}
    }
    reply
}

/// A handshake through a `SubprotocolLayer`.
fn negotiate(config: &SubprotocolConfig, mut request: Request<'_>, inner: Inner<'_>) -> Outward {
    // R9: from the client's own list, even if middleware changed the header.
    let outer = request.decision.take();
    let list = match &outer {
        Some(outer) => outer.list.clone(),
        None => request.list(),
    };
    let decision = match decide(config, list, request.headers.contains(RETRY)) {
        Ok(decision) => decision,
        Err(rejection) => return reject(rejection),
    };
    // R7: one line with the selected name, or none.
    write(
        &mut request.headers,
        decision.selected.clone().map(Line::new),
    );
    request.decision = Some(decision.clone());
    let sent = request.sent;
    let mut reply = inner(request);

    // R8: what the inner service wrote is replaced.
    write(&mut reply.headers, None);
    if completes(&reply, sent) {
        // R9: the innermost layer decides.
        let answer = decision.cell.take().pop().unwrap_or(decision.selected);
        if let Some(outer) = outer {
            outer.cell.borrow_mut().push(answer.clone());
        }
        write(&mut reply.headers, answer.map(Line::new));
    }
    reply
}

/// Leaves at most this line of the header.
fn write(headers: &mut Headers, line: Option<Line>) {
    headers.remove(&SEC_WEBSOCKET_PROTOCOL);
    if let Some(line) = line {
        headers.append(&SEC_WEBSOCKET_PROTOCOL, line);
    }
}

/// R3: the names that the client offers, or the first fault in its list.
fn judge(config: &SubprotocolConfig, list: &[String]) -> Result<Vec<String>, Rejection> {
    let mut offered = Vec::new();
    for (index, element) in list.iter().enumerate() {
        let limit = config.max_offers;
        if index >= limit {
            return Err(Rejection::TooMany { limit });
        }
        if is_token(element) || config.names().contains(&element.as_str()) {
            offered.push(element.clone());
        } else if !element.is_empty() && config.malformed == Malformed::Reject {
            return Err(Rejection::Malformed { index });
        }
    }
    Ok(offered)
}

/// R3 to R6.
fn decide(
    config: &SubprotocolConfig,
    list: Vec<String>,
    is_retry: bool,
) -> Result<Decision, Rejection> {
    let offered = judge(config, &list)?;
    let offers: Vec<&str> = offered.iter().map(String::as_str).collect();
    let is_offered = !offers.is_empty();
    let selected = match &config.choice {
        Choice::ByFunction(pick) => pick.select(&offers, is_retry),
        Choice::Names { names, preference } => match preference {
            Preference::Server => names.iter().copied().find(|name| offers.contains(name)),
            _ => offers.iter().copied().find(|offer| names.contains(offer)),
        },
    };
    let is_required = match config.require {
        Require::Never => false,
        Require::IfOffered => is_offered,
        _ => true,
    };
    match selected {
        Some(name) if !offers.contains(&name) => Err(Rejection::Unoffered),
        None if is_required => Err(Rejection::NothingSelected {
            offered: is_offered,
        }),
        _ => Ok(Decision {
            selected: selected.map(str::to_owned),
            list,
            offered,
            cell: Rc::default(),
        }),
    }
}

/// A handshake through an `OfferedCredentialLayer`.
fn take_out(config: &CredentialConfig, mut request: Request<'_>, inner: Inner<'_>) -> Outward {
    // C6: a layer of the same shape has already looked at it.
    let is_same = |other: &Form| is_same_shape(*other, config.form);
    if request.looked_at.iter().any(is_same) {
        return inner(request);
    }
    // C8: the list is already gone.
    if request.decision.is_some() {
        return reject(Rejection::Credential(Fault::WrongOrder));
    }
    request.looked_at.push(config.form);

    let list = request.list();
    let found = find(config.form, &list);
    let mut echo = None;
    if let Some(first) = found.first() {
        let element = &list[*first];
        let token = check(config, element, found.len());
        // C7: not with a fault, but the prefix alone is.
        if matches!(token, Ok(_) | Err(Fault::Empty)) {
            echo = Some(element.clone());
        }
        match token {
            Ok(token) => add(config, token, &mut request),
            Err(_) if config.malformed == Malformed::Ignore => {}
            Err(fault) => return reject(Rejection::Credential(fault)),
        }
        remove(&found, &mut request.headers);
    }
    let sent = request.sent;
    let mut reply = inner(request);

    // C7: the element as sent, if it was the only one, and a token.
    let is_alone = list.iter().filter(|it| !it.is_empty()).count() == 1;
    let is_named = reply
        .headers
        .list(SEC_WEBSOCKET_PROTOCOL)
        .any(|name| !name.is_empty());
    let echo = echo.filter(|element| is_alone && is_token(element));
    if config.echoes() && echo.is_some() && completes(&reply, sent) && !is_named {
        write(&mut reply.headers, echo.map(Line::sensitive));
    }
    reply
}

/// C2: two bare layers have the same shape, whatever they except.
fn is_same_shape(one: Form, other: Form) -> bool {
    let is_bare = |form| matches!(form, Form::Bare { .. });
    one == other || is_bare(one) && is_bare(other)
}

/// C2: where in the list the credentials are.
fn find(form: Form, list: &[String]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut is_announced = false;
    for (index, element) in list.iter().enumerate().filter(|(_, it)| !it.is_empty()) {
        let (is_credential, is_name) = match form {
            Form::AfterPrefix(prefix) => (element.starts_with(prefix), false),
            Form::AfterName(name) => (is_announced, element == name),
            Form::Bare { except } => (!except.contains(&element.as_str()), false),
        };
        if is_credential {
            found.push(index);
        }
        // A credential announces nothing itself.
        is_announced = is_name && !is_credential;
    }
    found
}

/// C3: the token of the first of `count` credentials. Of several faults, its own is
/// reported first.
fn check(config: &CredentialConfig, element: &str, count: usize) -> Result<String, Fault> {
    let text = match config.form {
        Form::AfterPrefix(prefix) => &element[prefix.len()..],
        Form::AfterName(_) | Form::Bare { .. } => element,
    };
    let token = token::read(config, text)?;
    if count > 1 {
        Err(Fault::Repeated)
    } else {
        Ok(token)
    }
}

/// C4: the request goes on as if the credentials had never been offered.
fn remove(found: &[usize], headers: &mut Headers) {
    let lines: Vec<Line> = headers.lines(SEC_WEBSOCKET_PROTOCOL).cloned().collect();
    write(headers, None);
    let mut indices = 0..;
    for mut line in lines {
        let elements: Vec<&str> = line.text.split(',').collect();
        let mut rest = elements.clone();
        rest.retain(|_| !found.contains(&indices.next().unwrap()));
        if rest.len() < elements.len() {
            let rest = rest.join(",");
            rest.trim_matches(BLANKS).clone_into(&mut line.text);
            if line.text.trim_matches([' ', '\t', ',']).is_empty() {
                continue;
            }
        }
        headers.append(&SEC_WEBSOCKET_PROTOCOL, line);
    }
}

/// C5 and C6: fills the header, and lists it in the mark. What the mark listed before
/// decides nothing.
fn add(config: &CredentialConfig, token: String, request: &mut Request<'_>) {
    let header = config.destination.header();
    let first = request.headers.lines(header.clone()).next();
    let (stays, value) = match config.destination.scheme() {
        Some(scheme) => {
            let stays = first.is_some_and(|line| has_scheme(&line.text, scheme));
            (stays, format!("{scheme} {token}"))
        }
        None => (first.is_some(), token),
    };
    if !stays && !request.filled.contains(&header) {
        request.headers.set(&header, Line::sensitive(value));
        request.mark.push(header.clone());
        request.filled.push(header);
    }
}

/// C5: whether a line of `Authorization` has this scheme, and something after it.
fn has_scheme(line: &str, scheme: &str) -> bool {
    let mut words = line.split(BLANKS).filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default();
    first.eq_ignore_ascii_case(scheme) && words.next().is_some()
}

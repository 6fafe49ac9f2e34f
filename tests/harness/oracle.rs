//! The contract once more, on whole strings, written from its rules alone.

use axum_subprotocol::{Malformed, Preference, Require, rejection::CredentialFault};
use http::{
    HeaderName, Method, Version,
    header::{
        CONTENT_TYPE, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
    },
};

use super::{
    Case, CredentialConfig, Headers, Inward, Line, Middleware, Outward, Piece, RETRY, Rejection,
    RequestCase, Seen, Selector, Shape, SubprotocolConfig, Target,
};

const PROTOCOL: HeaderName = SEC_WEBSOCKET_PROTOCOL;

pub fn expected(case: &Case) -> Seen {
    let mut oracle = Oracle {
        case,
        inward: Vec::new(),
    };
    let head = Head {
        headers: case.request.headers.clone(),
        looked_for: Vec::new(),
        from_offers: Vec::new(),
        negotiated: None,
    };
    let outward = oracle.reply(&case.stack, head, &mut None);
    Seen {
        inward: oracle.inward,
        outward,
    }
}

struct Oracle<'a> {
    case: &'a Case,
    inward: Vec<Inward>,
}

/// What a request carries at some place in the stack.
#[derive(Clone)]
struct Head {
    headers: Headers,
    looked_for: Vec<Shape>,
    from_offers: Vec<HeaderName>,
    negotiated: Option<Negotiated>,
}

#[derive(Clone)]
struct Negotiated {
    /// The client's own list.
    list: Vec<String>,
    offered: Vec<String>,
    selected: Option<String>,
}

impl Oracle<'_> {
    /// The reply of `stack`, which writes the name that counts to `answer` (R9).
    fn reply(&mut self, stack: &[Piece], mut head: Head, answer: &mut Option<String>) -> Outward {
        let Some((piece, inside)) = stack.split_first() else {
            return self.handler(head);
        };
        let request = &self.case.request;
        match piece {
            Piece::Middleware(middleware) => self.middleware(middleware, inside, head, answer),
            Piece::Subprotocol(config) if is_handshake(request, &head.headers) => {
                let mut own = match negotiate(config, &mut head) {
                    Ok(selected) => selected,
                    Err(rejection) => return rejected(rejection),
                };
                let mut reply = self.reply(inside, head, &mut own);
                reply.headers.remove(&PROTOCOL);
                if is_completed_by(request, &reply) {
                    if let Some(name) = &own {
                        reply.headers.append(&PROTOCOL, Line::new(name));
                    }
                    *answer = own;
                }
                reply
            }
            Piece::Credential(config) if is_handshake(request, &head.headers) => {
                let echo = match take_credential(config, &mut head) {
                    Ok(echo) => echo,
                    Err(fault) => return rejected(Rejection::Credential(fault)),
                };
                let mut reply = self.reply(inside, head, answer);
                let names_one = reply.headers.list(PROTOCOL).any(|name| !name.is_empty());
                match echo {
                    Some(echo) if is_completed_by(request, &reply) && !names_one => {
                        reply.headers.set(&PROTOCOL, Line::sensitive(echo));
                    }
                    _ => {}
                }
                reply
            }
            Piece::Subprotocol(_) | Piece::Credential(_) => self.reply(inside, head, answer),
        }
    }

    fn handler(&mut self, head: Head) -> Outward {
        let reply = &self.case.replies[self.inward.len() % 2];
        let (selected, offered) = match head.negotiated {
            Some(negotiated) => (negotiated.selected, Some(negotiated.offered)),
            None => (None, None),
        };
        let mut from_offers = head.from_offers;
        from_offers.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        self.inward.push(Inward {
            headers: head.headers,
            selected,
            offered,
            from_offers,
        });
        Outward {
            is_of_handler: true,
            status: reply.status,
            headers: reply.headers.clone(),
            rejection: None,
        }
    }

    fn middleware(
        &mut self,
        middleware: &Middleware,
        inside: &[Piece],
        mut head: Head,
        answer: &mut Option<String>,
    ) -> Outward {
        match middleware {
            Middleware::Retry => {
                self.reply(inside, head.clone(), answer);
                head.headers.append(&RETRY, Line::new(""));
            }
            Middleware::AppendToRequest((name, line)) => head.headers.append(name, line.clone()),
            Middleware::RemoveFromRequest(name) => head.headers.remove(name),
            _ => {}
        }
        let mut reply = self.reply(inside, head, answer);
        match middleware {
            Middleware::RebuildReply => {
                reply.headers = Headers::default();
                reply.rejection = None;
            }
            Middleware::SetStatus(status) => reply.status = *status,
            Middleware::AppendToReply((name, line)) => reply.headers.append(name, line.clone()),
            _ => {}
        }
        reply
    }
}

/// R1. Middleware may have changed the `headers` of the request.
fn is_handshake(request: &RequestCase, headers: &Headers) -> bool {
    match request.version {
        Version::HTTP_11 => {
            let mut upgrades = headers.list(UPGRADE);
            upgrades.any(|upgrade| upgrade.to_lowercase() == "websocket")
                || headers.contains(SEC_WEBSOCKET_KEY)
        }
        Version::HTTP_10 => {
            request.method == Method::CONNECT && headers.contains(SEC_WEBSOCKET_KEY)
        }
        Version::HTTP_2 | Version::HTTP_3 => {
            let has_path = request.uri != "host:443";
            request.method == Method::CONNECT
                && (has_path || headers.contains(SEC_WEBSOCKET_VERSION))
        }
        _ => false,
    }
}

/// R8, for a reply to a handshake.
fn is_completed_by(request: &RequestCase, reply: &Outward) -> bool {
    let is_websocket = |line: &Line| {
        let upgrade = line.text.trim_matches([' ', '\t']);
        upgrade.to_lowercase() == "websocket"
    };
    if request.version <= Version::HTTP_11 {
        reply.status == 101 && reply.headers.lines(UPGRADE).all(is_websocket)
    } else {
        reply.status / 100 == 2
    }
}

fn rejected(rejection: Rejection) -> Outward {
    let mut headers = Headers::default();
    headers.append(&CONTENT_TYPE, Line::new("text/plain; charset=utf-8"));
    let is_mistake_of_program = matches!(
        rejection,
        Rejection::Unoffered | Rejection::Credential(CredentialFault::WrongOrder)
    );
    Outward {
        is_of_handler: false,
        status: if is_mistake_of_program { 500 } else { 400 },
        headers,
        rejection: Some(rejection),
    }
}

/// The `token` of RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    let is_tchar = |char: char| char.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(char);
    !text.is_empty() && text.chars().all(is_tchar)
}

/// R2 to R7.
fn negotiate(config: &SubprotocolConfig, head: &mut Head) -> Result<Option<String>, Rejection> {
    let list = match &head.negotiated {
        Some(outer) => outer.list.clone(),
        None => head.headers.list(PROTOCOL).map(str::to_owned).collect(),
    };
    let limit = config.max_offers;
    let is_offer = |element: &str| is_token(element) || config.names().contains(&element);
    let mut read = list.iter().take(limit);
    let malformed = read.position(|element| !element.is_empty() && !is_offer(element));
    match malformed {
        Some(index) if config.malformed == Malformed::Reject => {
            return Err(Rejection::Malformed { index });
        }
        _ if list.len() > limit => return Err(Rejection::TooMany { limit }),
        _ => {}
    }
    let offered: Vec<&str> = list
        .iter()
        .map(String::as_str)
        .filter(|it| is_offer(it))
        .collect();
    let selected = match &config.selector {
        Selector::Names { names, preference } => match preference {
            Preference::Server => names.iter().copied().find(|name| offered.contains(name)),
            _ => offered.iter().copied().find(|name| names.contains(name)),
        },
        Selector::Function(function) => function.select(&offered, head.headers.contains(RETRY)),
    };
    if selected.is_some_and(|name| !offered.contains(&name)) {
        return Err(Rejection::Unoffered);
    }
    let is_required = match config.require {
        Require::Always => true,
        Require::IfOffered => !offered.is_empty(),
        _ => false,
    };
    if is_required && selected.is_none() {
        let offered = !offered.is_empty();
        return Err(Rejection::NothingSelected { offered });
    }
    head.headers.remove(&PROTOCOL);
    if let Some(name) = selected {
        head.headers.append(&PROTOCOL, Line::new(name));
    }
    let selected = selected.map(str::to_owned);
    head.negotiated = Some(Negotiated {
        offered: offered.into_iter().map(str::to_owned).collect(),
        selected: selected.clone(),
        list,
    });
    Ok(selected)
}

/// C2 to C6. Returns what a reply may have to echo (C7).
fn take_credential(
    config: &CredentialConfig,
    head: &mut Head,
) -> Result<Option<String>, CredentialFault> {
    if head.negotiated.is_some() {
        return Err(CredentialFault::WrongOrder);
    }
    if head.looked_for.contains(&config.shape) {
        return Ok(None);
    }
    head.looked_for.push(config.shape);
    let list: Vec<String> = head.headers.list(PROTOCOL).map(str::to_owned).collect();
    let credentials = credentials(config.shape, &list);
    let Some((first, sent)) = credentials.first().copied() else {
        return Ok(None);
    };
    let others = list.iter().filter(|element| !element.is_empty()).count() - 1;
    let echo = config.echoes() && others == 0 && is_token(&list[first]);
    let echo = echo.then(|| list[first].clone());
    remove(&credentials, &mut head.headers);
    let token = match token(config, sent) {
        Ok(_) if credentials.len() > 1 => Err(CredentialFault::Repeated),
        token => token,
    };
    match token {
        Ok(token) => add(config.target, &token, head),
        Err(fault) if config.malformed == Malformed::Reject => return Err(fault),
        Err(_) => {}
    }
    Ok(echo)
}

/// The numbers of the elements that are credentials, with what stands for the token.
fn credentials(shape: Shape, list: &[String]) -> Vec<(usize, &str)> {
    let elements = list.iter().map(String::as_str).enumerate();
    match shape {
        Shape::AfterPrefix(prefix) => elements
            .filter_map(|(number, element)| Some((number, element.strip_prefix(prefix)?)))
            .collect(),
        Shape::AfterName(name) => {
            let mut elements = elements.filter(|(_, element)| !element.is_empty());
            let mut credentials = Vec::new();
            while elements.any(|(_, element)| element == name) {
                credentials.extend(elements.next());
            }
            credentials
        }
    }
}

/// C3.
fn token(config: &CredentialConfig, sent: &str) -> Result<String, CredentialFault> {
    let decoded = if config.base64url {
        decode(sent)
    } else {
        Some(sent.to_owned())
    };
    // Each four digits are three bytes, right or wrong.
    let length = match &decoded {
        Some(token) => token.chars().count(),
        None => sent.chars().count() / 4 * 3,
    };
    let is_allowed = |char: char| char.is_ascii_graphic() && char != ',';
    match decoded {
        _ if length > config.max_len => Err(CredentialFault::TooLong),
        None => Err(CredentialFault::NotBase64Url),
        Some(token) if token.is_empty() => Err(CredentialFault::Empty),
        Some(token) if !token.chars().all(is_allowed) => Err(CredentialFault::ForbiddenCharacter),
        Some(token) => Ok(token),
    }
}

/// RFC 4648 §5, digit by digit. The bits that are left over must be zeros, and fewer
/// than a digit's (§3.5).
fn decode(sent: &str) -> Option<String> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bits, mut left_over) = (0, 0);
    let mut decoded = String::new();
    for char in sent.chars() {
        bits = bits * 64 + DIGITS.find(char)?;
        left_over += 6;
        if left_over >= 8 {
            left_over -= 8;
            decoded.push(char::from(u8::try_from(bits >> left_over).ok()?));
            bits %= 1 << left_over;
        }
    }
    (left_over < 6 && bits == 0).then_some(decoded)
}

/// C4. Each element goes with the comma after it, or else with the one before it.
fn remove(credentials: &[(usize, &str)], headers: &mut Headers) {
    let lines: Vec<Line> = headers.lines(PROTOCOL).cloned().collect();
    headers.remove(&PROTOCOL);
    let mut first = 0;
    for mut line in lines {
        let count = line.text.split(',').count();
        let of_line = credentials.iter().map(|(number, _)| *number);
        let of_line = of_line.filter(|number| (first..first + count).contains(number));
        let of_line: Vec<_> = of_line.map(|number| number - first).collect();
        first += count;
        for number in of_line.iter().rev() {
            let commas: Vec<_> = line.text.match_indices(',').map(|(at, _)| at).collect();
            let before = number.checked_sub(1).map(|comma| commas[comma]);
            let start = before.map_or(0, |comma| comma + 1);
            match (before, commas.get(*number)) {
                (_, Some(after)) => line.text.replace_range(start..=*after, ""),
                (Some(before), None) => line.text.truncate(before),
                (None, None) => line.text.clear(),
            }
        }
        if !of_line.is_empty() {
            let text = line.text.trim_matches([' ', '\t']);
            if text.trim_matches([' ', '\t', ',']).is_empty() {
                continue;
            }
            line = Line {
                text: text.to_owned(),
                ..line
            };
        }
        headers.append(&PROTOCOL, line);
    }
}

/// C5 and C6.
fn add(target: Target, token: &str, head: &mut Head) {
    let name = target.header();
    if head.from_offers.contains(&name) {
        return;
    }
    let own = head.headers.lines(name.clone()).next();
    let is_kept = match (own, target.scheme()) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(own), Some(scheme)) => {
            let mut words = own.text.split([' ', '\t']).filter(|word| !word.is_empty());
            words
                .next()
                .is_some_and(|word| word.eq_ignore_ascii_case(scheme))
                && words.next().is_some()
        }
    };
    if is_kept {
        return;
    }
    let value = match target.scheme() {
        Some(scheme) => format!("{scheme} {token}"),
        None => token.to_owned(),
    };
    head.headers.set(&name, Line::sensitive(value));
    head.from_offers.push(name);
}

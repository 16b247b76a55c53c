//! gRPC-Web frames by hand.

/// A message in its frame.
pub(crate) fn frames(message: &[u8]) -> Vec<u8> {
    let mut frame = vec![0];
    frame.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    frame.extend(message);
    frame
}

fn split(mut body: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut all = Vec::new();
    while body.len() >= 5 {
        let length = u32::from_be_bytes(body[1..5].try_into().unwrap()) as usize;
        all.push((body[0], body[5..5 + length].to_vec()));
        body = &body[5 + length..];
    }
    all
}

/// The first message.
pub(crate) fn message<M: prost::Message + Default>(body: &[u8]) -> M {
    let frames = split(body);
    let (_, bytes) = frames.iter().find(|(kind, _)| *kind == 0).expect("a message");
    M::decode(bytes.as_slice()).unwrap()
}

/// The trailers' text.
pub(crate) fn trailers(body: &[u8]) -> String {
    let frames = split(body);
    let (_, bytes) = frames.iter().find(|(kind, _)| *kind == 128).expect("trailers");
    String::from_utf8(bytes.clone()).unwrap()
}

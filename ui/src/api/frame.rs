//! The frames of gRPC-Web: a flag, a length, and a message or at last the trailers.

/// The bytes before a frame's content.
const HEAD: usize = 5;
/// Set in the flag of the frame that holds the trailers.
const TRAILERS: u8 = 0x80;
/// The largest frame that is taken, bytes.
const LARGEST: usize = 32 << 20;

/// What a frame holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// A message.
    Message(Vec<u8>),
    /// How the call ended.
    End(End),
    /// Something that no server of ours sends.
    Broken,
}

/// How a call ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct End {
    /// The status code; `None` when the trailers do not tell.
    pub(super) code: Option<i32>,
    /// The status with its details, in base64; empty: none.
    pub(super) details: String,
}

/// A message as a frame.
pub(super) fn frame(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    let mut frame = Vec::with_capacity(HEAD + message.len());
    frame.push(0);
    frame.extend(length.to_be_bytes());
    frame.extend(message);
    frame
}

/// Takes the first whole frame out of what has arrived; `None` while it is not whole.
pub(super) fn take(arrived: &mut Vec<u8>) -> Option<Frame> {
    let [flag, a, b, c, d] = *arrived.first_chunk::<HEAD>()?;
    let length = u32::from_be_bytes([a, b, c, d]) as usize;
    if length > LARGEST {
        return Some(Frame::Broken);
    }
    let content = arrived.get(HEAD..HEAD + length)?.to_vec();
    arrived.drain(..HEAD + length);
    Some(if flag & TRAILERS == 0 {
        Frame::Message(content)
    } else {
        Frame::End(end(&String::from_utf8_lossy(&content)))
    })
}

fn end(trailers: &str) -> End {
    let mut end = End::default();
    for (name, value) in trailers.lines().filter_map(|line| line.split_once(':')) {
        match name.trim().to_ascii_lowercase().as_str() {
            "grpc-status" => end.code = value.trim().parse().ok(),
            "grpc-status-details-bin" => value.trim().clone_into(&mut end.details),
            _ => {}
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Vec<u8> {
        let trailers = b"grpc-status: 5\r\nGRPC-Status-Details-Bin:CAU=\r\ngrpc-message:no\r\n";
        let mut end = frame(trailers);
        end[0] = TRAILERS;
        [frame(b"first"), frame(b""), end].concat()
    }

    #[test]
    fn frames_are_the_same_however_they_arrive() {
        let expected = [
            Frame::Message(b"first".to_vec()),
            Frame::Message(Vec::new()),
            Frame::End(End {
                code: Some(5),
                details: "CAU=".to_owned(),
            }),
        ];
        for piece in 1..=answer().len() {
            let (mut arrived, mut frames) = (Vec::new(), Vec::new());
            for bytes in answer().chunks(piece) {
                arrived.extend(bytes);
                frames.extend(std::iter::from_fn(|| take(&mut arrived)));
            }
            assert_eq!(frames, expected, "in pieces of {piece}");
            assert!(arrived.is_empty());
        }
    }

    #[test]
    fn a_length_beyond_reason_is_broken() {
        assert_eq!(take(&mut vec![0, 255, 255, 255, 255]), Some(Frame::Broken));
    }

    #[test]
    fn trailers_without_a_status_have_no_code() {
        assert_eq!(end("grpc-status:soon\r\nnonsense\r\n").code, None);
    }
}

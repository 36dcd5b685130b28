//! HMAC-SHA256: the one primitive under every scheme.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::Misconfigured;

/// Bytes that signatures are made with; never none.
#[derive(Clone)]
pub(crate) struct Key(Vec<u8>);

/// What a signature says, decoded.
pub(crate) struct Tag([u8; 32]);

impl Key {
    pub(crate) fn new(bytes: Vec<u8>) -> Result<Key, Misconfigured> {
        if bytes.is_empty() { Err(Misconfigured::SecretEmpty) } else { Ok(Key(bytes)) }
    }
}

impl Tag {
    /// Strictly: standard alphabet, padded, 32 bytes.
    pub(crate) fn from_base64(text: &str) -> Option<Tag> {
        // 32 bytes are 44 characters: anything else is not worth decoding.
        let bytes = STANDARD.decode(text.get(..44).filter(|_| text.len() == 44)?).ok()?;
        bytes.try_into().ok().map(Tag)
    }

    /// Strictly: 64 lower-case digits.
    pub(crate) fn from_hex(text: &str) -> Option<Tag> {
        let digits: Option<Vec<u8>> = text.bytes().take(65).map(nibble).collect();
        let digits = digits.filter(|digits| digits.len() == 64)?;
        let bytes: Vec<u8> = digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
        bytes.try_into().ok().map(Tag)
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// Whether one of the tags was made with one of the keys over the parts in a row. Each
/// comparison takes the same time wherever the tags differ.
pub(crate) fn signed(keys: &[Key], parts: &[&[u8]], tags: &[Tag]) -> bool {
    let by = |Key(key): &Key| {
        let mac = over(key, parts);
        tags.iter().any(|Tag(tag)| mac.clone().verify_slice(tag).is_ok())
    };
    keys.iter().any(by)
}

/// The tag of the parts in a row, in base64.
pub(crate) fn sign(Key(key): &Key, parts: &[&[u8]]) -> String {
    STANDARD.encode(over(key, parts).finalize().into_bytes())
}

fn over(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mac = Hmac::<Sha256>::new_from_slice(key);
    let mut mac = mac.expect("HMAC takes a key of any length (RFC 2104)");
    parts.iter().for_each(|part| mac.update(part));
    mac
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Vector {
        scheme: String,
        input: Input,
        expected: String,
    }

    #[derive(Deserialize)]
    struct Input {
        secret: String,
        #[serde(alias = "payload", alias = "message")]
        body: String,
    }

    #[test]
    fn every_official_vector_of_the_bare_primitive_is_reproduced() {
        let Some(folder) = std::env::var_os("GUERDON_DATA") else {
            eprintln!("skipped: GUERDON_DATA does not name the folder of real data");
            return;
        };
        let file = std::path::Path::new(&folder).join("webhooks/signature_vectors.json");
        let text = std::fs::read(file).expect("the vectors");
        let vectors: Vec<Vector> = serde_json::from_slice(&text).expect("vectors");
        let mut checked = 0;
        for vector in &vectors {
            // Its secret is no plain text and its signed bytes are more than the body: it is
            // checked through the front door.
            if vector.scheme == "standard-webhooks-v1" {
                continue;
            }
            let tag =
                Tag::from_base64(&vector.expected).or_else(|| Tag::from_hex(&vector.expected));
            let Tag(tag) = tag.expect("a tag of 32 bytes");
            let mac = over(vector.input.secret.as_bytes(), &[vector.input.body.as_bytes()]);
            assert!(mac.verify_slice(&tag).is_ok(), "{} {}", vector.scheme, vector.expected);
            checked += 1;
        }
        assert_eq!(checked, 8);
    }

    #[test]
    fn tags_are_decoded_strictly() {
        let good = "hMTq0K2x7oyOjoBwGYeTj5oxfnaVYXzbanUG9aajpKI=";
        assert!(Tag::from_base64(good).is_some());
        let unpadded = &good[..43];
        let url_safe = good.replace('K', "-");
        let trailing_bits = good.replace("I=", "J=");
        let longer = format!("{good}AAAA");
        for bad in ["", unpadded, &url_safe, &trailing_bits, &longer, "é", &"é".repeat(22)] {
            assert!(Tag::from_base64(bad).is_none(), "{bad}");
        }
        let hex = "f7f9bd47fb987337b5796fdc1fdb9ba221d0d5396814bfcaf9521f43fd8927fd";
        assert!(Tag::from_hex(hex).is_some());
        let (upper, longer) = (hex.to_uppercase(), format!("{hex}0"));
        for bad in ["", &hex[..63], &hex[..62], &upper, &longer, "g"] {
            assert!(Tag::from_hex(bad).is_none(), "{bad}");
        }
    }
}
